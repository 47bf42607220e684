import { setTimeout as sleep } from 'node:timers/promises';

export type Pace = { readonly stop: () => Promise<void> };

/** A pacer looks at the clock no more often than this, in milliseconds: what is due meanwhile starts together. */
const SHORTEST_TICK_MS = 25;
const LONGEST_TICK_MS = 250;
/** After a stall what was missed for longer than this is left out, so that no burst follows. */
const CATCH_UP_MS = 1_000;
/** `stop` waits this long for calls that are under way. */
const LAST_CALLS_MS = 6_000;

/** Start `act` `rate` times a second, with at most `inFlight` under way; `act` must not throw. */
export function atRate(rate: number, inFlight: number, act: () => Promise<unknown>): Pace {
  const underWay = new Set<Promise<unknown>>();
  const interval = 1000 / rate;
  let due = performance.now() + Math.random() * interval;
  const timer = setInterval(
    () => {
      const now = performance.now();
      due = Math.max(due, now - CATCH_UP_MS);
      for (; due <= now; due += interval) {
        if (underWay.size >= inFlight) continue;
        const call = act().finally(() => underWay.delete(call));
        underWay.add(call);
      }
    },
    Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, interval)),
  );
  return {
    stop: async () => {
      clearInterval(timer);
      await withinTime(Promise.all(underWay));
    },
  };
}

/** `callers` that each start the next `act` when the last one ended. `act` says whether it went well; after a failure its caller waits. */
export function asFastAsPossible(callers: number, act: (caller: number) => Promise<boolean>): Pace {
  let stopped = false;
  const work = async (caller: number) => {
    while (!stopped) if (!(await act(caller))) await sleep(20);
  };
  const all = Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  return {
    stop: async () => {
      stopped = true;
      await withinTime(all);
    },
  };
}

/** Do `act` every `seconds`, one after the other. */
export function every(seconds: number, act: () => Promise<unknown>): Pace {
  return atRate(1 / seconds, 1, act);
}

async function withinTime(work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const limit = sleep(LAST_CALLS_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([work, limit]);
  enough.abort();
}
