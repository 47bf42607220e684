import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errnoOf } from './errors.js';

/** Longest wait for a pipe (`<(...)` of a shell) whose other end writes late, ms. */
const PIPE_MS = 5_000;
const STEP_MS = 20;

const nap = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/**
 * A small file that a flag names, up to `maxBytes`, and its mode. A pipe is read too, but a FIFO that nobody writes to is never waited
 * for: a read that blocks could not even be interrupted. Throws what the file system throws, and ETIMEDOUT.
 */
export const readNamedFile = (path: string, maxBytes: number): { readonly content: Buffer; readonly mode: number } => {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    // A regular file may grow meanwhile; a pipe has no size.
    const buffer = Buffer.alloc(found.isFile() ? Math.min(maxBytes, found.size + 1) : maxBytes);
    const until = Date.now() + PIPE_MS;
    let length = 0;
    while (length < buffer.length) {
      try {
        const read = readSync(file, buffer, length, buffer.length - length, null);
        if (read === 0) break;
        length += read;
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN') throw error;
        if (Date.now() >= until) throw Object.assign(new Error('nothing came through the pipe'), { code: 'ETIMEDOUT' });
        nap(STEP_MS);
      }
    }
    return { content: buffer.subarray(0, length), mode: found.mode };
  } finally {
    closeSync(file);
  }
};
