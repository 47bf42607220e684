import { availableParallelism } from 'node:os';
import {
  joinSegments,
  type LogSummary,
  SEGMENT_BYTES,
  type SegmentResult,
  type SegmentSink,
  type SummarizeOptions,
  summarizeThrough,
  type Widths,
  widthsOf,
} from '../logs/index.js';
import { startLogThread } from './start-log-thread.js';

export type ToLogThread =
  | {
      readonly kind: 'open';
      readonly index: number;
      readonly options: SummarizeOptions;
      readonly tail?: Uint8Array;
      readonly widths?: Widths;
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

export type FromLogThread =
  | { readonly kind: 'used'; readonly bytes: number }
  | { readonly kind: 'segment'; readonly index: number; readonly result: SegmentResult }
  | { readonly kind: 'failed' };

/** Enough to keep up with one thread that inflates and hashes; each costs about 60 MB. */
const MAX_THREADS = 2;
/** Bytes on their way to the threads: two segments, so that one is being read while the next one comes in. */
const IN_FLIGHT = 2 * SEGMENT_BYTES;

/** Bytes of one message: thousands of small ones would cost more than their content. */
const MESSAGE_BYTES = 512 * 1024;

interface Thread {
  readonly post: (message: ToLogThread, transfer?: ArrayBuffer[]) => void;
  readonly stop: () => Promise<unknown>;
  waiting: number;
}

/**
 * Summarises a log on other cores, while this one inflates, parses and hashes what comes next: segments are read side by side and
 * joined in their order, with the outcome of `summarizeLog`. Worth its start (about 50 ms) for large logs only. Rejects when a
 * thread fails; no thread outlives the call.
 */
export const summarizeInWorkers = async (
  stream: AsyncIterable<Uint8Array>,
  options: SummarizeOptions,
): Promise<LogSummary> => {
  const pool = createPool(options);
  try {
    return await summarizeThrough(stream, options, pool);
  } finally {
    await pool.stop();
  }
};

const createPool = (options: SummarizeOptions): SegmentSink & { readonly stop: () => Promise<void> } => {
  const limit = Math.min(MAX_THREADS, availableParallelism());
  const threads: Thread[] = [];
  const done = new Map<number, SegmentResult>();
  let joined: SegmentResult | undefined;
  let [opened, closed, waiting] = [0, 0, 0];
  let batch = new Uint8Array(MESSAGE_BYTES);
  let filled = 0;
  let failure: Error | undefined;
  let current: Thread | undefined;
  let wake: (() => void) | undefined;
  const release = (): void => {
    wake?.();
    wake = undefined;
  };
  const fail = (error: Error): void => {
    failure ??= error;
    release();
  };
  const take = (index: number, result: SegmentResult): void => {
    done.set(index, result);
    for (let next = done.get(closed); next !== undefined; next = done.get(closed)) {
      joined = joinSegments(joined, next, options.source);
      done.delete(closed);
      closed += 1;
    }
  };
  const start = (): Thread => {
    const worker = startLogThread({
      stdin: false,
      // Blocks of lines die young; the default lets them pile up to three times as much.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    const thread: Thread = {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      stop: () => worker.terminate(),
      waiting: 0,
    };
    worker.on('message', (message: FromLogThread) => {
      if (message.kind === 'used') {
        waiting -= message.bytes;
        thread.waiting -= message.bytes;
      } else if (message.kind === 'segment') take(message.index, message.result);
      else fail(new Error('the log could not be read'));
      release();
    });
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the log thread ended early')));
    threads.push(thread);
    return thread;
  };
  /** The thread with the least before it; another one as long as there may be more. */
  const idlest = (): Thread => {
    const [least] = [...threads].sort((a, b) => a.waiting - b.waiting);
    return least === undefined || (least.waiting > 0 && threads.length < limit) ? start() : least;
  };
  const flush = (): void => {
    if (filled === 0) return;
    const bytes = filled === batch.length ? batch : batch.slice(0, filled);
    waiting += filled;
    if (current !== undefined) current.waiting += filled;
    current?.post({ kind: 'bytes', bytes }, [bytes.buffer]);
    if (bytes === batch) batch = new Uint8Array(MESSAGE_BYTES);
    filled = 0;
  };
  /** Waits for the threads until `enough`. */
  const until = async (enough: () => boolean): Promise<void> => {
    for (;;) {
      if (failure !== undefined) throw failure;
      if (enough()) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    open: (tail) => {
      flush();
      current?.post({ kind: 'close' });
      current = idlest();
      current.post({
        kind: 'open',
        index: opened,
        options,
        ...(tail === undefined ? {} : { tail }),
        ...(joined === undefined ? {} : { widths: widthsOf(joined) }),
      });
      opened += 1;
    },
    write: (bytes) => {
      // Copied: the original belongs to the parser and cannot be given away.
      for (let at = 0; at < bytes.length; ) {
        const taken = Math.min(bytes.length - at, MESSAGE_BYTES - filled);
        batch.set(bytes.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === MESSAGE_BYTES) flush();
      }
    },
    settled: () => (waiting < IN_FLIGHT && failure === undefined ? undefined : until(() => waiting < IN_FLIGHT)),
    finish: async () => {
      flush();
      if (opened === 0) {
        current = start();
        current.post({ kind: 'open', index: opened, options });
        opened += 1;
      }
      current?.post({ kind: 'close' });
      await until(() => closed === opened);
      if (joined === undefined) throw new Error('no segment was read');
      return joined;
    },
    stop: async () => {
      await Promise.all(threads.map((thread) => thread.stop()));
    },
  };
};
