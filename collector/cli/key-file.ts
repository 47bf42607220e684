import { errnoOf, UsageError } from '../errors.js';
import { readNamedFile } from '../named-file.js';

/** Reads a small file whole, a pipe included. Throws UsageError, never with content. */
const readSmall = (flag: string, path: string, maxBytes: number): { readonly text: string; readonly mode: number } => {
  try {
    const { content, mode } = readNamedFile(path, maxBytes + 1);
    if (content.length > maxBytes)
      throw new UsageError(`${flag} ${path}: longer than ${maxBytes} bytes`, 'check that it is the right file');
    return { text: content.toString('utf8'), mode };
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
