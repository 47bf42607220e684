import { defineLoad } from '../load.js';
import { every } from './support/pace.js';
import { emptyRequest } from './support/raw.js';
import { keepConnected } from './support/raw-pool.js';
import { createTally } from './support/tally.js';

const WINDOW = 4 * 1024 * 1024;

export default defineLoad({
  name: 'backups',
  title: 'Somebody saves a snapshot of the first member every so often',
  params: { everySeconds: { default: 20, about: 'seconds between the starts of two snapshots' } },
  start: async (cluster, { everySeconds }) => {
    const tally = createTally();
    const snapshot = emptyRequest('/etcdserverpb.Maintenance/Snapshot');
    const pool = await keepConnected(
      cluster,
      1,
      async (client) => {
        const pace = every(everySeconds, () => tally.timed(() => client.call(snapshot, 60_000)));
        while (client.open()) await new Promise((resolve) => setTimeout(resolve, 200));
        await pace.stop();
      },
      { members: cluster.members.slice(0, 1), window: WINDOW, onFailure: tally.failure },
    );
    return {
      stop: async () => {
        pool.close();
        return tally.report();
      },
    };
  },
});
