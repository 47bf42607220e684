import { defineFault } from '../../fault.js';
import { eachMember } from '../lifecycle/each-member.js';
import { until } from '../lifecycle/membership.js';
import { supervise } from '../lifecycle/supervise.js';
import { neighbour, runLine } from './lines.js';

export default defineFault({
  name: 'downgrade-blocked',
  title: 'A member was given the binary of the minor release before, and does not start',
  params: { restartSeconds: { default: 2, about: 'seconds between the end of the process and its next start' } },
  on: 'member',
  truth: {
    causes: ['downgrade-or-storage-version-blocked'],
    // One of three voters is gone, no spare is left.
    verdict: ['intervene-now'],
    also: {
      'crash-loop': 'it ends at the start and is started again every few seconds',
      'dead-member-in-list': 'a listed voter does not run',
      'upgrade-36-membership-drift': 'a 3.5 from before the repair stands beside members of 3.6',
    },
    fromOneNode: {
      causes: ['dead-member-in-list'],
      verdict: ['intervene-now'],
      missing: 'why it does not start stands in the log on its own node',
    },
  },
  apply: (cluster, members, { restartSeconds }) =>
    eachMember(members, async (member) => {
      const putBack = await runLine(member, neighbour(cluster.binaries.line, -1));
      await until(20_000, `${member.name} refuses to start`, async () => !member.running);
      const end = supervise(cluster, member, restartSeconds);
      return async () => {
        await end();
        await putBack();
      };
    }),
});
