import { defineLoad } from '../load.js';
import { preload } from './support/preload.js';
import { keepConnected } from './support/raw-pool.js';
import { prepare, type RawClient } from './support/raw.js';
import { createTally } from './support/tally.js';
import { endOf } from './support/watches.js';

const PREFIX = 'ranges/';
/** What an answer may have outstanding: a client that reads as fast as it gets. */
const WINDOW = 16 * 1024 * 1024;

export default defineLoad({
  name: 'expensive-ranges',
  title: 'Clients that list everything, without pages, again and again',
  params: {
    keys: { default: 4_000, about: 'keys listed each time; written before' },
    valueBytes: { default: 8_192, about: 'bytes of each value' },
    clients: {
      default: 4,
      about: 'clients, on all members in turn; each asks again when it has its answer',
      strength: true,
    },
    pauseMs: { default: 0, about: 'milliseconds between an answer and the next question' },
  },
  start: async (cluster, { keys, valueBytes, clients, pauseMs }) => {
    await preload(cluster, PREFIX, keys, valueBytes);
    const tally = createTally();
    const everything = prepare('Range', { key: Buffer.from(PREFIX), rangeEnd: endOf(PREFIX) });
    let stopped = false;
    const listAgainAndAgain = async (client: RawClient) => {
      while (!stopped && client.open()) {
        const good = await tally.timed(() => client.call(everything, 30_000));
        const pause = good ? pauseMs : Math.max(200, pauseMs);
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      }
    };
    const pool = await keepConnected(cluster, clients, listAgainAndAgain, { window: WINDOW, onFailure: tally.failure });
    return {
      stop: async () => {
        stopped = true;
        pool.close();
        return tally.report();
      },
    };
  },
});
