import { absolute, attempt, type FileView, fileView, throughView } from './local-files.js';
import type { FilesPort, FileStat } from './ports/files.js';
import type { DatadirListingArtifact } from '../schemas/index.js';

type Entry = DatadirListingArtifact['entries'][number];

export interface ListingOptions {
  /** Separate WAL dir; its entries get the prefix `wal:`. */
  readonly walDir?: string;
  /** How the dirs are reached; the host's own view when absent. */
  readonly view?: FileView;
  readonly signal?: AbortSignal;
  /** Entries kept (default 2000) and depth below each dir (default 4: member/snap/db is 3). */
  readonly maxEntries?: number;
  readonly maxDepth?: number;
}

/**
 * Names, sizes and times below a data dir; contents are never read and links are never followed. Directories that may not be entered are
 * named in `denied`. Throws a ProbeError when the data dir itself cannot be listed.
 */
export const listDataDir = async (
  files: FilesPort,
  dataDir: string,
  options: ListingOptions = {},
): Promise<{ readonly artifact: DatadirListingArtifact; readonly denied: readonly string[] }> => {
  const view = options.view ?? (await fileView(files, 0));
  const walk: Walk = {
    files,
    signal: options.signal,
    entries: [],
    denied: [],
    truncated: false,
    maxEntries: options.maxEntries ?? 2000,
    maxDepth: options.maxDepth ?? 4,
  };
  await walkDir(walk, throughView(view, dataDir), '', 1, true);
  const { walDir } = options;
  if (walDir !== undefined) await walkDir(walk, throughView(view, walDir), 'wal:', 1, false);
  return {
    artifact: {
      dataDir: absolute(view, dataDir),
      ...(walDir === undefined ? {} : { walDir: absolute(view, walDir) }),
      entries: walk.entries,
      truncated: walk.truncated,
    },
    denied: walk.denied,
  };
};

interface Walk {
  readonly files: FilesPort;
  readonly signal: AbortSignal | undefined;
  readonly entries: Entry[];
  readonly denied: string[];
  truncated: boolean;
  readonly maxEntries: number;
  readonly maxDepth: number;
}

const walkDir = async (walk: Walk, dir: string, relative: string, depth: number, top: boolean): Promise<void> => {
  let names: readonly string[];
  try {
    names = await walk.files.list(dir, walk.signal);
  } catch (error) {
    if (top || walk.signal?.aborted === true) throw error;
    walk.denied.push(relative);
    return;
  }
  for (const name of names) {
    if (walk.entries.length >= walk.maxEntries) {
      walk.truncated = true;
      return;
    }
    const path = `${dir}/${name}`;
    // Files come and go while etcd rotates its WAL and purges snapshots.
    const found = await attempt(walk.files.stat(path, { link: true, ...(walk.signal ? { signal: walk.signal } : {}) }));
    if (found === undefined) continue;
    walk.entries.push(entryOf(`${relative}${name}`, found));
    if (found.type !== 'directory') continue;
    if (depth < walk.maxDepth) await walkDir(walk, path, `${relative}${name}/`, depth + 1, false);
    else walk.truncated = true;
  }
};

const entryOf = (path: string, found: FileStat): Entry => ({
  path,
  type: found.type,
  size: found.size.toString(),
  allocated: found.allocated.toString(),
  mtime: new Date(found.mtimeMs).toISOString(),
  mode: found.mode.toString(8).padStart(4, '0'),
  uid: found.uid,
});
