import { ProbeError } from '../probe.js';
import { type DeadMounts, deadMounts } from './dead-mounts.js';

/** Threads that libuv has for files, names and compression; a release sets the variable before it begins. */
const POOL = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
/** A dead file system keeps each thread that calls it, so reads never get the last one: the bundle is written with it. */
const MAX_AT_ONCE = Math.max(1, POOL - 1);
/** Of one file system: it cannot take the threads of the others along. */
const MAX_OF_ONE = Math.max(1, Math.floor(POOL / 2));
/** A call without a deadline of its own is given up after this, ms. */
const PATIENCE_MS = 5_000;

export interface FileQueue {
  /**
   * Runs `work` on the file system of `path`, when there is room. Rejects with a ProbeError `item-timeout` when the signal aborts, or
   * at once when an earlier call on that file system has not come back.
   */
  readonly run: <T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;
  /** Calls that were given up and that the kernel has not come back from. */
  readonly lost: () => number;
  /** Counts a call outside of the queue that was given up, for good. */
  readonly abandon: () => void;
}

interface Waiting {
  readonly place: string;
  /** The item that asks. */
  readonly owner: AbortSignal | undefined;
  readonly start: () => void;
  readonly refuse: () => void;
}

/** Files of the kernel answer at once; but for those that take the memory lock of a process, which may hang. */
const isImmediate = (path: string): boolean =>
  /^\/(sys|dev)\//.test(path) ||
  (/^\/proc(\/|$)/.test(path) && !/^\/proc\/\d+\/(root|cwd|fd|cmdline|environ)(\/|$)/.test(path));

const hung = (path: string): ProbeError =>
  new ProbeError('timeout', 'item-timeout', `reading ${path} did not end in time: its file system may hang`);

/** Does not wait longer than the signal. */
const raced = <T>(path: string, signal: AbortSignal | undefined, work: Promise<T>): Promise<T> => {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(hung(path));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
};

export const createFileQueue = (mounts: DeadMounts = deadMounts, patienceMs = PATIENCE_MS): FileQueue => {
  const busy = new Map<string, number>();
  const stuck = new Map<string, number>();
  const working = new Map<AbortSignal | undefined, number>();
  const waiting = new Set<Waiting>();
  let running = 0;
  let lost = 0;

  const add = <K>(counts: Map<K, number>, key: K, by: number): void => {
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };

  /** The next that has room: of the item with the least under way, so that one with many files does not hold up one with a few. */
  const pick = (): Waiting | undefined => {
    let best: Waiting | undefined;
    for (const each of waiting) {
      if ((busy.get(each.place) ?? 0) >= MAX_OF_ONE) continue;
      if (best === undefined || (working.get(each.owner) ?? 0) < (working.get(best.owner) ?? 0)) best = each;
    }
    return best;
  };

  const next = (): void => {
    for (const each of stuck.size === 0 ? [] : waiting) {
      if (!stuck.has(each.place)) continue;
      waiting.delete(each);
      each.refuse();
    }
    while (running < MAX_AT_ONCE) {
      const best = pick();
      if (best === undefined) return;
      waiting.delete(best);
      best.start();
    }
  };

  const queued = <T>(
    path: string,
    place: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let state: 'waiting' | 'running' | 'lost' | 'over' = 'waiting';
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        end();
        reject(hung(path));
        if (state === 'waiting') waiting.delete(entry);
        if (state === 'running') {
          lost += 1;
          add(stuck, place, 1);
        }
        state = state === 'running' ? 'lost' : 'over';
        next();
      };
      const back = (): void => {
        end();
        if (state === 'lost') {
          lost -= 1;
          add(stuck, place, -1);
        }
        state = 'over';
        running -= 1;
        add(busy, place, -1);
        add(working, signal, -1);
        next();
      };
      const entry: Waiting = {
        place,
        owner: signal,
        start: () => {
          state = 'running';
          running += 1;
          add(busy, place, 1);
          add(working, signal, 1);
          if (signal === undefined) timer = setTimeout(giveUp, patienceMs);
          work().then(resolve, reject).finally(back);
        },
        refuse: () => {
          state = 'over';
          end();
          reject(new ProbeError('timeout', 'item-timeout', `${path} was not read: the file system at ${place} hangs`));
        },
      };
      if (signal?.aborted === true) {
        giveUp();
        return;
      }
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.add(entry);
      next();
    });

  return {
    run: async (path, signal, work) => {
      if (isImmediate(path)) return raced(path, signal, work());
      await mounts.looked(path);
      const owner = /^\/proc\/\d+\/(?:fd|cwd|cmdline|environ)/.exec(path)?.[0];
      const place = owner ?? mounts.mountPointOf(path);
      if (mounts.has(path)) {
        throw new ProbeError('timeout', 'item-timeout', `${path} was not read: the file system at ${place} hangs`);
      }
      return queued(path, place, signal, work);
    },
    lost: () => lost,
    abandon: () => {
      lost += 1;
    },
  };
};

/** The threads are those of the process, so is the queue. */
export const fileQueue = createFileQueue();
