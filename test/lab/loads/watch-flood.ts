import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';
import { endOf } from './support/watches.js';

/** Watches on one stream; a stream is a connection here. */
const PER_STREAM = 100;

export default defineLoad({
  name: 'watch-flood',
  title: 'Thousands of watchers, some of which never read',
  params: {
    watchers: {
      default: 5_000,
      about: 'watchers that read, on all members in turn; each on a prefix of its own',
      strength: true,
    },
    slow: { default: 12, about: 'streams that stop reading at once, on all members in turn' },
    slowWatchers: { default: 10, about: 'watchers on each of those, on everything that is written' },
    rate: { default: 60, about: 'puts per second on the watched keys' },
    valueBytes: { default: 4_096, about: 'bytes of each value' },
  },
  start: async (cluster, { watchers, slow, slowWatchers, rate, valueBytes }) => {
    const tally = createTally();
    const readers = Math.ceil(watchers / PER_STREAM);
    const creation = (prefix: string) =>
      prepare('Watch', { createRequest: { key: Buffer.from(prefix), rangeEnd: endOf(prefix) } });
    const watch = (client: RawClient, prefixes: readonly string[], reads: boolean) =>
      new Promise<void>((resolve) => {
        const requests = prefixes.map(creation);
        const { path } = creation('');
        let confirmed = 0;
        const stream = client.stream(path, {
          message: () => {
            confirmed += 1;
            if (!reads && confirmed === prefixes.length) stream.pause();
          },
          end: () => resolve(),
        });
        stream.write(Buffer.concat(requests.map(({ frame }) => frame)));
      });
    const use = (client: RawClient, at: number): Promise<void> => {
      if (at >= readers) return watch(client, Array<string>(slowWatchers).fill('flood/'), false);
      const count = Math.min(PER_STREAM, watchers - at * PER_STREAM);
      return watch(
        client,
        Array.from({ length: count }, (_, own) => `flood/${at * PER_STREAM + own}/`),
        true,
      );
    };
    const watching = await keepConnected(cluster, readers + slow, use, { onFailure: tally.failure });
    const pool = openPool(cluster);
    const value = Buffer.alloc(valueBytes, 'e');
    const pace = atRate(rate, 64, () => {
      const key = Buffer.from(`flood/${Math.floor(Math.random() * Math.max(1, watchers))}/key`);
      return tally.timed(() => pool.next().call('Put', { key, value }));
    });
    return {
      stop: async () => {
        watching.close();
        await pace.stop();
        pool.close();
        return tally.report();
      },
    };
  },
});
