import { UnsafeArchive } from '../bundle/errors.js';
import type { Taker } from '../bundle/archive.js';
import type { FileSink } from '../bundle/intake.js';
import { interestOf } from './layouts/index.js';
import { importLimits, MAX_FILE_BYTES, MAX_KEPT_BYTES, MAX_LEFT, MAX_UNHINTED } from './limits.js';
import type { ForeignFile, Left } from './types.js';

/** What all inputs of one import gave. */
export interface Basket {
  readonly files: ForeignFile[];
  readonly left: Left[];
  /** Files that nobody looked into, by input. */
  readonly skipped: Map<string, number>;
  keptBytes: number;
}

export const newBasket = (): Basket => ({ files: [], left: [], skipped: new Map(), keptBytes: 0 });

export const leave = (basket: Basket, file: string, reason: string): void => {
  if (basket.left.length < MAX_LEFT) basket.left.push({ file, reason });
  else if (basket.left.length === MAX_LEFT)
    basket.left.push({ file: 'more files', reason: 'not named one by one: there are too many that were not used' });
};

export const labelOf = (input: string, path: string): string => (path === '' ? input : `${input}:${path}`);

/** Counts against the total; throws `UnsafeArchive` beyond it. */
export const keep = (basket: Basket, file: ForeignFile): void => {
  basket.keptBytes += file.bytes.length;
  if (basket.keptBytes > MAX_KEPT_BYTES)
    throw new UnsafeArchive('too-large', `holds more than ${MAX_KEPT_BYTES} bytes that concern etcd`, file.path);
  basket.files.push(file);
};

/** The end of what is written to it, at most `limit` bytes. */
export const tailBuffer = (
  limit: number,
): { write: (chunk: Uint8Array) => void; end: () => { bytes: Uint8Array; skipped: number } } => {
  const chunks: Uint8Array[] = [];
  let [held, skipped] = [0, 0];
  return {
    write: (chunk) => {
      chunks.push(chunk);
      held += chunk.length;
      for (let first = chunks[0]; first !== undefined && held - first.length >= limit; first = chunks[0]) {
        chunks.shift();
        held -= first.length;
        skipped += first.length;
      }
    },
    end: () => ({ bytes: Buffer.concat(chunks), skipped }),
  };
};

const nothing: FileSink = { write: () => undefined, end: () => undefined, breakOff: () => undefined };

/**
 * Takes from an archive of another tool what may concern etcd, by its path; of an archive of few files all of them. Paths are
 * labels here: nothing is opened or written by them, so an odd one costs only its own file.
 */
export const foreignSink = (input: string, basket: Basket): Taker => {
  let [entries, total, unhinted] = [0, 0, 0];
  let modifiedAt: number | undefined;
  const skip = (): void => void basket.skipped.set(input, (basket.skipped.get(input) ?? 0) + 1);
  return {
    countEntry: () => {
      entries += 1;
      if (entries > importLimits.entries)
        throw new UnsafeArchive('too-many-entries', `more than ${importLimits.entries} entries`);
    },
    directory: () => undefined,
    odd: (raw, why) => (interestOf(raw) === undefined ? skip() : leave(basket, labelOf(input, raw), why)),
    modified: (time) => {
      modifiedAt = time;
    },
    file: (segments, _raw, size) => {
      total += size;
      if (total > importLimits.totalBytes)
        throw new UnsafeArchive('too-large', `unpacks to more than ${importLimits.totalBytes} bytes`);
      const path = segments.join('/');
      const interest = interestOf(path);
      if (interest === undefined) {
        unhinted += 1;
        if (unhinted > MAX_UNHINTED || size > MAX_FILE_BYTES || /(?:^|\/)\./.test(path)) {
          skip();
          return nothing;
        }
      }
      const own = modifiedAt;
      const buffer = tailBuffer(MAX_FILE_BYTES);
      const take = (cut: boolean): void => {
        const { bytes, skipped } = buffer.end();
        if (cut) leave(basket, labelOf(input, path), 'the archive ends inside it; what is there of it is used');
        keep(basket, { input, path, bytes, skippedBytes: skipped, ...(own === undefined ? {} : { modifiedAt: own }) });
      };
      return { write: buffer.write, end: () => take(false), breakOff: () => take(true) };
    },
    settled: () => undefined,
  };
};
