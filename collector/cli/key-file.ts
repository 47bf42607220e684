import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errnoOf, UsageError } from '../errors.js';

/** Reads a small file whole, a pipe included. Throws UsageError, never with content. */
const readSmall = (flag: string, path: string, maxBytes: number): { readonly text: string; readonly mode: number } => {
  const buffer = Buffer.alloc(maxBytes + 1);
  try {
    const file = openSync(path, 'r');
    try {
      const { mode } = fstatSync(file);
      let length = 0;
      while (length < buffer.length) {
        const read = readSync(file, buffer, length, buffer.length - length, null);
        if (read === 0) break;
        length += read;
      }
      if (length > maxBytes)
        throw new UsageError(`${flag} ${path}: longer than ${maxBytes} bytes`, 'check that it is the right file');
      return { text: buffer.toString('utf8', 0, length), mode };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${flag} ${path}: cannot be read (${errnoOf(error) ?? 'error'})`,
      'check the path and its mode',
    );
  }
};

/** Text of a small file without secrets. Throws UsageError. */
export const readPublicFile = (flag: string, path: string, maxBytes: number): string =>
  readSmall(flag, path, maxBytes).text;

/** Text of a file with a secret key; one that others may read is refused. Throws UsageError, never with content. */
export const readPrivateKeyFile = (flag: string, path: string, maxBytes: number): string => {
  const { text, mode } = readSmall(flag, path, maxBytes);
  // Windows has no such bits.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new UsageError(
      `${flag} ${path}: other users may read this key (mode ${(mode & 0o777).toString(8)}), so it was not used`,
      `chmod 600 ${path}, and make a new key if others had access to this one`,
    );
  }
  return text;
};
