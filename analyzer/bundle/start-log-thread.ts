import { Worker, type WorkerOptions } from 'node:worker_threads';

// A single-file build (scripts/package/) puts another module in the place of this one, with the code of the thread inside.

/** Starts `log-thread.ts` as a worker thread. */
export const startLogThread = (options: WorkerOptions): Worker =>
  new Worker(new URL('./log-thread.js', import.meta.url), options);
