import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath, stat, statfs } from 'node:fs/promises';
import { ProbeError } from '../probe.js';
import { fileQueue } from './file-queue.js';

/** Read-only door to the local file system; every read is bounded; errors are ProbeErrors (file-missing, file-access, too-large). */
export interface FilesPort {
  /** Where the root of the host is mounted, when paths are meant below it. */
  readonly root?: string;
  /** Whole small file as UTF-8 text; at most `maxBytes` (default 1 MiB), longer is too-large. */
  readonly readText: (
    path: string,
    options?: { readonly maxBytes?: number; readonly signal?: AbortSignal },
  ) => Promise<string>;
  /** A byte range of a file; shorter when the file ends earlier. */
  readonly readRange: (path: string, start: number, length: number, signal?: AbortSignal) => Promise<Buffer>;
  /**
   * Opens a regular file for reads at offsets: it stays the same file when another takes its name. The access time is left as it is
   * where that is allowed (owner or root).
   */
  readonly open: (path: string, signal?: AbortSignal) => Promise<OpenFile>;
  /**
   * Many kernel pseudo files (/proc, /sys) in one go and in order; `undefined` where one cannot be read. Synchronous, so that
   * all of them are read within a moment: never use it for files on a disk, which may block. At most 1 MiB of each.
   */
  readonly readPseudo: (paths: readonly string[]) => readonly (string | undefined)[];
  /** Names in a directory, sorted. */
  readonly list: (path: string, signal?: AbortSignal) => Promise<readonly string[]>;
  /** Follows links unless `link` is set. */
  readonly stat: (
    path: string,
    options?: { readonly link?: boolean; readonly signal?: AbortSignal },
  ) => Promise<FileStat>;
  readonly readLink: (path: string) => Promise<string>;
  readonly realPath: (path: string, signal?: AbortSignal) => Promise<string>;
  readonly statfs: (path: string, signal?: AbortSignal) => Promise<FsStat>;
}

/** An open file. Errors are ProbeErrors; an aborted call rejects at once. */
export interface OpenFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly dev: bigint;
  readonly inode: bigint;
  /** Shorter when the file ends earlier. */
  readonly read: (offset: number, length: number) => Promise<Buffer>;
  /** Does not wait: a dead file system may hold a read for ever. */
  readonly close: () => void;
}

export interface FileStat {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly size: bigint;
  readonly allocated: bigint;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly dev: bigint;
  readonly inode: bigint;
}

export interface FsStat {
  readonly totalBytes: bigint;
  readonly availableBytes: bigint;
  readonly freeBytes: bigint;
  readonly inodesTotal: bigint;
  readonly inodesFree: bigint;
}

const DEFAULT_MAX_BYTES = 1 << 20;
const CHUNK = 64 * 1024;
// A FIFO or device named as a log file must not hang the open.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The port on the real file system. An aborted call rejects at once, even when the kernel still waits for a dead file system. */
export const createFilesPort = (): FilesPort => ({
  readText: (path, { maxBytes = DEFAULT_MAX_BYTES, signal } = {}) =>
    guarded(path, signal, async () => {
      const content = await withFile(path, (file) => readBounded(file, 0, maxBytes + 1));
      if (content.length > maxBytes)
        throw new ProbeError('failed', 'too-large', `${path} is larger than ${maxBytes} bytes`);
      return content.toString('utf8');
    }),
  readRange: (path, start, length, signal) =>
    guarded(path, signal, () => withFile(path, (file) => readExpected(file, start, length))),
  open: (path, signal) => guarded(path, signal, () => openFile(path, signal)),
  readPseudo: (paths) => paths.map(readPseudoFile),
  list: (path, signal) => guarded(path, signal, async () => (await readdir(path)).sort()),
  stat: (path, { link = false, signal } = {}) =>
    guarded(path, signal, async () => {
      const found = await (link ? lstat : stat)(path, { bigint: true });
      return {
        type: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'link' : 'other',
        size: found.size,
        // st_blocks counts 512-byte units whatever the file system's block size is.
        allocated: found.blocks * 512n,
        mtimeMs: Number(found.mtimeMs),
        mode: Number(found.mode) & 0o7777,
        uid: Number(found.uid),
        dev: found.dev,
        inode: found.ino,
      };
    }),
  readLink: (path) => guarded(path, undefined, () => readlink(path)),
  realPath: (path, signal) => guarded(path, signal, () => realpath(path)),
  statfs: (path, signal) =>
    guarded(path, signal, async () => {
      const found = await statfs(path, { bigint: true });
      return {
        totalBytes: found.blocks * found.bsize,
        availableBytes: found.bavail * found.bsize,
        freeBytes: found.bfree * found.bsize,
        inodesTotal: found.files,
        inodesFree: found.ffree,
      };
    }),
});

const withFile = async <T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> => {
  const file = await open(path, READ);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new ProbeError('failed', 'unexpected', `${path} is not a regular file`);
    return await use(file);
  } finally {
    await file.close();
  }
};

const openFile = async (path: string, signal: AbortSignal | undefined): Promise<OpenFile> => {
  // Only the owner and root may leave the access time alone.
  const file = await open(path, READ | (constants.O_NOATIME ?? 0)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return open(path, READ);
    throw error;
  });
  const close = (): void => void file.close().catch(() => undefined);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) throw new ProbeError('failed', 'unexpected', `${path} is not a regular file`);
    // The caller has given up waiting: nobody else would close it.
    if (signal?.aborted === true)
      throw new ProbeError('timeout', 'item-timeout', `opening ${path} did not end in time`);
    return {
      size: Number(found.size),
      dev: found.dev,
      inode: found.ino,
      read: (offset, length) => guarded(path, signal, () => readFully(file, offset, length)),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};

const readFully = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafe(length);
  let total = 0;
  while (total < length) {
    const { bytesRead } = await file.read(buffer, total, length - total, offset + total);
    if (bytesRead === 0) break;
    total += bytesRead;
  }
  return buffer.subarray(0, total);
};

/** Reads until `length` bytes or the end; sizes are not trusted, because pseudo files say 0 and logs grow or shrink. */
const readBounded = async (file: FileHandle, start: number, length: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < length) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK * 4, length - total));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, start + total);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks, total);
};

/** Like `readBounded`, into one buffer when the length is about what there is: nothing to join, half the memory. */
const readExpected = async (file: FileHandle, start: number, length: number): Promise<Buffer> => {
  const { size } = await file.stat();
  if (size < start + length) return readBounded(file, start, length);
  const buffer = Buffer.allocUnsafe(length);
  let total = 0;
  while (total < length) {
    const { bytesRead } = await file.read(buffer, total, length - total, start + total);
    if (bytesRead === 0) break;
    total += bytesRead;
  }
  return buffer.subarray(0, total);
};

const pseudoBuffer = Buffer.alloc(CHUNK);

const readPseudoFile = (path: string): string | undefined => {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, READ);
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < DEFAULT_MAX_BYTES) {
      const read = readSync(descriptor, pseudoBuffer, 0, CHUNK, null);
      if (read === 0) break;
      chunks.push(Buffer.from(pseudoBuffer.subarray(0, read)));
      total += read;
    }
    return Buffer.concat(chunks, total).toString('utf8');
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};

const guarded = async <T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
  try {
    return await fileQueue.run(path, signal, work);
  } catch (error) {
    throw toProbeError(error, path);
  }
};

/** Turns an errno into a ProbeError that says what access is missing. */
export const toProbeError = (error: unknown, path: string): ProbeError => {
  if (error instanceof ProbeError) return error;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ProbeError('failed', 'file-missing', `${path} does not exist`);
    case 'EACCES':
    case 'EPERM':
      return new ProbeError('denied', 'file-access', `${path} may not be read by this user`, {
        permission: permissionFor(path),
      });
    case 'ESRCH':
      return new ProbeError('failed', 'no-such-process', `the process behind ${path} has ended`);
    case 'EOPNOTSUPP':
    case 'ENOTSUP':
      return new ProbeError('unsupported', 'not-this-platform', `this kernel does not offer ${path}`);
    default:
      return new ProbeError('failed', 'unexpected', `${path}: ${code}`);
  }
};

const permissionFor = (path: string): string =>
  path.startsWith('/proc/') ? 'root, or the user of the process' : `read access to ${path} (root has it)`;
