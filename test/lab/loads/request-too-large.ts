import { randomBytes } from 'node:crypto';
import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { createTally } from './support/tally.js';

/** gRPC codes of a refusal for size: etcd's own, and that of its gRPC server for still larger ones. */
const REFUSED: readonly unknown[] = [3, 8];

export default defineLoad({
  name: 'request-too-large',
  title: 'Puts above the request limit, tried again and again; a refusal counts as done',
  params: {
    rate: { default: 2, about: 'puts per second', strength: true },
    valueBytes: {
      default: 1_800_000,
      about: 'bytes of each value; by default etcd refuses above 1.5 MiB, gRPC above 2 MiB',
    },
  },
  start: async (cluster, { rate, valueBytes }) => {
    const pool = openPool(cluster);
    const tally = createTally();
    const value = randomBytes(valueBytes);
    const tryIt = async () => {
      try {
        await pool.next().call('Put', { key: Buffer.from('too-large'), value }, 10_000);
      } catch (error) {
        if (REFUSED.includes((error as { code?: unknown }).code)) return;
        throw error;
      }
      throw new Error(`a put of ${valueBytes} bytes was accepted`);
    };
    const pace = atRate(rate, 8, () => tally.timed(tryIt));
    return {
      stop: async () => {
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
