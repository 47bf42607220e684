import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HEADER_PATH } from '../../schemas/index.js';
import { UnreadableInput } from '../bundle/errors.js';

/** A directory of cases has a few levels; links to directories are not followed. */
const MAX_DEPTH = 8;

const isBundleName = (name: string): boolean => /\.(tar\.gz|tgz|tar)(\.age)?$/i.test(name);

const below = async (directory: string, depth: number): Promise<string[]> => {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === HEADER_PATH)) return [directory];
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if ((entry.isFile() || entry.isSymbolicLink()) && isBundleName(entry.name)) found.push(path);
    else if (entry.isDirectory() && depth < MAX_DEPTH) found.push(...(await below(path, depth + 1)));
  }
  return found;
};

/** The bundles that the arguments name: files as they are, and of directories every archive or unpacked bundle in it. Throws `UnreadableInput`. */
export const findBundles = async (paths: readonly string[]): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (const path of paths) {
    try {
      const stats = await stat(path);
      for (const each of stats.isDirectory() ? await below(path, 0) : [path]) found.add(each);
    } catch (error) {
      throw new UnreadableInput(path, (error as NodeJS.ErrnoException).code ?? 'cannot be read');
    }
  }
  return [...found];
};
