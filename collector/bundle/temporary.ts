import { randomBytes } from 'node:crypto';
import { openSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Temporary files of this process, so that a sudden end can remove them. */
const known = new Set<string>();

/** Removes them at once, for the moment before the process exits without finishing. */
export const removeTemporaryFiles = (): void => {
  for (const path of known) rmSync(path, { force: true });
  known.clear();
};

/** A file beside the one it is to become, for this user only. */
export interface TemporaryFile {
  readonly path: string;
  /** Open for writing; whoever made it closes it. */
  readonly descriptor: number;
  /** It has its final name, or is gone. */
  readonly forget: () => void;
}

/**
 * Creates it at once and not in a thread: a process that is told to end in that moment must not leave a file that it does not know of.
 * Throws what the file system throws.
 */
export const createTemporary = (file: string): TemporaryFile => {
  const path = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.partial`);
  const descriptor = openSync(path, 'wx', 0o600);
  known.add(path);
  return { path, descriptor, forget: () => void known.delete(path) };
};
