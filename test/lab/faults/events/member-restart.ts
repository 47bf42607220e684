import { defineFault } from '../../fault.js';

/** As by `systemctl restart`. */
export default defineFault({
  name: 'member-restart',
  title: 'the member was restarted on purpose and serves again',
  params: {},
  on: 'member',
  truth: { causes: [], verdict: ['healthy'], subject: 'any' },
  apply: async (cluster, members) => {
    for (const member of members) {
      await member.stop('SIGTERM');
      await member.start();
      await cluster.waitHealthy();
    }
    return { undo: async () => undefined };
  },
});
