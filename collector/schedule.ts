import type { Manifest } from '../schemas/index.js';
import type { PlannedItem } from './plan.js';
import { graceMs } from './run-probe.js';

/**
 * An item that has been silent this long no longer keeps its lane waiting, ms. So a member that answers is asked one
 * thing at a time, and one that hangs costs one timeout and not the sum of all of them.
 */
export const holdMs = 250;
/** The same for items that hold much memory: two at once would hold twice as much. */
const bulkyHoldMs = 1500;
/** Slow items are not started this close before a barrier, ms. */
const guardMs = 1500;
/** Shortest time an item gets when the end of the run is near, ms. */
const floorMs = { answering: 1000, silent: 100 } as const;
/** What a run may take beyond its window and one item timeout, ms. */
const slackMs = { oneRound: 0, rounds: 1200 } as const;

export interface ScheduleInput {
  readonly items: readonly PlannedItem[];
  readonly rounds: number;
  /** First to last barrier, ms; 0 with one round. */
  readonly windowMs: number;
  readonly itemTimeoutMs: number;
  /** Start of the run on the monotonic clock, ms: discovery counts. */
  readonly startedAt: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Runs, redacts and stores one item; never rejects. */
  readonly execute: (item: PlannedItem, timeoutMs: number) => Promise<void>;
  /** Until the run is told to stop, ms; absent where nothing but its signal ends it. */
  readonly timeLeft?: () => number;
  /** Told of every item of a round that is given up. */
  readonly giveUp?: (item: PlannedItem) => void;
  /** Called when all members of a round have answered or are known to be slow. */
  readonly afterRound: (round: number) => void;
}

const costOrder = { cheap: 0, moderate: 1, costly: 2 } as const;

const group = <T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [value]);
    else known.push(value);
  }
  return groups;
};

/** Resolves after `ms`, or at once when the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

/** A door that items of the `once` phase pass: shut around the barriers. */
const createGate = () => {
  let opened: Promise<void> = Promise.resolve();
  let open: () => void = () => undefined;
  let shut = false;
  return {
    pass: () => opened,
    shut: () => {
      if (shut) return;
      shut = true;
      opened = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => {
      shut = false;
      open();
    },
  };
};

/**
 * Runs all items: rounds at `t0 + k * window / (rounds - 1)` with every member and host behind one barrier, the `once`
 * items between them, then `after`, then `last`, then each `load` alone. A further round is given up when it would take the time of what comes
 * after the rounds: the log says more than one more sample. Ends with every item executed, at most `graceMs` after the last deadline.
 */
export const runSchedule = async (input: ScheduleInput): Promise<Manifest['synchronisation']> => {
  const { items, rounds, signal, monotonic } = input;
  const windowMs = rounds > 1 ? input.windowMs : 0;
  const slack = rounds > 1 ? slackMs.rounds : slackMs.oneRound;
  const endBy = input.startedAt + windowMs + input.itemTimeoutMs + slack - graceMs;
  const silentLanes = new Map<string, number>();
  /** Lanes in which an item ended before its time was up: slow at worst, not dead. */
  const aliveLanes = new Set<string>();
  const pending: Promise<void>[] = [];

  /** A bulky item keeps its lane longer, as far as there is time for it. */
  const holdOf = ({ bulky }: PlannedItem): number =>
    bulky === true ? Math.max(holdMs, Math.min(bulkyHoldMs, (endBy - monotonic()) / 2)) : holdMs;

  /** Starts an item; resolves when it has ended or has been silent for its hold. */
  const start = (item: PlannedItem): Promise<void> => {
    const silentNow = (silentLanes.get(item.lane) ?? 0) > 0 && !aliveLanes.has(item.lane);
    const floor = silentNow ? floorMs.silent : floorMs.answering;
    // Load was asked for on top of the rest, so it has its own time; the budget still ends it.
    const timeoutMs =
      item.phase === 'load' ? item.timeoutMs : Math.min(item.timeoutMs, Math.max(floor, endBy - monotonic()));
    const begun = monotonic();
    const done = input.execute(item, timeoutMs);
    pending.push(done);
    let hold: NodeJS.Timeout | undefined;
    let silent = false;
    const held = new Promise<void>((resolve) => {
      hold = setTimeout(() => {
        silent = true;
        silentLanes.set(item.lane, (silentLanes.get(item.lane) ?? 0) + 1);
        resolve();
      }, holdOf(item));
    });
    const ended = done.then(() => {
      clearTimeout(hold);
      if (monotonic() - begun < timeoutMs * 0.9) aliveLanes.add(item.lane);
      if (silent) silentLanes.set(item.lane, (silentLanes.get(item.lane) ?? 1) - 1);
    });
    return Promise.race([ended, held]);
  };

  const inTurn = async (lane: readonly PlannedItem[], before?: () => Promise<void>): Promise<void> => {
    for (const item of lane) {
      await before?.();
      await start(item);
    }
  };

  /** Remote items one by one for each member, cheap ones first; local ones too, for each target. */
  const runLanes = (list: readonly PlannedItem[], before?: () => Promise<void>): Promise<unknown> => {
    const lanes = [...group(list, (item) => item.lane).values()];
    return Promise.all(
      lanes.map((lane) =>
        inTurn(
          [...lane].sort((a, b) => costOrder[a.cost] - costOrder[b.cost]),
          before,
        ),
      ),
    );
  };

  /** Local reads of a round are small files: all at once, next to the barrier. What costs more must not make them late on a busy host. */
  const runRound = (list: readonly PlannedItem[], barrier: number, skew: Map<string, number>): Promise<unknown> => {
    const mark = (item: PlannedItem): void => {
      // The skew is that of members and hosts.
      if (item.target.kind !== 'cluster' && !skew.has(item.target.id))
        skew.set(item.target.id, Math.round((monotonic() - barrier) * 1000) / 1000);
    };
    const remote = group(
      list.filter((item) => item.side === 'remote'),
      (item) => item.lane,
    );
    const startMarked = (item: PlannedItem) => {
      mark(item);
      return start(item);
    };
    const lanes = [...remote.values()].map(async (lane) => {
      for (const item of lane) await startMarked(item);
    });
    const local = list.filter((item) => item.side === 'local');
    const cheap = local.filter((item) => item.cost === 'cheap').map(startMarked);
    const dearer = local.filter((item) => item.cost !== 'cheap');
    return Promise.all([...lanes, ...cheap]).then(() => Promise.all(dearer.map(startMarked)));
  };

  const inPhase = (phase: PlannedItem['phase']) => items.filter((item) => item.phase === phase);
  const roundItems = inPhase('round');
  const gate = createGate();
  const synchronisation: Manifest['synchronisation'] = [];
  const first = monotonic();
  const barrierOf = (round: number): number => first + (rounds > 1 ? (round * windowMs) / (rounds - 1) : 0);
  const guard = rounds > 1 ? Math.min(guardMs, windowMs / (rounds - 1) / 3) : 0;

  const round = async (k: number): Promise<void> => {
    await pause(barrierOf(k) - guard - monotonic(), signal);
    gate.shut();
    await pause(barrierOf(k) - monotonic(), signal);
    const barrier = monotonic();
    const barrierAt = new Date(input.now()).toISOString();
    const skew = new Map<string, number>();
    await runRound(
      roundItems.filter((item) => item.round === k),
      barrier,
      skew,
    );
    if (skew.size > 0 && !signal.aborted) {
      synchronisation.push({ round: k, barrierAt, skewMs: Object.fromEntries([...skew].sort()) });
    }
    gate.open();
    input.afterRound(k);
  };

  let roundMs = monotonic();
  await round(0);
  roundMs = monotonic() - roundMs;
  const once = runLanes(inPhase('once'), gate.pass);
  for (let k = 1; k < rounds; k += 1) {
    const wait = Math.max(0, barrierOf(k) - monotonic());
    if ((input.timeLeft?.() ?? Number.POSITIVE_INFINITY) < wait + roundMs + input.itemTimeoutMs) {
      for (const item of roundItems) if ((item.round ?? 0) >= k) input.giveUp?.(item);
      break;
    }
    await round(k);
    roundMs = monotonic() - barrierOf(k);
  }
  await once;
  await runLanes(inPhase('after'));
  await runLanes(inPhase('last'));
  await Promise.all(pending);
  for (const item of inPhase('load')) {
    await start(item);
    await Promise.all(pending);
  }
  return synchronisation;
};
