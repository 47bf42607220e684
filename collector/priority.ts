import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { UsageArtifact } from '../schemas/index.js';
import { type RunCommand, runCommand } from './ports/command.js';

export type Priority = NonNullable<UsageArtifact['priority']>;

export interface PriorityKeeper {
  /** Gives way to everything else on this host. The nice value is set before it returns; what came of it all, in the answer. */
  readonly lower: () => Promise<Priority>;
  /** Lifts the I/O class again, for writing the bundle: on a saturated disk the idle class may wait without end. */
  readonly beforeWriting: () => Promise<void>;
}

// About a tenth of the weight of a process with nice 0 (sched(7)): seldom in the way, and still served on a host that is short of CPU.
const niceValue = 10;
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

/** Nothing here throws or rejects: a run at full priority is better than none. */
export const createPriorityKeeper = (run: RunCommand = runCommand): PriorityKeeper => {
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
  const renice = (): number => {
    for (const thread of threads()) {
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
      const nice = renice();
      idle = await ionice('--class', 'idle');
      return { nice, ioClass: idle ? 'idle' : 'unchanged' };
    },
    beforeWriting: async () => {
      if (idle) await ionice('--class', 'best-effort', '--classdata', '7');
    },
  };
};
