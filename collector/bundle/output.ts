import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ENCRYPTED_SUFFIX } from '../../schemas/index.js';
import { errnoOf, messageOf, OutputError } from '../errors.js';
import { deadMounts } from '../ports/dead-mounts.js';

/** Where the bundle goes: a stream, a named file, or a file named by the run in a directory. */
export type Destination =
  | { readonly kind: 'stream' }
  | { readonly kind: 'file'; readonly directory: string; readonly file: string }
  | { readonly kind: 'directory'; readonly directory: string };

/** Less free space than this is refused before the run, bytes. */
const minimumFree = 1024 * 1024;

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is mounted read-only',
  ENOSPC: 'the file system is full',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'the file system does not take files of this size',
  EIO: 'the device reported an I/O error',
  EEXIST: 'the file exists; a bundle is never overwritten',
  EPIPE: 'the reader of the stream went away',
};

/** An `OutputError` that names path and device. */
export const outputError = async (error: unknown, path: string): Promise<OutputError> => {
  if (error instanceof OutputError) return error;
  const code = errnoOf(error) ?? 'EUNKNOWN';
  const device = await stat(path)
    .catch(() => stat(dirname(path)))
    .then(({ dev }) => `${(dev >> 8) & 0xfff}:${dev & 0xff}`)
    .catch(() => undefined);
  return new OutputError(causes[code] ?? messageOf(error), path, code, device);
};

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const encryptedName = (path: string): string => (path.endsWith(ENCRYPTED_SUFFIX) ? path : `${path}${ENCRYPTED_SUFFIX}`);

/** Understands `--output`; default is the current directory. The name of an encrypted file ends in `.age`, asked for or not. */
export const destinationOf = async (output: string | undefined, encrypted = false): Promise<Destination> => {
  if (output === '-') return { kind: 'stream' };
  const path = resolve(output ?? '.');
  if (deadMounts.has(path)) throw new OutputError('the file system does not answer', path, 'ETIMEDOUT');
  if (output === undefined || output.endsWith('/') || (await isDirectory(path)))
    return { kind: 'directory', directory: path };
  return { kind: 'file', directory: dirname(path), file: encrypted ? encryptedName(path) : path };
};

/** Finds out before the run, not after it, that the bundle cannot be written there. Throws `OutputError`. */
export const checkDestination = async (destination: Destination): Promise<void> => {
  if (destination.kind === 'stream') return;
  const { directory } = destination;
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    if (!(await isDirectory(directory))) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    const space = await statfs(directory, { bigint: true });
    if (space.blocks > 0n && space.bavail * space.bsize < BigInt(minimumFree)) {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
  } catch (error) {
    throw await outputError(error, directory);
  }
  if (destination.kind === 'file') await refuseExisting(destination.file);
};

/** Throws `OutputError` when something with content stands at the path; an empty file (`mktemp`) may be replaced. */
export const refuseExisting = async (file: string): Promise<void> => {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && (!found.isFile() || found.size > 0)) {
    throw await outputError(Object.assign(new Error('exists'), { code: 'EEXIST' }), file);
  }
};

/** The final path. */
export const finalPath = (
  destination: Exclude<Destination, { kind: 'stream' }>,
  name: string,
  encrypted = false,
): string =>
  destination.kind === 'file'
    ? destination.file
    : join(destination.directory, `${name}.tar.gz${encrypted ? ENCRYPTED_SUFFIX : ''}`);
