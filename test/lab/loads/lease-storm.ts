import { setTimeout as sleep } from 'node:timers/promises';
import { defineLoad } from '../load.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';

export default defineLoad({
  name: 'lease-storm',
  title: 'Thousands of leases granted together that nobody renews: they expire together',
  params: {
    leases: { default: 4_000, about: 'leases of each wave, each with one key', strength: true },
    ttl: { default: 12, about: 'seconds that each lease lives' },
    everySeconds: { default: 12, about: 'seconds between waves' },
    connections: { default: 6, about: 'connections, to all members in turn' },
  },
  start: async (cluster, { leases, ttl, everySeconds, connections }) => {
    const tally = createTally();
    let next = 1 + Math.floor(Math.random() * 1e9) * 1000;
    let stopped = false;

    const grant = async (client: RawClient) => {
      const id = String(next++);
      const key = Buffer.from(`storm/${id}`);
      await tally.timed(async () => {
        await client.call(prepare('LeaseGrant', { id, ttl: String(ttl) }), 10_000);
        await client.call(prepare('Put', { key, value: Buffer.from('held'), lease: id }), 10_000);
      });
    };
    const waves = async (client: RawClient) => {
      while (!stopped && client.open()) {
        const began = performance.now();
        let left = Math.ceil(leases / connections);
        const caller = async () => {
          while (!stopped && client.open() && left-- > 0) await grant(client);
        };
        await Promise.all(Array.from({ length: 40 }, caller));
        const until = began + everySeconds * 1000;
        while (!stopped && client.open() && performance.now() < until) await sleep(100);
      }
    };
    const pool = await keepConnected(cluster, connections, waves, { onFailure: tally.failure });
    return {
      stop: async () => {
        stopped = true;
        pool.close();
        return tally.report();
      },
    };
  },
});
