import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UnreadableInput, UnsafeArchive } from './errors.js';
import type { Limits } from './limits.js';

const READ_BYTES = 256 * 1024;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? 'cannot be read';

/** Chunks of an open file; a fresh buffer each, since consumers keep them. Throws `UnreadableInput` on an I/O error. */
export const chunksOf = async function* (handle: FileHandle, name: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(buffer, 0, READ_BYTES, null));
    } catch (error) {
      throw new UnreadableInput(name, codeOf(error));
    }
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
};

/** Opens for reading without waiting for a writer (a named pipe would). Throws `UnreadableInput`. */
export const openFile = async (path: string, flags = 0): Promise<FileHandle> => {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  } catch (error) {
    throw new UnreadableInput(path, codeOf(error));
  }
};

const abortError = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('aborted');

/**
 * Holds a byte source to the limits of time: throws `UnsafeArchive` when the next chunk takes longer than `idleMs` or
 * the whole longer than `totalMs`, and the signal's reason when aborted.
 */
export const timed = async function* (
  bytes: AsyncIterable<Uint8Array>,
  limits: Limits,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const until = Date.now() + limits.totalMs;
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      const wait = Math.min(limits.idleMs, until - Date.now());
      if (wait <= 0) throw new UnsafeArchive('too-slow', `reading took longer than ${limits.totalMs} ms`);
      const next = await withDeadline(iterator.next(), wait, signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that hangs in a read would hang here too.
    iterator.return?.().catch(() => undefined);
  }
};

const withDeadline = async <T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const stop = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnsafeArchive('too-slow', `no data for ${ms} ms`)), ms);
    onAbort = () => signal !== undefined && reject(abortError(signal));
    signal?.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, stop]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
};
