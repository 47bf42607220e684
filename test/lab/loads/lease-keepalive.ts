import { defineLoad } from '../load.js';
import { atRate } from './support/pace.js';
import { openPool } from './support/pool.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';

/** Leases that live long enough for every run. */
const TTL = '900';
const TICKS = 20;

export default defineLoad({
  name: 'lease-keepalive',
  title: 'Far too many renewals of leases',
  params: {
    rate: { default: 6_000, about: 'renewals per second of all streams together', strength: true },
    leases: { default: 500, about: 'leases, renewed in turn' },
    streams: { default: 24, about: 'streams, each on a connection of its own, to all members in turn' },
    outstanding: { default: 400, about: 'renewals without an answer after which a stream waits' },
  },
  start: async (cluster, { rate, leases, streams, outstanding }) => {
    const tally = createTally();
    const ids: string[] = [];
    const granting = openPool(cluster);
    try {
      await Promise.all(
        Array.from({ length: leases }, async () => {
          await tally.timed(async () => ids.push(String((await granting.next().call('LeaseGrant', { ttl: TTL })).id)));
        }),
      );
    } finally {
      granting.close();
    }
    const frames = ids.map((id) => prepare('LeaseKeepAlive', { id }));
    const [first] = frames;
    if (first === undefined) throw new Error('no lease was granted');
    let turn = 0;

    const renewOn = (client: RawClient) =>
      new Promise<void>((resolve) => {
        let sent = 0;
        let answered = 0;
        const stream = client.stream(first.path, {
          message: () => {
            answered += 1;
            tally.counted();
          },
          end: (error) => {
            pace.stop().then(resolve, resolve);
            tally.failure(error);
          },
        });
        // All that is due at a tick goes out as one write: thousands a second cost this process next to nothing.
        const pace = atRate(TICKS, 1, async () => {
          const due = Math.min(Math.round(rate / streams / TICKS), outstanding - (sent - answered));
          if (due <= 0) return;
          const some = Array.from({ length: due }, () => frames[turn++ % frames.length]?.frame ?? first.frame);
          sent += due;
          stream.write(Buffer.concat(some));
        });
      });
    const pool = await keepConnected(cluster, streams, renewOn, { onFailure: tally.failure });
    return {
      stop: async () => {
        const report = tally.report();
        pool.close();
        return report;
      },
    };
  },
});
