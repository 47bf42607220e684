import { readFileSync } from 'node:fs';

/** CPU time of masking, packing and checking a bundle (docs/benchmarks.md): a fixed part, and one for each MB of content, ms. */
const writeCpu = { fixedMs: 300, perMbMs: 650 } as const;
const MB = 1024 * 1024;
/** Least that is kept for writing, ms, and the most, as a share of the budget. */
const leastMs = 2_000;
const mostShare = 0.5;
/** Reading gets this much of the budget, however late it begins. */
const readShare = 0.25;
const lookEveryMs = 250;

/**
 * How many times longer than on a free CPU this process takes, by the kernel's account of its main thread: time on a CPU and time it waited
 * for one, ns (Documentation/scheduler/sched-stats.rst). 1 where the kernel does not say.
 */
const crowding = (): number => {
  try {
    const [ran = 0, waited = 0] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
    return ran > 0 && waited >= 0 ? (ran + waited) / ran : 1;
  } catch {
    return 1;
  }
};

export interface Budget {
  readonly budgetMs: number;
  /** When the run began for whoever waits for it, on the monotonic clock, ms. */
  readonly begunAt: number;
  readonly monotonic: () => number;
  /** Content to be written so far, bytes. */
  readonly bytes: () => number;
  /** For tests. */
  readonly crowded?: () => number;
}

export interface BudgetWatch {
  /** Time until the run is told to end, ms. */
  readonly left: () => number;
  readonly stop: () => void;
}

/** Time to keep back for writing the bundle, ms: what it takes on this host as crowded as it is. */
export const reserveFor = ({ budgetMs, bytes, crowded = crowding }: Omit<Budget, 'begunAt' | 'monotonic'>): number => {
  const work = (writeCpu.fixedMs + (writeCpu.perMbMs * bytes()) / MB) * crowded();
  return Math.min(Math.max(work, Math.min(leastMs, budgetMs / 10)), budgetMs * mostShare);
};

/**
 * Calls `end` once, when what is left of the budget is needed to write the bundle; at once when nothing is left. Counted from the begin of
 * the run, and looked at again and again: a host may become crowded, and logs make a bundle large.
 */
export const watchBudget = (budget: Budget, end: () => void): BudgetWatch => {
  const { budgetMs, begunAt, monotonic } = budget;
  const readUntil = monotonic() + budgetMs * readShare;
  let timer: NodeJS.Timeout | undefined;
  const left = (): number =>
    Math.max(begunAt + budgetMs - reserveFor(budget), Math.min(readUntil, begunAt + budgetMs)) - monotonic();
  const look = (): void => {
    const ms = left();
    if (ms <= 0) end();
    else timer = setTimeout(look, Math.min(ms, lookEveryMs));
  };
  look();
  return { left, stop: () => clearTimeout(timer) };
};
