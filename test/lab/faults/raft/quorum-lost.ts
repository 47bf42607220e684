import { defineFault } from '../../fault.js';
import { killAll } from '../process.js';

export default defineFault({
  name: 'quorum-lost',
  title: 'as many members as hold the quorum are killed at once',
  params: {},
  on: 'member',
  truth: {
    causes: ['quorum-lost', 'dead-member-in-list'],
    verdict: ['intervene-now'],
    subject: 'any',
    also: {
      'read-index-slow': 'the survivor cannot confirm any read',
      'proposals-pending-pileup': 'writes wait on the survivor until they time out',
    },
  },
  apply: async (cluster, members) => {
    const quorum = Math.floor(cluster.members.length / 2) + 1;
    if (cluster.members.length - members.length >= quorum)
      throw new Error(`killing ${members.length} of ${cluster.members.length} leaves a quorum; do it to the majority`);
    return killAll(
      cluster,
      members.map((member) => member.index),
    );
  },
});
