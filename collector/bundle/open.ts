import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { messageOf, UsageError } from '../errors.js';

/** An existing bundle, whole in memory. */
export interface OpenBundle {
  readonly root: string;
  /** Content by path below the root, in the order of the archive. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const MAX_ENTRIES = 50_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_PATH = 512;

/** Files of age begin with its name and version. */
const isEncrypted = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r').catch(() => undefined);
  try {
    const start = await file?.read(Buffer.alloc(22), 0, 22, 0);
    return start?.buffer.toString('latin1') === 'age-encryption.org/v1\n';
  } finally {
    await file?.close();
  }
};

/** `origin` is how errors call it. */
const readBundle = async (source: Readable, origin: string): Promise<OpenBundle> => {
  const files = new Map<string, Buffer>();
  let root: string | undefined;
  let bytes = 0;
  let problem: string | undefined;
  const refuse = (why: string): void => {
    problem ??= why;
  };
  const onReadEntry = (entry: ReadEntry): void => {
    if (problem !== undefined || entry.type === 'Directory') {
      entry.resume();
      return;
    }
    const segments = entry.path.replace(/^\.\//, '').split('/');
    const [first = '', ...rest] = segments;
    const name = rest.join('/');
    root ??= first;
    if (entry.type !== 'File' && entry.type !== 'OldFile') refuse(`it holds a ${entry.type}`);
    else if (
      entry.path.length > MAX_PATH ||
      entry.path.startsWith('/') ||
      segments.some((each) => each === '..' || each === '')
    )
      refuse('a path in it leaves the bundle');
    else if (first !== root || name === '') refuse('it has more than one root directory');
    else if (files.size >= MAX_ENTRIES) refuse(`it holds more than ${MAX_ENTRIES} files`);
    else if (files.has(name)) refuse('it holds a file twice');
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) refuse(`it unpacks to more than ${MAX_BYTES} bytes`);
      if (problem === undefined) chunks.push(chunk);
    });
    entry.on('end', () => {
      if (problem === undefined) files.set(name, Buffer.concat(chunks));
    });
  };
  const parser = new Parser({ strict: true, onReadEntry });
  const failed = new Promise<never>((_, reject) => parser.on('error', reject));
  failed.catch(() => undefined);
  const into = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      if (problem !== undefined) next(new Error(problem));
      else if (parser.write(chunk)) next();
      else parser.once('drain', () => next());
    },
    final: (next) => {
      parser.once('end', () => next());
      parser.end();
    },
  });
  try {
    await Promise.race([pipeline(source, createGunzip({ chunkSize: 1 << 18 }), into), failed]);
  } catch (error) {
    source.destroy();
    throw new UsageError(
      `${origin} cannot be read as a bundle: ${problem ?? messageOf(error)}`,
      'name a .tar.gz that etcd-collect wrote',
    );
  }
  if (problem !== undefined || root === undefined) {
    throw new UsageError(
      `${origin} cannot be read as a bundle: ${problem ?? 'it is empty'}`,
      'name a .tar.gz that etcd-collect wrote',
    );
  }
  return { root, files };
};

/**
 * Reads a bundle somebody handed over: only regular files below one root, without links, climbing paths or more bytes than a bundle may
 * have. Throws UsageError that says what is wrong.
 */
export const openBundle = async (path: string): Promise<OpenBundle> => {
  if (await isEncrypted(path))
    throw new UsageError(
      `${path} is encrypted`,
      'decrypt it first: age --decrypt -i IDENTITY FILE.tar.gz.age > FILE.tar.gz',
    );
  return readBundle(createReadStream(path), path);
};

/** The same for one that came as a stream and is in memory. */
export const openBundleBytes = (bytes: Buffer, origin: string): Promise<OpenBundle> =>
  readBundle(Readable.from([bytes]), origin);
