import { constants } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HEADER_PATH } from '../../schemas/index.js';
import { UnreadableInput, UnsafeArchive } from './errors.js';
import type { Intake } from './intake.js';
import { cleanSegments } from './paths.js';
import { chunksOf, openFile } from './source.js';

/** The root directory as it would be called in an archive; the real name does not matter and may be anything. */
const ROOT = 'bundle';

const list = async (directory: string) => {
  try {
    return (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new UnreadableInput(directory, (error as NodeJS.ErrnoException).code ?? 'cannot be read');
  }
};

const hasHeader = async (directory: string): Promise<boolean> =>
  lstat(join(directory, HEADER_PATH)).then(
    (stats) => stats.isFile(),
    () => false,
  );

/** The bundle's own directory: `path`, or its only subdirectory when the archive was unpacked into `path`. */
const rootOf = async (path: string): Promise<string> => {
  if (await hasHeader(path)) return path;
  const inner = (await list(path)).filter((entry) => entry.isDirectory());
  const [only] = inner;
  return only !== undefined && inner.length === 1 && (await hasHeader(join(path, only.name)))
    ? join(path, only.name)
    : path;
};

/** Whether it is an unpacked bundle, or the directory that one was unpacked into. */
export const isBundleDirectory = async (path: string): Promise<boolean> => hasHeader(await rootOf(path));

const takeFile = async (
  full: string,
  relative: string,
  intake: Intake,
  signal: AbortSignal | undefined,
): Promise<void> => {
  // The file was listed as regular, but may have been exchanged since.
  const handle = await openFile(full, constants.O_NOFOLLOW);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new UnsafeArchive('special-file', 'is not a regular file', relative);
    const sink = intake.file(cleanSegments(`${ROOT}/${relative}`), relative, stats.size);
    let taken = 0;
    for await (const chunk of chunksOf(handle, relative)) {
      signal?.throwIfAborted();
      taken += chunk.length;
      if (taken > stats.size) throw new UnsafeArchive('entry-too-large', 'grows while it is read', relative);
      sink.write(chunk);
      await intake.settled();
    }
    sink.end();
  } finally {
    await handle.close();
  }
};

/**
 * Reads an unpacked bundle, the header first, under the same rules as an archive: links and special files are refused.
 * Throws what `readArchive` throws, and `UnreadableInput`.
 */
export const readDirectory = async (path: string, intake: Intake, signal?: AbortSignal): Promise<void> => {
  const root = await rootOf(path);
  if (await hasHeader(root)) {
    intake.countEntry(HEADER_PATH);
    await takeFile(join(root, HEADER_PATH), HEADER_PATH, intake, signal);
  }
  const open: string[] = [''];
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    for (const entry of await list(join(root, below))) {
      const relative = below === '' ? entry.name : `${below}/${entry.name}`;
      if (relative === HEADER_PATH && entry.isFile()) continue;
      intake.countEntry(relative);
      const segments = cleanSegments(`${ROOT}/${relative}`);
      if (entry.isDirectory()) {
        intake.directory(segments, relative);
        open.push(relative);
      } else if (entry.isSymbolicLink())
        throw new UnsafeArchive('link', 'symbolic link; only regular files and directories are accepted', relative);
      else if (!entry.isFile()) throw new UnsafeArchive('special-file', 'is not a regular file', relative);
      else await takeFile(join(root, relative), relative, intake, signal);
    }
  }
};
