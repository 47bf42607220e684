/** Random access to the bytes of one file: all that the readers of etcd's files need, and all they may do. */
export interface ByteSource {
  /** Size in bytes when it was opened. */
  readonly size: number;
  /** Fewer bytes than asked for only at the end of the file. Rejects when the file cannot be read there. */
  readonly read: (offset: number, length: number) => Promise<Buffer>;
}

/** What stopped a reader before the end: its bytes, its time, or the end of the item. */
export type Limit = 'bytes' | 'time' | 'interrupted';

/** Thrown by a metered source instead of reading on. */
export class BudgetSpent extends Error {
  constructor(readonly limit: Limit) {
    super(`stopped by ${limit}`);
    this.name = 'BudgetSpent';
  }
}

export interface MeterOptions {
  /** Bytes that may be read. */
  readonly maxBytes: number;
  /** Milliseconds from now. */
  readonly maxMs: number;
  readonly monotonic: () => number;
  readonly signal?: AbortSignal;
  /**
   * Gives way to other readers of the device: a read that took longer than this came from the device and not from the page cache,
   * and is followed by a pause of the same length. Milliseconds; never by default.
   */
  readonly giveWayAfterMs?: number;
  readonly pause?: (ms: number) => Promise<void>;
}

/** One budget of bytes and time over the reads of one item. */
export interface Meter {
  readonly bytesRead: () => number;
  readonly elapsedMs: () => number;
  readonly remainingBytes: () => number;
  /** The same source, with every read counted; its `read` rejects with `BudgetSpent` once the budget is spent. */
  readonly on: (source: ByteSource) => ByteSource;
}

/** Longest pause after one slow read, ms. */
const MAX_PAUSE_MS = 200;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export const createMeter = (options: MeterOptions): Meter => {
  const { maxBytes, maxMs, monotonic, signal, giveWayAfterMs = Number.POSITIVE_INFINITY, pause = sleep } = options;
  const begun = monotonic();
  let spent = 0;
  const check = (length: number): void => {
    if (signal?.aborted === true) throw new BudgetSpent('interrupted');
    if (monotonic() - begun >= maxMs) throw new BudgetSpent('time');
    if (spent + length > maxBytes) throw new BudgetSpent('bytes');
  };
  return {
    bytesRead: () => spent,
    elapsedMs: () => monotonic() - begun,
    remainingBytes: () => Math.max(0, maxBytes - spent),
    on: (source) => ({
      size: source.size,
      read: async (offset, length) => {
        check(length);
        const at = monotonic();
        try {
          const bytes = await source.read(offset, length);
          spent += bytes.length;
          const took = monotonic() - at;
          if (took > giveWayAfterMs) await pause(Math.min(took, MAX_PAUSE_MS));
          return bytes;
        } catch (error) {
          if (signal?.aborted === true) throw new BudgetSpent('interrupted');
          throw error;
        }
      },
    }),
  };
};

/** A source over bytes in memory. */
export const bytesOf = (bytes: Buffer): ByteSource => ({
  size: bytes.length,
  read: async (offset, length) =>
    bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)),
});

const zeros = Buffer.alloc(256 * 1024);

/** Whether all bytes are zero. */
export const allZero = (bytes: Buffer): boolean => {
  for (let from = 0; from < bytes.length; from += zeros.length) {
    const part = bytes.subarray(from, from + zeros.length);
    if (part.compare(zeros, 0, part.length) !== 0) return false;
  }
  return true;
};

/** Offset of the first byte that is not zero, or -1. */
export const firstNonZero = (bytes: Buffer): number => (allZero(bytes) ? -1 : bytes.findIndex((byte) => byte !== 0));
