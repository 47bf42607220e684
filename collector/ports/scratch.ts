import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadPermission } from '../load.js';
import { ProbeError } from '../probe.js';
import { toProbeError } from './files.js';

/** The only door through which this program writes to a file system beside its output; it cannot be built without permission. */
export interface ScratchPort {
  /**
   * Appends to a temporary file without a name in `dir` and calls fdatasync after each append, one after another. Ends at the
   * first limit; a sync that does not come back is left behind and reported as pending. Throws ProbeError `file-access` when
   * nothing may be written there, `load-refused` when the directory is on another file system than expected.
   */
  readonly syncedAppends: (dir: string, limits: AppendLimits, signal: AbortSignal) => Promise<SyncedAppends>;
}

export interface AppendLimits {
  /** st_dev that the directory must have. */
  readonly dev: bigint;
  readonly writeBytes: number;
  readonly maxBytes: number;
  readonly timeMs: number;
  /** Where the file system has no unnamed files nothing is written: the directory belongs to a member. */
  readonly namelessOnly?: boolean;
}

export interface SyncedAppends {
  /** Duration of each fdatasync, ms, in order. */
  readonly syncMs: readonly number[];
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly ended: 'bytes' | 'time' | 'signal' | 'error';
  /** How long the last append or sync had been waited for when the time was up, ms. */
  readonly pendingMs?: number;
  /** errno of the call that failed. */
  readonly error?: string;
}

/** O_TMPFILE of Linux without its directory bit (include/uapi/asm-generic/fcntl.h): a file that never has a name. */
const TMPFILE = 0o20000000;
/** What kernels and file systems without it answer. */
const noTmpfile = new Set(['EOPNOTSUPP', 'ENOTSUP', 'EISDIR', 'EINVAL', 'ENOENT']);

export interface ScratchDetails {
  /** For tests: takes the way of file systems without unnamed files. */
  readonly named?: boolean;
}

export const createScratchPort = (_permission: LoadPermission, details: ScratchDetails = {}): ScratchPort => ({
  syncedAppends: async (dir, limits, signal) => {
    const file = await openNameless(dir, details.named === true, limits.namelessOnly === true);
    let keep = false;
    try {
      const { dev } = await file.stat({ bigint: true });
      if (dev !== limits.dev) {
        throw new ProbeError('not-applicable', 'load-refused', `${dir} is on another file system than the data`);
      }
      const { run, left } = await measure(file, limits, signal);
      if (left !== undefined) {
        // The kernel still works on it: closing now could wait as long.
        keep = true;
        void left.catch(() => undefined).then(() => file.close().catch(() => undefined));
      }
      return run;
    } finally {
      if (!keep) await file.close();
    }
  },
});

/** Without a name from the start where the file system can do that; else the name is taken away before anything is written. */
const openNameless = async (dir: string, named: boolean, namelessOnly: boolean): Promise<FileHandle> => {
  if (!named) {
    try {
      return await open(dir, TMPFILE | constants.O_DIRECTORY | constants.O_WRONLY, 0o600);
    } catch (error) {
      const code = codeOf(error);
      if (!noTmpfile.has(code)) throw writeError(error, dir);
    }
  }
  if (namelessOnly) {
    const why =
      'this file system has no files without a name, and none with a name is made in the directory of a member';
    throw new ProbeError('not-applicable', 'load-refused', `${dir}: ${why}`);
  }
  const path = join(dir, `.etcd-collect-${randomBytes(8).toString('hex')}`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600).catch((error: unknown) => {
    throw writeError(error, dir);
  });
  try {
    await unlink(path);
    return file;
  } catch (error) {
    await file.close();
    throw toProbeError(error, path);
  }
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

const writeError = (error: unknown, dir: string): ProbeError => {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new ProbeError('denied', 'file-access', `${dir} may not be written by this user`, {
      permission: `root, or write access to ${dir}`,
    });
  }
  if (code === 'EROFS' || code === 'ENOSPC' || code === 'EDQUOT')
    return new ProbeError('not-applicable', 'load-refused', `${dir}: ${code}`);
  return toProbeError(error, dir);
};

interface Measured {
  readonly run: SyncedAppends;
  /** A call that had not come back. */
  readonly left?: Promise<unknown>;
}

const measure = async (file: FileHandle, limits: AppendLimits, signal: AbortSignal): Promise<Measured> => {
  // Random, so that compression below does not shrink it.
  const block = randomBytes(limits.writeBytes);
  const syncMs: number[] = [];
  const startedAt = performance.now();
  let bytes = 0;
  let stop: (why: 'time' | 'signal') => void = () => undefined;
  const stopped = new Promise<'time' | 'signal'>((resolve) => {
    stop = resolve;
  });
  const timer = setTimeout(() => stop('time'), limits.timeMs);
  const onAbort = (): void => stop('signal');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const ended = (
    why: SyncedAppends['ended'],
    more: Pick<SyncedAppends, 'pendingMs' | 'error'> = {},
  ): SyncedAppends => ({
    syncMs,
    bytes,
    elapsedMs: performance.now() - startedAt,
    ended: why,
    ...more,
  });
  try {
    while (bytes + block.length <= limits.maxBytes) {
      if (signal.aborted) return { run: ended('signal') };
      if (performance.now() - startedAt >= limits.timeMs) return { run: ended('time') };
      const begun = performance.now();
      const turn = (async () => {
        const { bytesWritten } = await file.write(block);
        const syncAt = performance.now();
        await file.datasync();
        return { bytesWritten, ms: performance.now() - syncAt };
      })();
      const result = await Promise.race([turn, stopped]);
      if (typeof result === 'string')
        return { run: ended(result, { pendingMs: performance.now() - begun }), left: turn };
      syncMs.push(result.ms);
      bytes += result.bytesWritten;
    }
    return { run: ended('bytes') };
  } catch (error) {
    return { run: ended('error', { error: codeOf(error) }) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
};
