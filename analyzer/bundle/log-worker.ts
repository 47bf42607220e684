import { Worker } from 'node:worker_threads';
import type { LogSummary } from '../logs/types.js';

export interface LogThreadOptions {
  readonly source: string;
  /** Epoch ms. */
  readonly referenceTime: number;
}

export type ToLogThread =
  | { readonly kind: 'start'; readonly options: LogThreadOptions }
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'end' };

export type FromLogThread =
  | { readonly kind: 'used'; readonly bytes: number }
  | { readonly kind: 'summary'; readonly summary: LogSummary }
  | { readonly kind: 'failed' };

/** Bytes on their way to the thread. */
const IN_FLIGHT = 4 * 1024 * 1024;

/**
 * Summarises a log on another core, while this one inflates, parses and hashes what comes next. Worth its start (about
 * 50 ms) for large logs only. Rejects when the thread fails; the thread never outlives the call.
 */
export const summarizeInWorker = async (
  stream: AsyncIterable<Uint8Array>,
  options: LogThreadOptions,
): Promise<LogSummary> => {
  const worker = new Worker(new URL('./log-thread.js', import.meta.url), { stdin: false });
  let inFlight = 0;
  let over = false;
  let wake: (() => void) | undefined;
  const release = (): void => {
    wake?.();
    wake = undefined;
  };
  const result = new Promise<LogSummary>((resolve, reject) => {
    worker.on('message', (message: FromLogThread) => {
      if (message.kind === 'used') inFlight -= message.bytes;
      else if (message.kind === 'summary') resolve(message.summary);
      else reject(new Error('the log could not be read'));
      release();
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the log thread ended early')));
  });
  const settled = result.finally(() => {
    over = true;
    release();
  });
  // Awaited below; until then a failure must not count as unhandled.
  settled.catch(() => undefined);
  const post = (message: ToLogThread, transfer: ArrayBuffer[] = []): void => worker.postMessage(message, transfer);
  try {
    post({ kind: 'start', options });
    for await (const bytes of stream) {
      if (over) break;
      // A copy of its own: the original belongs to the parser and cannot be given away.
      const chunk = new Uint8Array(bytes);
      inFlight += chunk.length;
      post({ kind: 'chunk', chunk }, [chunk.buffer]);
      while (inFlight > IN_FLIGHT && !over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    post({ kind: 'end' });
    return await settled;
  } finally {
    await worker.terminate();
  }
};
