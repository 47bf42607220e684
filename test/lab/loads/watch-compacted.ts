import { decodeReply } from '../../support/etcd-client.js';
import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { type Connection, openPool } from './support/pool.js';
import { prepare } from './support/raw.js';
import { createTally } from './support/tally.js';

const OUT_OF_RANGE = 11;

export default defineLoad({
  name: 'watch-compacted',
  title: 'A client that goes on from a revision which is compacted, again and again; being told so counts as done',
  params: {
    rate: { default: 5, about: 'attempts per second', strength: true },
    ranges: { default: false, about: 'read at the old revision (a page of an old list) instead of watching from it' },
  },
  start: async (cluster, { rate, ranges }) => {
    const pool = openPool(cluster);
    const tally = createTally();
    const key = Buffer.from('compacted/key');
    let revision = '0';
    for (let turn = 0; turn < 20; turn += 1) {
      const reply = await pool.next().call('Put', { key, value: Buffer.from(String(turn)) });
      revision = (reply.header as { revision: string }).revision;
    }
    await pool.next().call('Compact', { revision });

    const old = prepare('Watch', { createRequest: { key, startRevision: '1' } });
    const watch = async (connection: Connection) => {
      const client = await connection.client();
      await new Promise<void>((resolve, reject) => {
        const limit = setTimeout(() => stream.cancel(), 5_000);
        const stream = client.stream(old.path, {
          keep: true,
          message: (bytes) => {
            const { canceled, compactRevision } = decodeReply('Watch', bytes);
            if (canceled !== true) return;
            if (compactRevision === '0') reject(new Error('the watch was cancelled for another reason'));
            else resolve();
            stream.cancel();
          },
          end: (error) => {
            clearTimeout(limit);
            reject(error);
          },
        });
        stream.write(old.frame);
      });
    };
    const range = async (connection: Connection) => {
      try {
        await connection.call('Range', { key, revision: '1' });
      } catch (error) {
        if ((error as { code?: unknown }).code === OUT_OF_RANGE) return;
        throw error;
      }
      throw new Error('a read at revision 1 was answered');
    };
    const pace = atRate(rate, 16, () => tally.timed(() => (ranges ? range : watch)(pool.next())));
    return {
      stop: async () => {
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
