import { defineLoad } from '../load.js';
import { asFastAsPossible, atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { createTally } from './support/tally.js';

export default defineLoad({
  name: 'puts',
  title: 'Puts of one size over a fixed number of keys',
  params: {
    rate: { default: 100, about: 'puts per second of all clients together; 0: as many as they can', strength: true },
    valueBytes: { default: 256, about: 'bytes of each value' },
    clients: { default: 8, about: 'callers, each with a connection of its own, on all members in turn' },
    keys: { default: 1000, about: 'keys written in turn' },
  },
  start: async (cluster, { rate, valueBytes, clients, keys }) => {
    const pool = openPool(cluster, clients);
    const tally = createTally();
    const value = Buffer.alloc(valueBytes, 'v');
    let turn = 0;
    const put = () => {
      const key = Buffer.from(`puts/${turn++ % keys}`);
      return tally.timed(() => pool.next().call('Put', { key, value }));
    };
    const pace = rate > 0 ? atRate(rate, clients * 8, put) : asFastAsPossible(clients, put);
    return {
      stop: async () => {
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
