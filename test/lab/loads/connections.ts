import { defineLoad } from '../load.js';
import { keepConnected, type RawPool } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';

/** Connections are made in bundles of so many. */
const AT_ONCE = 50;

export default defineLoad({
  name: 'connections',
  title: 'Many clients that connect, ask once and then stay idle',
  params: { count: { default: 1_000, about: 'connections, to all members in turn', strength: true } },
  start: async (cluster, { count }) => {
    const tally = createTally();
    const health = prepare('Range', { key: Buffer.from('health') });
    const stay = async (client: RawClient) => {
      await tally.timed(() => client.call(health));
      while (client.open()) await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
    };
    const pools: RawPool[] = [];
    for (let made = 0; made < count; made += AT_ONCE)
      pools.push(await keepConnected(cluster, Math.min(AT_ONCE, count - made), stay, { onFailure: tally.failure }));
    return {
      stop: async () => {
        for (const pool of pools) pool.close();
        return tally.report();
      },
    };
  },
});
