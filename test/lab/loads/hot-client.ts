import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster-types.js';
import { defineLoad } from '../load.js';
import { runOk } from '../../support/run.js';
import { preload } from './support/preload.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';
import { endOf } from './support/watches.js';

const PREFIX = 'hot/';
const WINDOW = 16 * 1024 * 1024;

export default defineLoad({
  name: 'hot-client',
  title: 'One client, at an address of its own, asks far more than all others',
  params: {
    keys: { default: 4_000, about: 'keys that everybody lists; written before' },
    valueBytes: { default: 8_192, about: 'bytes of each value' },
    callers: { default: 4, about: 'lists that the hot client has under way at any time', strength: true },
    others: { default: 3, about: 'clients at another address' },
    pauseMs: { default: 3_000, about: 'milliseconds between two lists of each of the others' },
  },
  start: async (cluster, { keys, valueBytes, callers, others, pauseMs }) => {
    await preload(cluster, PREFIX, keys, valueBytes);
    const from = await otherAddress(cluster);
    const tally = createTally();
    const everything = prepare('Range', { key: Buffer.from(PREFIX), rangeEnd: endOf(PREFIX) });
    let stopped = false;
    const listAgainAndAgain = async (client: RawClient, at: number) => {
      while (!stopped && client.open()) {
        const good = await tally.timed(() => client.call(everything, 30_000));
        if (at >= callers) await sleep(pauseMs * (0.5 + Math.random()));
        else if (!good) await sleep(200);
      }
    };
    const pool = await keepConnected(cluster, callers + others, listAgainAndAgain, {
      window: WINDOW,
      optionsOf: (at) => (at < callers ? { from } : {}),
      onFailure: tally.failure,
    });
    return {
      stop: async () => {
        stopped = true;
        pool.close();
        return tally.report();
      },
    };
  },
});

/** An address of this machine that no other client of the cluster comes from. */
async function otherAddress(cluster: Cluster): Promise<string> {
  if (cluster.netns === undefined) return '127.199.9.9';
  const address = `${cluster.netns.prefix}.253`;
  // It goes with the bridge at the end of the lab.
  await runOk('ip', ['addr', 'replace', `${address}/24`, 'dev', cluster.netns.bridge]);
  return address;
}
