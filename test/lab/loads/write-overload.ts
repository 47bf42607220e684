import { setTimeout as sleep } from 'node:timers/promises';
import { defineLoad } from '../load.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';

/** Requests that are sent in turn: made once, so that the driving process is not the bottleneck. */
const PREPARED = 256;

export default defineLoad({
  name: 'write-overload',
  title: 'As many writes as the cluster takes, and more',
  params: {
    connections: { default: 6, about: 'connections, to all members in turn' },
    callers: { default: 250, about: 'writes under way on each connection at any time', strength: true },
    operations: { default: 8, about: 'puts in each transaction' },
    valueBytes: { default: 64, about: 'bytes of each value' },
    totalMb: { default: 400, about: 'MiB of values and keys after which no more is written' },
  },
  start: async (cluster, { connections, callers, operations, valueBytes, totalMb }) => {
    const tally = createTally();
    const value = Buffer.alloc(valueBytes, 'w');
    const requests = Array.from({ length: PREPARED }, (_, at) => {
      const success = Array.from({ length: operations }, (_, op) => {
        return { requestPut: { key: Buffer.from(`overload/${at * operations + op}`), value } };
      });
      return prepare('Txn', { success });
    });
    // Key, value and what the database adds to them.
    const most = (totalMb * 1024 * 1024) / (operations * (valueBytes + 80));
    let turn = 0;
    let stopped = false;
    const caller = async (client: RawClient) => {
      while (!stopped && client.open() && turn < most) {
        const request = requests[turn++ % PREPARED];
        if (request === undefined) return;
        // A refusal for overload comes at once; a client that hurries on regardless is what this is about.
        if (!(await tally.timed(() => client.call(request, 10_000)))) await sleep(50);
      }
    };
    const writeOn = async (client: RawClient) => {
      await Promise.all(Array.from({ length: callers }, () => caller(client)));
      while (!stopped && client.open()) await sleep(500);
    };
    const pool = await keepConnected(cluster, connections, writeOn, { onFailure: tally.failure });
    return {
      stop: async () => {
        stopped = true;
        pool.close();
        return tally.report();
      },
    };
  },
});
