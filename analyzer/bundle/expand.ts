import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBundleDirectory } from './directory.js';

const archive = /^[^.].*\.(?:tar|tar\.gz|tgz)(?:\.age)?$/;

/** What tells a folder of bundles from one of another tool that holds archives too: the name the collector gives, or a fan-out's list. */
const holdsOurs = async (directory: string, names: readonly string[]): Promise<boolean> =>
  names.some((name) => name.startsWith('etcd-evidence_')) ||
  (await lstat(join(directory, 'private', 'fan-out.json')).then(
    (found) => found.isFile(),
    () => false,
  ));

const archivesIn = async (directory: string): Promise<string[]> => {
  const all = await readdir(directory);
  if (!(await holdsOurs(directory, all))) return [];
  const names = all.filter((name) => archive.test(name)).sort();
  const found = await Promise.all(names.map(async (name) => (await lstat(join(directory, name))).isFile()));
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
