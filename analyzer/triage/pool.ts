import type { Worker } from 'node:worker_threads';
import type { Answer, Task, ThreadSetup } from './protocol.js';
import { startTriageThread } from './start-triage-thread.js';

/** Heap of one thread, MiB: a bundle keeps 512 MiB of files at most (`bundle/limits.ts`), and their objects are larger. */
const HEAP_MB = 2048;

/** A bundle is read in 15 minutes or refused (`bundle/limits.ts`); a case that takes longer than a few of these hangs. */
const CASE_MS = 60 * 60_000;

export interface Pool {
  /** Never rejects: a thread that dies or hangs is an answer too, and the next task gets a new one. */
  readonly run: (task: Task) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

const died = (error: unknown): Answer => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return {
    kind: 'failed',
    error:
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `needs more than ${HEAP_MB} MiB of memory; analyse it alone, with NODE_OPTIONS=--max-old-space-size`
        : `the analysis ended: ${error instanceof Error ? error.message : String(error)}`,
    exitCode: 1,
  };
};

/** At most `jobs` threads, started when there is work, each with one task at a time and used again for the next. */
export const createPool = (jobs: number, setup: ThreadSetup): Pool => {
  const idle: Worker[] = [];
  const alive = new Set<Worker>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  let closed = false;

  const start = (): Worker => {
    const worker = startTriageThread({ workerData: setup, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    alive.add(worker);
    return worker;
  };

  const ask = (worker: Worker, task: Task): Promise<{ readonly answer: Answer; readonly usable: boolean }> =>
    new Promise((resolve) => {
      const finish = (result: Answer, usable: boolean): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        // What still comes from a dying thread is no crash of the program.
        if (!usable) worker.on('error', () => undefined);
        resolve({ answer: result, usable });
      };
      const timer = setTimeout(
        () => finish({ kind: 'failed', error: 'the analysis did not end within an hour', exitCode: 1 }, false),
        CASE_MS,
      );
      const onMessage = (result: Answer): void => finish(result, true);
      const onError = (error: unknown): void => finish(died(error), false);
      const onExit = (code: number): void => finish(died(new Error(`thread exited with ${code}`)), false);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(task);
    });

  return {
    run: async (task) => {
      if (busy >= jobs) await new Promise<void>((resolve) => waiting.push(resolve));
      else busy += 1;
      if (closed) return died(new Error('it was stopped'));
      const worker = idle.pop() ?? start();
      const { answer, usable } = await ask(worker, task);
      if (usable) idle.push(worker);
      else {
        alive.delete(worker);
        void worker.terminate();
      }
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
      return answer;
    },
    close: async () => {
      closed = true;
      for (const next of waiting.splice(0)) next();
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
};
