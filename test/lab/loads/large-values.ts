import { randomBytes } from 'node:crypto';
import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { createTally } from './support/tally.js';

export default defineLoad({
  name: 'large-values',
  title: 'Few but very large values, just below the request limit',
  params: {
    rate: { default: 8, about: 'puts per second of all clients together', strength: true },
    valueBytes: { default: 1_048_576, about: 'bytes of each value; etcd takes requests up to 1.5 MiB by default' },
    keys: { default: 20, about: 'keys written in turn' },
    clients: { default: 4, about: 'connections, to all members in turn' },
    totalMb: {
      default: 400,
      about: 'MiB after which no more is written: every member keeps them in its log, and twice in memory',
    },
    compactEvery: {
      default: 40,
      about: 'puts between compactions, so that the database does not grow on and on; 0: never',
    },
  },
  start: async (cluster, { rate, valueBytes, keys, clients, totalMb, compactEvery }) => {
    const pool = openPool(cluster, clients);
    const tally = createTally();
    const value = randomBytes(valueBytes);
    const most = Math.floor((totalMb * 1024 * 1024) / valueBytes);
    let turn = 0;
    const put = async (): Promise<void> => {
      if (turn >= most) return;
      const at = turn++;
      const key = Buffer.from(`large/${at % keys}`);
      await tally.timed(async () => {
        const reply = await pool.next().call('Put', { key, value }, 20_000);
        if (compactEvery > 0 && at > 0 && at % compactEvery === 0) {
          const { revision } = reply.header as { revision: string };
          await pool.next().call('Compact', { revision }, 20_000);
        }
      });
    };
    const pace = atRate(rate, 32, put);
    return {
      stop: async () => {
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
