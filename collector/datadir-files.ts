import { type ByteSource, createMeter, type Meter } from './forensics/bytes.js';
import { absolute, attempt, explainMissing, type FileView, fileView, localOf, throughView } from './local-files.js';
import type { FilesPort, OpenFile } from './ports/files.js';
import { type MemberTarget, type ProbeContext, ProbeError } from './probe.js';

/**
 * What one item may read of the files of a running member: one preallocated WAL segment (64 MB) or as much of the database, within three
 * seconds. Reading more would cost it page cache and a slow disk's time; a stopped member is read whole, as far as the time of the item goes.
 */
const LIVE = { maxBytes: 64 * 1024 * 1024 + 2 * 1024 * 1024, maxMs: 3000, giveWayAfterMs: 20 } as const;
/** Kept of the time of an item for what comes after the reading, ms. */
const RESERVE_MS = 400;

export interface DataDirFiles {
  readonly view: FileView;
  /** `member/wal`, or the separate WAL dir, as seen from here. */
  readonly walDir: string;
  readonly snapDir: string;
  /** As the process itself sees it. */
  readonly named: (path: string) => string;
  readonly running: boolean;
  readonly meter: Meter;
  /** Stopped by its budget as planned, because the member runs. */
  readonly light: boolean;
}

/** Where the files of a member are, and how much of them may be read. Throws ProbeError when the data dir is not known. */
export const dataDirFiles = async (context: ProbeContext<MemberTarget>): Promise<DataDirFiles> => {
  const { target, files, signal, timeoutMs, monotonic } = context;
  const { pid, dataDir, walDir } = localOf(target);
  if (dataDir === undefined) {
    throw new ProbeError('denied', 'file-access', 'where the data dir is could not be learnt from the process', {
      permission: 'root, or the user of the process',
    });
  }
  const view = await fileView(files, pid);
  const root = throughView(view, dataDir);
  const snapDir = `${root}/member/snap`;
  const running = pid !== 0 || (await isLocked(files, `${snapDir}/db`, signal));
  const left = Math.max(100, timeoutMs - RESERVE_MS);
  const meter = createMeter({
    monotonic,
    signal,
    ...(running ? { ...LIVE, maxMs: Math.min(LIVE.maxMs, left) } : { maxBytes: Number.POSITIVE_INFINITY, maxMs: left }),
  });
  return {
    view,
    walDir: walDir === undefined ? `${root}/member/wal` : throughView(view, walDir),
    snapDir,
    named: (path) => absolute(view, path.startsWith(view.prefix) ? path.slice(view.prefix.length) : path),
    running,
    meter,
    light: running,
  };
};

/** etcd holds a lock on its database: seen in the kernel's table, because to try the lock would be to take it. */
const isLocked = async (files: FilesPort, path: string, signal: AbortSignal): Promise<boolean> => {
  const found = await attempt(files.stat(path, { signal }));
  const [locks] = files.readPseudo(['/proc/locks']);
  return found !== undefined && locks !== undefined && holdsLock(locks, found.dev, found.inode);
};

/** Whether /proc/locks (`1: FLOCK ADVISORY WRITE <pid> <major>:<minor>:<inode> 0 EOF`, device in hex) names that file. */
export const holdsLock = (locks: string, dev: bigint, inode: bigint): boolean => {
  const hex = (value: bigint): string => value.toString(16).padStart(2, '0');
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  const wanted = `${hex(major)}:${hex(minor)}:${inode}`;
  return locks.split('\n').some((line) => line.trim().split(/\s+/).includes(wanted));
};

/** Names in a directory of the data dir; `undefined` when it does not exist. */
export const namesIn = async (
  context: ProbeContext<MemberTarget>,
  { view }: DataDirFiles,
  dir: string,
): Promise<readonly string[] | undefined> => {
  try {
    return await context.files.list(dir, context.signal);
  } catch (error) {
    const explained = explainMissing(error, view);
    if (explained instanceof ProbeError && explained.reason === 'file-missing') return undefined;
    throw explained;
  }
};

/** Opens a file, lets it be read within the budget, and closes it. */
export const withSource = async <T>(
  context: ProbeContext<MemberTarget>,
  { meter }: DataDirFiles,
  path: string,
  use: (source: ByteSource, file: OpenFile) => Promise<T>,
): Promise<T> => {
  const file = await context.files.open(path, context.signal);
  try {
    return await use(meter.on(file), file);
  } finally {
    file.close();
  }
};

/** The `coverage` of an artifact. */
export const coverageOf = (
  { meter }: DataDirFiles,
  complete: boolean,
  stoppedBy: 'bytes' | 'time' | 'interrupted' | undefined,
) => ({
  bytesRead: meter.bytesRead().toString(),
  elapsedMs: Math.round(meter.elapsedMs()),
  complete,
  ...(stoppedBy === undefined ? {} : { stoppedBy }),
});

/** `appliesTo` of everything that reads below the data dir. */
export const needsDataDir = (target: MemberTarget) =>
  target.local?.pid === 0 && target.local.dataDir === undefined
    ? ({
        reason: 'no-such-process',
        message: 'no process of this member runs on this host to tell its data dir; name it with --data-dir',
      } as const)
    : undefined;
