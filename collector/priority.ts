import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, getPriority, loadavg, setPriority } from 'node:os';
import type { UsageArtifact } from '../schemas/index.js';
import { type RunCommand, runCommand } from './ports/command.js';

export type Priority = NonNullable<UsageArtifact['priority']>;

export interface PriorityKeeper {
  /** Gives way to everything else on this host. The nice value is set before it returns; what came of it all, in the answer. */
  readonly lower: () => Promise<Priority>;
  /** Lifts the I/O class again, for writing the bundle: on a saturated disk the idle class may wait without end. */
  readonly beforeWriting: () => Promise<void>;
}

// About a tenth of the weight of a process with nice 0 (sched(7)): seldom in the way.
const niceValue = 10;
/** Percent of the last ten seconds in which some task waited; own estimate. */
const crowdedPercent = 25;
const toolMs = 1000;

/** Nice value and I/O class belong to threads on Linux, and the pool that reads files has some of its own. */
const threads = (): number[] => {
  if (process.platform !== 'linux') return [process.pid];
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
};

export type Resource = 'cpu' | 'io';

/**
 * What the host is short of. There the collector keeps its place: with a tenth of the weight its run of a minute did not end in two, on
 * two cores with eight busy processes, and an idle I/O class may be served never.
 */
const shortOf = (): readonly Resource[] =>
  (['cpu', 'io'] as const).filter((resource) => {
    try {
      const text = readFileSync(`/proc/pressure/${resource}`, 'utf8');
      return Number(/^some avg10=([\d.]+)/m.exec(text)?.[1] ?? 0) >= crowdedPercent;
    } catch {
      return (loadavg()[0] ?? 0) > availableParallelism();
    }
  });

/** Nothing here throws or rejects: a run at full priority is better than none. */
export const createPriorityKeeper = (run: RunCommand = runCommand, look = shortOf): PriorityKeeper => {
  let idle = false;
  // Long options on purpose: BusyBox's ionice takes one thread only and would run the second one's number as a program.
  const ionice = async (...classOf: string[]): Promise<boolean> => {
    if (process.platform !== 'linux') return false;
    try {
      const ids = threads().map(String);
      await run('ionice', [...classOf, '--pid', ...ids], {
        signal: new AbortController().signal,
        timeoutMs: toolMs,
        maxBytes: 1024,
      });
      return true;
    } catch {
      return false;
    }
  };
  const renice = (lower: boolean): number => {
    for (const thread of lower ? threads() : []) {
      try {
        if (getPriority(thread) < niceValue) setPriority(thread, niceValue);
      } catch {
        // The thread has ended, or the system does not want it.
      }
    }
    try {
      return getPriority();
    } catch {
      return 0;
    }
  };
  return {
    lower: async () => {
      const crowded = look();
      const nice = renice(!crowded.includes('cpu'));
      idle = !crowded.includes('io') && (await ionice('--class', 'idle'));
      return {
        nice,
        ioClass: idle ? 'idle' : 'unchanged',
        ...(crowded.length === 0 ? {} : { shortOf: [...crowded] }),
      };
    },
    beforeWriting: async () => {
      if (idle) await ionice('--class', 'best-effort', '--classdata', '7');
    },
  };
};
