import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { preload } from './support/preload.js';
import { prepare, type RawClient } from './support/raw.js';
import { keepConnected } from './support/raw-pool.js';
import { createTally } from './support/tally.js';
import { endOf } from './support/watches.js';

const LISTED = 'shared/listed/';
const WATCHED = 'shared/watched/';
const WINDOW = 16 * 1024 * 1024;

export default defineLoad({
  name: 'shared-connection',
  title: 'Clients that watch and list everything over one and the same connection',
  params: {
    clients: { default: 3, about: 'clients, on all members in turn' },
    lists: { default: 8, about: 'unpaged lists that each has under way at any time', strength: true },
    keys: { default: 4_000, about: 'keys listed each time; written before' },
    valueBytes: { default: 8_192, about: 'bytes of each listed value' },
    watches: { default: 20, about: 'watch streams of each client' },
    rate: { default: 100, about: 'puts per second on what is watched' },
  },
  start: async (cluster, { clients, lists, keys, valueBytes, watches, rate }) => {
    await preload(cluster, LISTED, keys, valueBytes);
    const tally = createTally();
    const everything = prepare('Range', { key: Buffer.from(LISTED), rangeEnd: endOf(LISTED) });
    const watch = prepare('Watch', { createRequest: { key: Buffer.from(WATCHED), rangeEnd: endOf(WATCHED) } });
    let stopped = false;
    const use = async (client: RawClient) => {
      for (let at = 0; at < watches; at += 1) client.stream(watch.path).write(watch.frame);
      const listing = async () => {
        while (!stopped && client.open()) {
          if (!(await tally.timed(() => client.call(everything, 30_000))))
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
      };
      await Promise.all(Array.from({ length: lists }, listing));
    };
    const clientsOpen = await keepConnected(cluster, clients, use, { window: WINDOW, onFailure: tally.failure });
    const pool = openPool(cluster);
    const value = Buffer.alloc(1_024, 'e');
    let turn = 0;
    const pace = atRate(rate, 64, () =>
      tally.timed(() => pool.next().call('Put', { key: Buffer.from(`${WATCHED}${turn++ % 100}`), value })),
    );
    return {
      stop: async () => {
        stopped = true;
        clientsOpen.close();
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
