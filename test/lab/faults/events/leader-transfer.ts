import { defineFault } from '../../fault.js';
import { moveLeader } from '../move-leader.js';

export default defineFault({
  name: 'leader-transfer',
  title: 'the lead was handed to another member on purpose',
  params: {},
  on: 'cluster',
  truth: { causes: [], verdict: ['healthy'], subject: 'any' },
  apply: async (cluster) => {
    const leader = await cluster.leader();
    const next = cluster.members.find((member) => member !== leader && member.running);
    if (next === undefined) throw new Error('there is nobody to hand the lead to');
    await moveLeader(cluster, next);
    return { undo: async () => undefined };
  },
});
