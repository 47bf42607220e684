import type { LoadReport } from '../../load.js';

/** Counts calls and their latencies in bounded memory. */
export type Tally = {
  /** Await `call`; true if it succeeded. A failure is counted and kept as the last error. */
  timed: (call: () => Promise<unknown>) => Promise<boolean>;
  failure: (error: unknown) => void;
  /** Something succeeded whose time is not known. */
  counted: () => void;
  report: () => LoadReport;
};

/** Buckets grow by 5 %, from 10 µs: a percentile is exact to that. */
const GROWTH = Math.log(1.05);
const FIRST_MS = 0.01;

export function createTally(): Tally {
  const started = performance.now();
  const buckets: number[] = [];
  let done = 0;
  let untimed = 0;
  let failed = 0;
  let lastError: string | undefined;

  const percentile = (share: number): number => {
    let seen = 0;
    for (const [at, count] of buckets.entries()) {
      seen += count ?? 0;
      if (count !== undefined && seen > share * done) return FIRST_MS * Math.exp(at * GROWTH);
    }
    return Number.NaN;
  };
  const failure = (error: unknown): void => {
    failed += 1;
    lastError = error instanceof Error ? error.message : String(error);
  };

  return {
    failure,
    counted: () => {
      untimed += 1;
    },
    timed: async (call) => {
      const from = performance.now();
      try {
        await call();
      } catch (error) {
        failure(error);
        return false;
      }
      const bucket = Math.max(0, Math.ceil(Math.log((performance.now() - from) / FIRST_MS) / GROWTH));
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      done += 1;
      return true;
    },
    report: () => ({
      done: done + untimed,
      failed,
      seconds: (performance.now() - started) / 1000,
      p50: percentile(0.5),
      p99: percentile(0.99),
      ...(lastError === undefined ? {} : { lastError }),
    }),
  };
}
