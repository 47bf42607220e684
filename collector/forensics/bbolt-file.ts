import { BudgetSpent, type ByteSource } from './bytes.js';

/** Why a meta page does not count (bbolt's own checks). */
export type MetaProblem = 'unreadable' | 'magic' | 'version' | 'checksum';

/** One of the two meta pages at the start of the file; the fields are there when the magic is right, whatever else is wrong. */
export interface MetaPage {
  readonly page: 0 | 1;
  readonly problem?: MetaProblem;
  readonly version?: number;
  readonly pageSize?: number;
  readonly root?: number;
  /** Page of the free list; `undefined` when etcd keeps none on disk. */
  readonly freelist?: number;
  /** High-water mark: pages from here on are not in use. */
  readonly highWater?: number;
  readonly txid?: number;
}

export interface BoltMetas {
  readonly metas: readonly [MetaPage, MetaPage];
  /** The one that counts: the valid one with the higher transaction id. */
  readonly inForce?: ValidMeta;
  /** The page size was taken from the second meta page, or guessed. */
  readonly pageSize: number;
  readonly littleEndian: boolean;
}

export type ValidMeta = MetaPage & {
  readonly pageSize: number;
  readonly root: number;
  readonly highWater: number;
  readonly txid: number;
};

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const PAGE_HEADER = 16;
const META_BYTES = 64;
const CHECKED_BYTES = 56;
const MIN_PAGE = 512;
const MAX_PAGE = 1 << 24;
const DEFAULT_PAGE = 4096;
const NO_FREELIST = 0xffff_ffff_ffff_ffffn;
/** Above 2^53: no page of any file, so that every check of it fails. */
const NO_PAGE = Number.POSITIVE_INFINITY;

/** A file of bbolt with the byte order of the machine that wrote it. */
export interface BoltFile {
  readonly source: ByteSource;
  readonly pageSize: number;
  readonly highWater: number;
  readonly littleEndian: boolean;
}

/** FNV-1a, 64 bits: the checksum of a meta page. */
export const fnv1a64 = (bytes: Uint8Array): bigint => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
};

export const u16 = (bytes: Buffer, at: number, little: boolean): number =>
  little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
export const u32 = (bytes: Buffer, at: number, little: boolean): number =>
  little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
/** A page or transaction id; infinite above 2^53. */
export const u64 = (bytes: Buffer, at: number, little: boolean): number => {
  const low = u32(bytes, little ? at : at + 4, little);
  const high = u32(bytes, little ? at + 4 : at, little);
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : NO_PAGE;
};

const parseMeta = (bytes: Buffer, page: 0 | 1): { readonly meta: MetaPage; readonly littleEndian: boolean } => {
  if (bytes.length < PAGE_HEADER + META_BYTES) return { meta: { page, problem: 'unreadable' }, littleEndian: true };
  const body = bytes.subarray(PAGE_HEADER, PAGE_HEADER + META_BYTES);
  const littleEndian = body.readUInt32LE(0) === MAGIC;
  if (!littleEndian && body.readUInt32BE(0) !== MAGIC) return { meta: { page, problem: 'magic' }, littleEndian: true };
  const big = (at: number): bigint => (littleEndian ? body.readBigUInt64LE(at) : body.readBigUInt64BE(at));
  const version = u32(body, 4, littleEndian);
  const freelist = u64(body, 32, littleEndian);
  const problem: MetaProblem | undefined =
    version !== VERSION ? 'version' : big(56) !== fnv1a64(body.subarray(0, CHECKED_BYTES)) ? 'checksum' : undefined;
  const fields = {
    pageSize: u32(body, 8, littleEndian),
    root: u64(body, 16, littleEndian),
    highWater: u64(body, 40, littleEndian),
    txid: u64(body, 48, littleEndian),
  };
  const meta = {
    page,
    ...(problem === undefined ? {} : { problem }),
    version,
    ...(big(32) === NO_FREELIST || freelist === NO_PAGE ? {} : { freelist }),
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => Number.isSafeInteger(value))),
  };
  return { meta, littleEndian };
};

const isValid = (meta: MetaPage): meta is ValidMeta =>
  meta.problem === undefined &&
  meta.txid !== undefined &&
  meta.root !== undefined &&
  meta.highWater !== undefined &&
  meta.pageSize !== undefined &&
  meta.pageSize >= MIN_PAGE &&
  meta.pageSize <= MAX_PAGE;

const readAt = async (source: ByteSource, at: number): Promise<Buffer> => {
  try {
    return at < source.size ? await source.read(at, PAGE_HEADER + META_BYTES) : Buffer.alloc(0);
  } catch (error) {
    if (error instanceof BudgetSpent) throw error;
    return Buffer.alloc(0);
  }
};

/** Both meta pages; the second is looked for at every page size when the first does not tell it, as bbolt does. */
export const readMetas = async (source: ByteSource): Promise<BoltMetas> => {
  const first = parseMeta(await readAt(source, 0), 0);
  const known = isValid(first.meta) ? first.meta.pageSize : undefined;
  let second: ReturnType<typeof parseMeta> | undefined;
  let pageSize = known ?? DEFAULT_PAGE;
  const sizes = known === undefined ? Array.from({ length: 15 }, (_, power) => 1024 << power) : [known];
  for (const size of sizes) {
    const found = parseMeta(await readAt(source, size), 1);
    if (known !== undefined || isValid(found.meta)) {
      second = found;
      pageSize = size;
      break;
    }
  }
  second ??= parseMeta(await readAt(source, DEFAULT_PAGE), 1);
  const valid = [first.meta, second.meta].filter(isValid).sort((a, b) => b.txid - a.txid);
  const inForce = valid[0];
  return {
    metas: [first.meta, second.meta],
    ...(inForce === undefined ? {} : { inForce }),
    pageSize: inForce?.pageSize ?? pageSize,
    littleEndian: inForce?.page === 1 ? second.littleEndian : first.littleEndian,
  };
};

export const PAGE = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;

export interface PageHeader {
  readonly id: number;
  readonly flags: number;
  readonly count: number;
  readonly overflow: number;
}

export const headerOf = (bytes: Buffer, little: boolean): PageHeader => ({
  id: u64(bytes, 0, little),
  flags: u16(bytes, 8, little),
  count: u16(bytes, 10, little),
  overflow: u32(bytes, 12, little),
});

/** Elements of a branch page: the lowest key of each child, and its page. Those that point outside are counted, not given. */
export const branchElements = (
  bytes: Buffer,
  count: number,
  little: boolean,
): { readonly children: readonly { readonly key: Buffer; readonly page: number }[]; readonly broken: number } => {
  const children: { key: Buffer; page: number }[] = [];
  let broken = 0;
  for (let n = 0; n < count; n += 1) {
    const at = PAGE_HEADER + n * 16;
    if (at + 16 > bytes.length) {
      broken += count - n;
      break;
    }
    const from = at + u32(bytes, at, little);
    const to = from + u32(bytes, at + 4, little);
    if (to > bytes.length || to <= from) broken += 1;
    else children.push({ key: bytes.subarray(from, to), page: u64(bytes, at + 8, little) });
  }
  return { children, broken };
};

/** Place of one element of a leaf page: key from `key` to `value`, value from `value` to `end`; `end` may lie behind the bytes read. */
export interface LeafElement {
  readonly bucket: boolean;
  readonly key: number;
  readonly value: number;
  readonly end: number;
}

/** Element `n` of a leaf page of `pageBytes` in all; `undefined` when it points outside the page. */
export const leafElement = (bytes: Buffer, n: number, pageBytes: number, little: boolean): LeafElement | undefined => {
  const at = PAGE_HEADER + n * 16;
  if (at + 16 > bytes.length) return undefined;
  const key = at + u32(bytes, at + 4, little);
  const value = key + u32(bytes, at + 8, little);
  const end = value + u32(bytes, at + 12, little);
  return value > key && value <= bytes.length && end <= pageBytes
    ? { bucket: (u32(bytes, at, little) & 1) === 1, key, value, end }
    : undefined;
};
