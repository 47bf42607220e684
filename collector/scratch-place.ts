import { dirname, join } from 'node:path';
import { attempt } from './local-files.js';
import { type PlacedDir, parseMountInfo } from './mounts.js';
import type { FilesPort } from './ports/files.js';

/** A directory on the file system of a data or WAL dir. */
export interface ScratchPlace {
  readonly dir: string;
  readonly dev: bigint;
  /** It belongs to a member: only a file that never has a name may be made there. */
  readonly ofMember?: true;
}

const isWithin = (path: string, dir: string): boolean =>
  path === dir || path.startsWith(dir.endsWith('/') ? dir : `${dir}/`);

/** Where a path of the process stands in our own mount namespace: as it is, or by its place in the file system it is on. */
const ownPaths = async (files: FilesPort, placed: PlacedDir): Promise<readonly string[]> => {
  const { place, path, mount } = placed;
  if (place === path) return [(await attempt(files.realPath(place))) ?? place];
  const inMount = path.slice(mount.mountPoint === '/' ? 0 : mount.mountPoint.length);
  const inFilesystem = join(mount.root, inMount);
  const [text] = files.readPseudo(['/proc/self/mountinfo']);
  return parseMountInfo(text ?? '')
    .filter(({ device, root }) => device === mount.device && isWithin(inFilesystem, root))
    .map(({ root, mountPoint }) => join(mountPoint, inFilesystem.slice(root === '/' ? 0 : root.length)));
};

/** The dir as we see it, proven by device and inode; a mount on top of it would lead elsewhere. */
export const ownPathOf = async (
  files: FilesPort,
  placed: PlacedDir,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly dev: bigint } | undefined> => {
  const seen = await attempt(files.stat(placed.place, { signal }));
  if (seen === undefined) return undefined;
  for (const path of await ownPaths(files, placed)) {
    const found = await attempt(files.stat(path, { signal }));
    if (found?.dev === seen.dev && found.inode === seen.inode) return { path, dev: found.dev };
  }
  return undefined;
};

/**
 * The nearest directory above `path` that is in none of the `protectedDirs` and on the same file system; undefined when there is
 * none, as when a disk is mounted at the data dir itself.
 */
export const besideOf = async (
  files: FilesPort,
  { path, dev }: { readonly path: string; readonly dev: bigint },
  protectedDirs: readonly string[],
  signal: AbortSignal,
): Promise<ScratchPlace | undefined> => {
  for (let dir = path; dir !== dirname(dir); ) {
    dir = dirname(dir);
    const found = await attempt(files.stat(dir, { signal }));
    if (found?.dev !== dev) return undefined;
    if (!protectedDirs.some((protectedDir) => isWithin(dir, protectedDir))) return { dir, dev };
  }
  return undefined;
};

/** The topmost directory of that file system: of a disk that is mounted at the data dir or the WAL dir itself, which etcd's files lie in or below. */
export const topOf = async (
  files: FilesPort,
  { path, dev }: { readonly path: string; readonly dev: bigint },
  signal: AbortSignal,
): Promise<ScratchPlace> => {
  let top = path;
  for (let dir = dirname(path); top !== dir; dir = dirname(dir)) {
    if ((await attempt(files.stat(dir, { signal })))?.dev !== dev) break;
    top = dir;
  }
  return { dir: top, dev, ofMember: true };
};
