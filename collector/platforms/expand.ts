import { attempt } from '../local-files.js';
import type { FilesPort } from '../ports/files.js';

/** Most names that one `*` may stand for. */
const MAX_NAMES = 64;

/** A path and what its `*` stood for. */
export interface Expanded {
  readonly path: string;
  readonly star?: string;
}

/** Existing paths of a pattern in which one name may hold one `*`. Directories that cannot be listed give none. */
export const expand = async (files: FilesPort, pattern: string, signal: AbortSignal): Promise<readonly Expanded[]> => {
  const at = pattern.indexOf('*');
  if (at < 0) return (await attempt(files.stat(pattern, { signal }))) === undefined ? [] : [{ path: pattern }];
  const dir = pattern.slice(0, pattern.lastIndexOf('/', at));
  const [name = '', ...rest] = pattern.slice(dir.length + 1).split('/');
  const [before = '', after = ''] = name.split('*');
  const names = (await attempt(files.list(dir, signal))) ?? [];
  const fitting = names
    .filter((each) => each.length >= before.length + after.length && each.startsWith(before) && each.endsWith(after))
    .slice(0, MAX_NAMES);
  return fitting.map((each) => ({
    path: [dir, each, ...rest].join('/'),
    star: each.slice(before.length, each.length - after.length),
  }));
};
