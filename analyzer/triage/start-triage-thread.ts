import { Worker, type WorkerOptions } from 'node:worker_threads';

// A single-file build (scripts/package/) puts another module in the place of this one: there the program is its own thread.

/** Starts the program as a thread of a triage; `main.ts` knows it by `workerData`. */
export const startTriageThread = (options: WorkerOptions): Worker =>
  new Worker(new URL('../main.js', import.meta.url), options);
