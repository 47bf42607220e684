import { constants } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { readArchive } from '../bundle/archive.js';
import { DamagedArchive, UnreadableInput, UnsafeArchive } from '../bundle/errors.js';
import { BrokenStream, inflate, peek, tarBytes } from '../bundle/inflate.js';
import { chunksOf, openFile, timed } from '../bundle/source.js';
import { type Basket, foreignSink, keep, labelOf, leave, tailBuffer } from './collect-files.js';
import { interestOf } from './layouts/index.js';
import { importLimits, MAX_FILE_BYTES, MAX_NESTING, MAX_UNHINTED, MAX_ZIP_BYTES } from './limits.js';
import { SNIFF_BYTES, type Sniffed, sniff } from './sniff.js';
import { unzip } from './unzip.js';

type Bytes = AsyncIterable<Uint8Array>;

/** An input that is no bundle of ours. */
export type ForeignInput =
  | { readonly kind: 'directory'; readonly path: string; readonly label?: string }
  | {
      readonly kind: 'stream';
      readonly name: string;
      readonly label?: string;
      readonly stream: Readable | Bytes;
      readonly modifiedAt?: number;
    };

const UNPACK: Partial<Record<Sniffed, string>> = {
  xz: 'xz-compressed, which is not read here: unpack it (tar -xJf FILE) and name the directory',
  zstd: 'zstd-compressed, which is not read here: unpack it (tar --zstd -xf FILE) and name the directory',
  bzip2: 'bzip2-compressed, which is not read here: unpack it (tar -xjf FILE) and name the directory',
};

interface Place {
  readonly input: string;
  /** Path within the input; empty for the input itself. */
  readonly path: string;
  readonly modifiedAt?: number;
  readonly depth: number;
}

const tail = async (bytes: Bytes): Promise<{ bytes: Uint8Array; skipped: number; broken?: string }> => {
  const buffer = tailBuffer(MAX_FILE_BYTES);
  try {
    for await (const chunk of bytes) buffer.write(chunk);
  } catch (error) {
    if (!(error instanceof BrokenStream)) throw error;
    return { ...buffer.end(), broken: error.message };
  }
  return buffer.end();
};

const whole = async (bytes: Bytes, limit: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of bytes) {
    held += chunk.length;
    if (held > limit) throw new UnsafeArchive('too-large', `a zip of more than ${limit} bytes is not read`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Takes one file or archive apart, as deep as archives lie in each other. */
const take = async (bytes: Bytes, place: Place, basket: Basket): Promise<void> => {
  const { head, all } = await peek(bytes, SNIFF_BYTES);
  const kind = sniff(head);
  const label = labelOf(place.input, place.path);
  const within = (path: string): Place => ({
    ...place,
    path: place.path === '' ? path : `${place.path}/${path}`,
    depth: place.depth + 1,
  });
  const plain = async (source: Bytes, path: string): Promise<void> => {
    const { bytes: content, skipped, broken } = await tail(source);
    if (broken !== undefined) leave(basket, label, `${broken}; what is there of it is used`);
    const own = path === '' ? basename(place.input) : path;
    keep(basket, {
      input: place.input,
      path: own,
      bytes: content,
      skippedBytes: skipped,
      ...(place.modifiedAt === undefined ? {} : { modifiedAt: place.modifiedAt }),
    });
  };
  if (UNPACK[kind] !== undefined || kind === 'empty') {
    await all.return(undefined);
    leave(basket, label, UNPACK[kind] ?? 'empty');
  } else if (kind === 'bundle') {
    await all.return(undefined);
    leave(basket, label, 'a bundle of etcd-collect, encrypted, or damaged: name it by itself');
  } else if (kind === 'zip') {
    const entries = unzip(await whole(all, MAX_ZIP_BYTES), zipWanted(place.input, basket), {
      ...importLimits,
      fileBytes: MAX_FILE_BYTES,
    });
    for (const entry of entries) await expand(entry.bytes, within(entry.path), basket);
  } else if (kind === 'tar' || (kind === 'gzip' && (await holdsTar(head)))) {
    if (place.depth >= MAX_NESTING) return leave(basket, label, 'an archive within archives, too deep to be read');
    const inner: Basket = { ...basket, files: [] };
    const damage = await readArchive(await tarBytes(all, importLimits), foreignSink(place.input, inner));
    basket.keptBytes = inner.keptBytes;
    if (damage !== undefined) leave(basket, label, `${damage}; what is there of it is used`);
    for (const file of inner.files) {
      const at = within(file.path);
      basket.keptBytes -= file.bytes.length;
      if (isPacked(file.bytes))
        await expand(file.bytes, file.modifiedAt === undefined ? at : { ...at, modifiedAt: file.modifiedAt }, basket);
      else keep(basket, { ...file, path: at.path });
    }
  } else if (kind === 'gzip') await plain(inflate(all, importLimits), place.path.replace(/\.gz$/, ''));
  else await plain(all, place.path);
};

const isPacked = (bytes: Uint8Array): boolean =>
  bytes.length > 1 &&
  ['bundle', 'gzip', 'zip', 'xz', 'zstd', 'bzip2', 'tar'].includes(sniff(Buffer.from(bytes.subarray(0, SNIFF_BYTES))));

const expand = (bytes: Uint8Array, place: Place, basket: Basket): Promise<void> =>
  place.depth > MAX_NESTING
    ? Promise.resolve(
        leave(basket, labelOf(place.input, place.path), 'an archive within archives, too deep to be read'),
      )
    : take(one(bytes), place, basket);

const holdsTar = async (head: Buffer): Promise<boolean> => {
  const inner = await peek(inflate(one(head), importLimits), 512);
  const found = inner.head.length >= 512 && inner.head.toString('latin1', 257, 262) === 'ustar';
  await inner.all.return(undefined);
  return found;
};

const zipWanted = (input: string, basket: Basket): ((path: string, size: number) => boolean) => {
  let unhinted = 0;
  return (path, size) => {
    if (interestOf(path) !== undefined) return true;
    unhinted += 1;
    if (unhinted <= MAX_UNHINTED && size <= MAX_FILE_BYTES) return true;
    basket.skipped.set(input, (basket.skipped.get(input) ?? 0) + 1);
    return false;
  };
};

/** Walks a directory under the same rules as an archive: links and special files are passed over, paths are only labels. */
const takeDirectory = async (path: string, label: string, basket: Basket, signal?: AbortSignal): Promise<void> => {
  const sink = foreignSink(label, basket);
  const open = [''];
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    const entries = await readdir(join(path, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (below === '') throw new UnreadableInput(path, error.code ?? 'cannot be read');
      leave(basket, labelOf(label, below ?? ''), error.code ?? 'cannot be read');
      return [];
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      signal?.throwIfAborted();
      const relative = below === '' ? entry.name : `${below}/${entry.name}`;
      sink.countEntry(relative);
      if (entry.isDirectory()) open.push(relative);
      else if (!entry.isFile()) sink.odd?.(relative, 'a link or special file; only regular files are read');
      else await takeFile(join(path, relative), relative, label, sink, basket);
    }
  }
};

const takeFile = async (
  full: string,
  relative: string,
  input: string,
  sink: ReturnType<typeof foreignSink>,
  basket: Basket,
): Promise<void> => {
  const handle = await openFile(full, constants.O_NOFOLLOW).catch((error: unknown) => error as Error);
  if (handle instanceof Error) return leave(basket, labelOf(input, relative), 'cannot be opened');
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return sink.odd?.(relative, 'is not a regular file');
    sink.modified?.(Math.round(stats.mtimeMs));
    const before = basket.files.length;
    const file = sink.file(relative.split('/'), relative, stats.size);
    for await (const chunk of chunksOf(handle, relative)) file.write(chunk);
    file.end();
    const taken = basket.files.length > before ? basket.files.pop() : undefined;
    if (taken === undefined) return;
    basket.keptBytes -= taken.bytes.length;
    const place: Place = { input, path: relative, depth: 1, modifiedAt: Math.round(stats.mtimeMs) };
    if (isPacked(taken.bytes)) await expand(taken.bytes, place, basket);
    else keep(basket, taken);
  } finally {
    await handle.close();
  }
};

/**
 * Puts the files of one input that may concern etcd into the basket. Throws `UnsafeArchive` beyond the limits and
 * `UnreadableInput`; anything else that is wrong is left with its reason.
 */
export const gather = async (input: ForeignInput, basket: Basket, signal?: AbortSignal): Promise<void> => {
  if (input.kind === 'directory') return takeDirectory(input.path, input.label ?? input.path, basket, signal);
  const place: Place = {
    input: input.label ?? input.name,
    path: '',
    depth: 0,
    ...(input.modifiedAt === undefined ? {} : { modifiedAt: input.modifiedAt }),
  };
  try {
    await take(timed(input.stream, importLimits, signal), place, basket);
  } catch (error) {
    if (!(error instanceof DamagedArchive)) throw error;
    leave(basket, place.input, error.message);
  }
};
