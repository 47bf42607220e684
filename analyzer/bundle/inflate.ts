import { createGunzip, type Gunzip } from 'node:zlib';
import { DamagedArchive, UnsafeArchive } from './errors.js';
import type { Limits } from './limits.js';

/** Node's default of 16 KiB makes inflating several times slower. */
const INFLATED_CHUNK = 256 * 1024;
/** Bounds what one write can inflate to: deflate expands at most about 1030 times. */
const PACKED_SLICE = 64 * 1024;
/** zlib keeps back what it inflated in the call that failed: small slices at the start lose less of a small bundle. */
const FIRST_SLICE = 1024;
const FIRST_BYTES = 256 * 1024;
/** CRC and length at the end of a gzip member, checked apart from the data for the same reason. */
const TRAILER = 8;

/** The stream broke off or its checksum is wrong; everything before it was handed out. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

const describe = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'Z_BUF_ERROR') return 'the gzip stream ends early: the archive is truncated';
  if (/data check|length check/.test(error.message))
    return 'the gzip checksum is wrong: the archive was changed or damaged';
  return 'the gzip stream is damaged';
};

const meter = (limits: Limits): ((packed: number, unpacked: number) => UnsafeArchive | undefined) => {
  return (packed, unpacked) => {
    if (unpacked > limits.totalBytes)
      return new UnsafeArchive('too-large', `unpacks to more than ${limits.totalBytes} bytes`);
    if (unpacked > limits.ratioFromBytes && unpacked > packed * limits.ratio) {
      return new UnsafeArchive(
        'ratio',
        `unpacks to more than ${limits.ratio} times its size, as a decompression bomb does`,
      );
    }
    return undefined;
  };
};

/** Feeds one slice and waits until it is used up; what came out lies in `out`. */
const feed = (gunzip: Gunzip, slice: Uint8Array, failure: () => Error | undefined): Promise<void> =>
  new Promise((resolve) => {
    const finish = (): void => {
      gunzip.off('close', finish);
      resolve();
    };
    if (failure() !== undefined) return resolve();
    gunzip.once('close', finish);
    gunzip.write(slice, finish);
  });

/**
 * Inflates gzip, handing out every byte that precedes a damage before throwing `BrokenStream`.
 * Throws `UnsafeArchive` as soon as size or ratio pass their limits, at most one slice late.
 */
export const inflate = async function* (packed: AsyncIterable<Uint8Array>, limits: Limits): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: INFLATED_CHUNK });
  const check = meter(limits);
  let [taken, made] = [0, 0];
  let out: Uint8Array[] = [];
  let failure: Error | undefined;
  const refuse = (error: Error | undefined): void => {
    if (error === undefined || failure !== undefined) return;
    failure = error;
    gunzip.destroy();
  };
  gunzip.on('data', (chunk: Buffer) => {
    if (failure !== undefined) return;
    made += chunk.length;
    out.push(chunk);
    refuse(check(taken, made));
  });
  gunzip.on('error', (error: NodeJS.ErrnoException) => refuse(new BrokenStream(describe(error))));
  const drain = function* (): Generator<Uint8Array> {
    if (failure instanceof UnsafeArchive) throw failure;
    const ready = out;
    out = [];
    yield* ready;
    if (failure !== undefined) throw failure;
  };
  try {
    let held: Uint8Array = new Uint8Array(0);
    for await (const chunk of packed) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const end = Math.max(0, bytes.length - TRAILER);
      held = bytes.subarray(end);
      for (let at = 0; at < end; ) {
        const slice = bytes.subarray(at, Math.min(end, at + (taken < FIRST_BYTES ? FIRST_SLICE : PACKED_SLICE)));
        at += slice.length;
        taken += slice.length;
        await feed(gunzip, slice, () => failure);
        yield* drain();
      }
    }
    taken += held.length;
    await feed(gunzip, held, () => failure);
    yield* drain();
    const closed = new Promise<void>((resolve) => gunzip.once('close', resolve));
    gunzip.end();
    await closed;
    yield* drain();
  } finally {
    gunzip.destroy();
  }
};

/** Passes plain bytes on, holding them to the same total. */
const passOn = async function* (bytes: AsyncIterable<Uint8Array>, limits: Limits): AsyncGenerator<Uint8Array> {
  const check = meter(limits);
  let made = 0;
  for await (const chunk of bytes) {
    made += chunk.length;
    const refused = check(made, made);
    if (refused !== undefined) throw refused;
    yield chunk;
  }
};

/** The first `wanted` bytes, or all when there are fewer, and the whole stream again. */
export const peek = async (
  bytes: AsyncIterable<Uint8Array>,
  wanted: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Uint8Array>; failure?: unknown }> => {
  const iterator = bytes[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let [held, failure] = [0, undefined as unknown];
  while (held < wanted) {
    try {
      const next = await iterator.next();
      if (next.done === true) break;
      chunks.push(next.value);
      held += next.value.length;
    } catch (error) {
      if (!(error instanceof BrokenStream)) throw error;
      failure = error;
      break;
    }
  }
  const head = Buffer.concat(chunks);
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      if (failure !== undefined) throw failure;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head, all: all(), failure };
};

const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;
const isTar = (head: Buffer): boolean => head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar';

/**
 * The tar bytes of a .tar.gz or .tar stream, told apart by content. Throws `DamagedArchive` when it is neither,
 * so that the tar parser only ever sees tar: it would unpack a nested compression without these limits.
 */
export const tarBytes = async (
  bytes: AsyncIterable<Uint8Array>,
  limits: Limits,
): Promise<AsyncGenerator<Uint8Array>> => {
  const outer = await peek(bytes, 512);
  if (outer.head.length === 0) throw new DamagedArchive('the file is empty');
  if (!isGzip(outer.head)) {
    if (isTar(outer.head)) return passOn(outer.all, limits);
    throw new DamagedArchive('the file is neither a gzip nor a tar archive');
  }
  const inner = await peek(inflate(outer.all, limits), 512);
  if (isTar(inner.head) && !isGzip(inner.head)) return inner.all;
  const { failure } = inner;
  await inner.all.return(undefined);
  throw new DamagedArchive(failure instanceof BrokenStream ? failure.message : 'the gzip file holds no tar archive');
};
