import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SNIFF_BYTES, sniff } from '../import/sniff.js';
import { isBundleDirectory } from './directory.js';

const archive = /^[^.].*\.(?:tar|tar\.gz|tgz)(?:\.age)?$/;

/** Archives of other tools are no bundles: a directory of them is imported as a whole. */
const isBundleFile = async (path: string): Promise<boolean> => {
  if (!(await lstat(path)).isFile()) return false;
  const handle = await open(path);
  try {
    const head = Buffer.alloc(SNIFF_BYTES);
    const { bytesRead } = await handle.read(head, 0, SNIFF_BYTES, 0);
    return ['bundle', 'empty'].includes(sniff(head.subarray(0, bytesRead)));
  } finally {
    await handle.close();
  }
};

const archivesIn = async (directory: string): Promise<string[]> => {
  const names = (await readdir(directory)).filter((name) => archive.test(name)).sort();
  const found = await Promise.all(names.map((name) => isBundleFile(join(directory, name))));
  return names.filter((_, at) => found[at]).map((name) => join(directory, name));
};

/**
 * Puts the archives of a directory in its place, in the order of their names: one that is no unpacked bundle but holds bundles, as
 * `etcd-collect fan-out` leaves it. Everything else stays as it is, also what cannot be read: whoever opens it says why.
 */
export const expandDirectories = async (files: readonly string[]): Promise<string[]> => {
  const expanded = await Promise.all(
    files.map(async (file) => {
      try {
        if (file === '-' || !(await stat(file)).isDirectory() || (await isBundleDirectory(file))) return [file];
        const inside = await archivesIn(file);
        return inside.length === 0 ? [file] : inside;
      } catch {
        return [file];
      }
    }),
  );
  return expanded.flat();
};
