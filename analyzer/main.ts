#!/usr/bin/env node
import { workerData } from 'node:worker_threads';
import { runCli } from './cli.js';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    abort.abort(new Error('interrupted'));
    // The pure part of the analysis cannot be interrupted between two awaits.
    setTimeout(() => process.exit(130), 2000).unref();
  });
}
// `etcd-analyze ... | head` closes the pipe early: not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// Not at the top level: a CommonJS build of this file cannot wait there.
const run = async (): Promise<void> => {
  process.exitCode = await runCli(process.argv.slice(2), {
    get stdin() {
      return process.stdin;
    },
    stdout: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    stderr: (text) => void process.stderr.write(text),
    stdoutIsTTY: process.stdout.isTTY === true,
    columns: process.stdout.isTTY === true ? Math.min(process.stdout.columns, 100) : 100,
    env: process.env,
    now: () => new Date(),
    signal: abort.signal,
  });

  // A read that still waits for standard input would keep the process alive.
  if (abort.signal.aborted) process.stdin.destroy();
};
// `triage` starts the program once more for each of its threads.
if ((workerData as { readonly role?: unknown } | null)?.role === 'triage')
  void import('./triage/serve.js').then(({ serve }) => serve());
else void run();
