import { closeSync, createWriteStream, fsyncSync, rmSync, type Stats, type WriteStream, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TarArchive } from 'archiver';
import { SIGNATURE_SUFFIX } from '../../schemas/index.js';
import { OutputError, QuarantineError } from '../errors.js';
import { releaseMemory } from '../memory.js';
import { fileQueue } from '../ports/file-queue.js';
import type { Inspect } from '../redact/gate.js';
import type { Encryption, Envelope } from './encrypt.js';
import { type Destination, finalPath, outputError, refuseExisting } from './output.js';
import type { Signer } from './sign.js';
import type { StoredFile } from './store.js';
import { createTemporary, type TemporaryFile } from './temporary.js';
import { inspectFiles, verifyArchive } from './verify.js';

export interface ArchiveInput {
  /** Root directory inside the archive. */
  readonly root: string;
  /** In the order of the archive. */
  readonly files: readonly StoredFile[];
  /** Modification time of every entry. */
  readonly createdAt: Date;
  /** Looks for what redaction should have removed; without it nothing is looked for. */
  readonly inspect?: Inspect;
  /** Absent: the bundle is written in the clear. */
  readonly encryption?: Encryption;
  /** Absent: no signature is written. The last file has to be SHA256SUMS. */
  readonly signer?: Signer;
  /** A device that takes nothing for so long is not waited for, ms; default 30 s. */
  readonly stallMs?: number;
}

/** gzip level 1: about three times faster than 6 on etcd logs for a few percent more bytes. */
const gzipLevel = 1;

/**
 * Streams the archive. Entries are whole buffers, handed over one after another, each after the one before has been taken:
 * memory stays at one entry, and no stream of unknown length is ever given to archiver, which would collect it whole.
 */
const streamArchive = async (
  { root, files, createdAt }: ArchiveInput,
  envelope: Envelope | undefined,
  sink: Writable,
  end: boolean,
  stalled: Promise<never> = new Promise(() => undefined),
): Promise<void> => {
  const archive = new TarArchive({ gzip: true, gzipOptions: { level: gzipLevel } });
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  archive.on('error', (error) => fail(error));
  const flowing =
    envelope === undefined ? pipeline(archive, sink, { end }) : pipeline(archive, envelope.seal, sink, { end });
  // A sink that fails leaves archiver waiting for ever, so every step below races with it.
  const broken = Promise.race([failed, stalled, flowing.then(() => failed)]);
  broken.catch(() => undefined);
  try {
    for (const file of files) {
      const content = file.stream?.() ?? (await Promise.race([file.read(), broken]));
      if (content instanceof Readable) content.once('error', (error) => fail(error));
      const taken = new Promise<void>((resolve) => archive.once('entry', () => resolve()));
      // archiver streams an entry only when it is told the size, and looks at nothing but the size then.
      const stats = content instanceof Readable ? { stats: { size: file.bytes } as Stats } : {};
      archive.append(content, { name: `${root}/${file.path}`, mode: 0o600, date: createdAt, ...stats });
      await Promise.race([taken, broken]);
      if (content instanceof Readable) releaseMemory();
    }
    await Promise.race([archive.finalize(), broken]);
    await Promise.race([flowing, stalled]);
  } catch (error) {
    archive.abort();
    archive.destroy();
    throw error;
  }
};

/** fsync of a directory makes the rename last; not every file system has it. */
const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

const defaultStallMs = 30_000;
const discardMs = 2_000;

/** Removes a file of this process that did not become what it was to be; a device that hangs is not waited for. */
const discard = (path: string): Promise<void> =>
  Promise.race([rm(path, { force: true }).catch(() => undefined), sleep(discardMs, undefined, { ref: false })]);

/** Rejects when nothing has reached the file for `stallMs`. */
const watchStall = (
  sink: WriteStream,
  path: string,
  stallMs: number,
): { readonly stalled: Promise<never>; readonly stop: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    let seen = -1;
    let since = performance.now();
    timer = setInterval(() => {
      if (sink.bytesWritten !== seen) {
        seen = sink.bytesWritten;
        since = performance.now();
      } else if (performance.now() - since >= stallMs) {
        clearInterval(timer);
        fileQueue.abandon();
        reject(new OutputError(`the device has taken nothing for ${stallMs / 1000} s`, path, 'ETIMEDOUT'));
      }
    }, stallMs / 30);
  });
  stalled.catch(() => undefined);
  return { stalled, stop: () => clearInterval(timer) };
};

/** Writes the signature under a temporary name; `undefined` when none is wanted. */
const stageSignature = ({ signer, files }: ArchiveInput, file: string): TemporaryFile | undefined => {
  const checksums = files.at(-1);
  if (signer === undefined || checksums === undefined) return undefined;
  const text = `${JSON.stringify(signer.sign(checksums.sha256), null, 1)}\n`;
  const temp = createTemporary(file);
  try {
    writeFileSync(temp.descriptor, text);
    fsyncSync(temp.descriptor);
    return temp;
  } catch (error) {
    rmSync(temp.path, { force: true });
    temp.forget();
    throw error;
  } finally {
    closeSync(temp.descriptor);
  }
};

const writeFile = async (input: ArchiveInput, file: string): Promise<string> => {
  const signature = `${file}${SIGNATURE_SUFFIX}`;
  let temp: TemporaryFile | undefined;
  let signed: TemporaryFile | undefined;
  try {
    const envelope = await input.encryption?.();
    temp = createTemporary(file);
    // `flush` is an fsync before the close.
    const sink = createWriteStream(temp.path, { fd: temp.descriptor, flush: true, highWaterMark: 1 << 18 });
    const { stalled, stop } = watchStall(sink, file, input.stallMs ?? defaultStallMs);
    await streamArchive(input, envelope, sink, true, stalled).finally(stop);
    try {
      await verifyArchive(temp.path, input.root, input.files, input.inspect, envelope?.open);
    } catch (error) {
      if (!(error instanceof QuarantineError)) throw error;
      // As it was written: what was to be encrypted stays so, and nobody vouches for it with a signature.
      const aside = `${file}.quarantine`;
      await rename(temp.path, aside);
      throw new QuarantineError(error.message, aside);
    }
    await refuseExisting(file);
    signed = stageSignature(input, signature);
    if (signed !== undefined) {
      await refuseExisting(signature);
      // First the signature: where a bundle stands, its signature does too.
      await rename(signed.path, signature);
    }
    try {
      await rename(temp.path, file);
    } catch (error) {
      if (signed !== undefined) await discard(signature);
      throw error;
    }
    await syncDirectory(dirname(file));
    return file;
  } catch (error) {
    if (temp !== undefined) await discard(temp.path);
    if (signed !== undefined) await discard(signed.path);
    if (error instanceof QuarantineError) throw error;
    throw await outputError(error, file);
  } finally {
    temp?.forget();
    signed?.forget();
  }
};

/**
 * Writes the bundle: temporary name in the same directory, fsync, re-read, compared hash by hash and searched, renamed into place,
 * its signature beside it. What is encrypted is so before it reaches the disk. A stream gets no signature.
 * Returns its path, or `undefined` when it was streamed. Throws `OutputError`; nothing is left behind then. Throws `QuarantineError`
 * when the search of the finished archive finds something left: the archive is then `<path>.quarantine`, a stream was not begun.
 */
export const writeBundle = async (
  input: ArchiveInput,
  destination: Destination,
  stdout: Writable,
): Promise<string | undefined> => {
  if (destination.kind === 'stream') {
    if (input.inspect !== undefined) await inspectFiles(input.root, input.files, input.inspect);
    try {
      await streamArchive(input, await input.encryption?.(), stdout, false);
    } catch (error) {
      throw await outputError(error, '-');
    }
    return undefined;
  }
  return writeFile(input, finalPath(destination, input.root, input.encryption !== undefined));
};
