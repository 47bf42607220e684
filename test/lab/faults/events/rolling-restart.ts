import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';

/** As for an upgrade or a change of flags: each member in turn, the leader last, the next one when all serve. */
export default defineFault({
  name: 'rolling-restart',
  title: 'every member was restarted in turn, as for an upgrade',
  params: { gapMs: { default: 2000, about: 'milliseconds between two members' } },
  on: 'cluster',
  truth: { causes: [], verdict: ['healthy'], subject: 'any' },
  apply: async (cluster, _members, { gapMs }) => {
    const leader = await cluster.leader();
    for (const member of [...cluster.members.filter((each) => each !== leader), leader]) {
      await member.stop('SIGTERM');
      await member.start();
      await cluster.waitHealthy();
      await sleep(gapMs);
    }
    return { undo: async () => undefined };
  },
});
