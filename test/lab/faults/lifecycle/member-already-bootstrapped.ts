import { defineFault } from '../../fault.js';
import { setDataAside } from './data-dir.js';
import { eachMember } from './each-member.js';
import { until } from './membership.js';
import { supervise } from './supervise.js';

export default defineFault({
  name: 'member-already-bootstrapped',
  title: 'A member finds its data dir empty and wants to found the cluster anew',
  params: { restartSeconds: { default: 2, about: 'seconds between the end of the process and its next start' } },
  on: 'member',
  truth: {
    causes: ['member-already-bootstrapped'],
    // One of three voters is gone, no spare is left.
    verdict: ['intervene-now'],
    also: {
      'crash-loop': 'it ends at the start and is started again every few seconds',
      'dead-member-in-list': 'a listed voter does not run',
    },
    fromOneNode: {
      causes: ['dead-member-in-list'],
      verdict: ['intervene-now'],
      missing: 'why it does not start stands in the log on its own node',
    },
  },
  apply: (cluster, members, params) =>
    eachMember(members, async (member) => {
      await member.stop('SIGKILL');
      const restore = setDataAside(member);
      await member.start();
      await until(20_000, `${member.name} refuses to start`, async () => !member.running);
      const end = supervise(cluster, member, params.restartSeconds);
      return async () => {
        await end();
        await member.stop('SIGKILL');
        restore();
        await member.start();
      };
    }),
});
