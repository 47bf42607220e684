import { BudgetSpent } from './bytes.js';
import {
  type BoltFile,
  branchElements,
  headerOf,
  type LeafElement,
  leafElement,
  PAGE,
  type PageHeader,
} from './bbolt-file.js';

/**
 * What bbolt's own check would object to. `wrong-id`: the page says it is another one. `out-of-range`: a page id below 2 or not below the
 * high-water mark. `beyond-file`: the file is shorter. `element-outside-page`: an element points behind its page. `keys-out-of-order`:
 * within a page. `key-outside-range`: a page holds keys that its parent places elsewhere, as a page does whose last write was lost.
 */
export type PageProblemKind =
  | 'wrong-id'
  | 'wrong-type'
  | 'out-of-range'
  | 'beyond-file'
  | 'unreadable'
  | 'element-outside-page'
  | 'keys-out-of-order'
  | 'key-outside-range'
  | 'referenced-twice'
  | 'uneven-depth'
  | 'too-deep'
  | 'empty-page'
  | 'nested-bucket';

export interface PageProblem {
  readonly kind: PageProblemKind;
  readonly page: number;
  readonly bucket: string;
}

export interface Problems {
  /** The first of them. */
  readonly list: PageProblem[];
  count: number;
}

export interface TreeStats {
  readonly name: string;
  /** In a value of the root page, as small buckets are. */
  readonly inline: boolean;
  readonly root: number;
  depth: number;
  branchPages: number;
  /** Known from the branch pages above, read or not. */
  leafPages: number;
  leafPagesRead: number;
  overflowPages: number;
  keys: number;
  keyBytes: number;
  valueBytes: number;
  /** Of the leaf pages that were read: bytes in use, headers included, and bytes in all. */
  usedBytes: number;
  capacityBytes: number;
  /** Leaf pages too large to be read whole. */
  cutPages: number;
  /** Every page of it was read. */
  complete: boolean;
}

export interface TreeContext {
  readonly file: BoltFile;
  readonly problems: Problems;
  /** One bit per page: reached. Absent for files too large for it. */
  readonly reached: Uint8Array | undefined;
  reachedPages: number;
  /** Bytes that may still be read: decides whether all leaf pages are read or a spread of them. */
  readonly remainingBytes: () => number;
}

/** Called for every element of every leaf page that is read; the bytes are only valid during the call. */
export type LeafVisitor = (bytes: Buffer, element: LeafElement) => void;

const MAX_LISTED = 50;
const MAX_DEPTH = 24;
/** Pages of one level that are kept in mind: 16 bytes each. */
const MAX_LEVEL = 2_000_000;
const MAX_REACHED_PAGES = 2 ** 28;
const CHUNK = 256 * 1024;
/** Pages between two wanted ones that are read along rather than left out. */
const MAX_GAP = 4;
/** Most bytes of one page with its overflow that are read. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
/** Leaf pages that are read together when only a spread of them can be. */
const RUN = 64;
const HEADER = 16;

export const newContext = (file: BoltFile, remainingBytes: () => number): TreeContext => ({
  file,
  problems: { list: [], count: 0 },
  reached: bitsFor(Math.min(file.highWater, Math.ceil(file.source.size / file.pageSize))),
  reachedPages: 0,
  remainingBytes,
});

const bitsFor = (pages: number): Uint8Array | undefined =>
  pages <= MAX_REACHED_PAGES ? new Uint8Array(Math.ceil(pages / 8)) : undefined;

const report = ({ problems }: TreeContext, kind: PageProblemKind, page: number, bucket: string): void => {
  problems.count += 1;
  if (problems.list.length < MAX_LISTED) problems.list.push({ kind, page, bucket });
};

/** Notes that a page and its overflow are in use; false when one of them already was. */
const reach = (context: TreeContext, from: number, pages: number): boolean => {
  const { reached } = context;
  context.reachedPages += pages;
  if (reached === undefined) return true;
  for (let page = from; page < from + pages && page < reached.length * 8; page += 1) {
    const mask = 1 << (page & 7);
    const byte = reached[page >>> 3] as number;
    if ((byte & mask) !== 0) return false;
    reached[page >>> 3] = byte | mask;
  }
  return true;
};

/** First eight bytes of a key as a number: later keys never have a smaller one. */
const rankOf = (bytes: Buffer, from: number, to: number): number => {
  let rank = 0;
  for (let n = 0; n < 8; n += 1) rank = rank * 256 + (from + n < to ? (bytes[from + n] as number) : 0);
  return rank;
};

const isLess = (bytes: Buffer, a: number, aEnd: number, b: number, bEnd: number): boolean => {
  const length = Math.min(aEnd - a, bEnd - b);
  for (let n = 0; n < length; n += 1) {
    const difference = (bytes[a + n] as number) - (bytes[b + n] as number);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - a < bEnd - b;
};

interface Loaded {
  readonly page: number;
  readonly header: PageHeader;
  /** The page with its overflow; less of it when the rest is one value, which nobody needs. */
  readonly bytes: Buffer;
  /** Size with overflow. */
  readonly pageBytes: number;
}

/** A page out of bytes read at `start`, checked; its overflow is read as far as keys are in it. */
const openPage = async (
  context: TreeContext,
  page: number,
  chunk: Buffer,
  start: number,
  bucket: string,
): Promise<Loaded | undefined> => {
  const { file } = context;
  const { pageSize, source, highWater, littleEndian } = file;
  const at = page * pageSize - start;
  const own = chunk.subarray(at, at + pageSize);
  const refuse = (kind: PageProblemKind): undefined => {
    report(context, kind, page, bucket);
    return undefined;
  };
  if (own.length < pageSize) return refuse('beyond-file');
  const header = headerOf(own, littleEndian);
  if (header.id !== page) return refuse('wrong-id');
  if (header.flags !== PAGE.branch && header.flags !== PAGE.leaf) return refuse('wrong-type');
  if (page + header.overflow >= highWater) return refuse('out-of-range');
  if (!reach(context, page, header.overflow + 1)) return refuse('referenced-twice');
  const pageBytes = (header.overflow + 1) * pageSize;
  // A value that fills pages of its own: its key is on the first of them.
  if (header.overflow === 0 || (header.count === 1 && header.flags === PAGE.leaf && keyWithin(own, littleEndian)))
    return { page, header, bytes: own, pageBytes };
  const wanted = Math.min(pageBytes, MAX_PAGE_BYTES);
  const bytes =
    at + wanted <= chunk.length ? chunk.subarray(at, at + wanted) : await source.read(page * pageSize, wanted);
  return bytes.length < wanted ? refuse('beyond-file') : { page, header, bytes, pageBytes };
};

const keyWithin = (own: Buffer, little: boolean): boolean => {
  const element = leafElement(own, 0, Number.POSITIVE_INFINITY, little);
  return element !== undefined && !element.bucket;
};

/** Reads pages in the order given, neighbours together. `take` gets the position in `pages`, and nothing for a page that cannot be used. */
const loadPages = async (
  context: TreeContext,
  pages: readonly number[],
  bucket: string,
  take: (position: number, loaded: Loaded | undefined) => void,
): Promise<void> => {
  const { pageSize, source, highWater } = context.file;
  for (let from = 0; from < pages.length; ) {
    const first = pages[from] as number;
    if (!(first >= 2 && first < highWater)) {
      report(context, 'out-of-range', first, bucket);
      take(from, undefined);
      from += 1;
      continue;
    }
    let to = from + 1;
    while (to < pages.length) {
      const next = pages[to] as number;
      const before = pages[to - 1] as number;
      if (!(next > before && next - before <= MAX_GAP && next < highWater && (next + 1 - first) * pageSize <= CHUNK))
        break;
      to += 1;
    }
    const start = first * pageSize;
    const length = ((pages[to - 1] as number) + 1 - first) * pageSize;
    let chunk: Buffer | undefined;
    try {
      chunk = await source.read(start, length);
    } catch (error) {
      if (error instanceof BudgetSpent) throw error;
    }
    for (let position = from; position < to; position += 1) {
      const page = pages[position] as number;
      let loaded: Loaded | undefined;
      try {
        // One bad sector spoils the chunk: then page by page.
        const bytes = chunk ?? (await source.read(page * pageSize, pageSize));
        loaded = await openPage(context, page, bytes, chunk === undefined ? page * pageSize : start, bucket);
      } catch (error) {
        if (error instanceof BudgetSpent) throw error;
        report(context, 'unreadable', page, bucket);
      }
      take(position, loaded);
    }
    from = to;
  }
};

/** Pages of one level in key order, with the rank of the lowest key that each may hold. */
interface Level {
  readonly pages: number[];
  readonly ranks: number[];
}

/** Whether the pages of a level are leaf pages: of two usable ones both, else the one. */
const isLeafLevel = async ({ file }: TreeContext, { pages }: Level): Promise<boolean | undefined> => {
  for (const page of pages.slice(0, 8)) {
    if (!(page >= 2 && page < file.highWater)) continue;
    try {
      const header = headerOf(await file.source.read(page * file.pageSize, HEADER), file.littleEndian);
      if (header.id === page && (header.flags === PAGE.leaf || header.flags === PAGE.branch))
        return header.flags === PAGE.leaf;
    } catch (error) {
      if (error instanceof BudgetSpent) throw error;
    }
  }
  return undefined;
};

/** Visits the elements of one leaf page and checks them. */
const readLeaf = (
  context: TreeContext,
  stats: TreeStats,
  { page, header, bytes, pageBytes }: Loaded,
  low: number,
  high: number,
  visit: LeafVisitor | undefined,
): void => {
  const { littleEndian } = context.file;
  stats.leafPagesRead += 1;
  stats.overflowPages += header.overflow;
  stats.capacityBytes += pageBytes;
  let used = HEADER;
  let previous: LeafElement | undefined;
  let disorder = false;
  let outside = false;
  for (let n = 0; n < header.count; n += 1) {
    const element = leafElement(bytes, n, pageBytes, littleEndian);
    if (element === undefined) {
      if (bytes.length < pageBytes && header.count > 1) stats.cutPages += 1;
      else report(context, 'element-outside-page', page, stats.name);
      break;
    }
    const { key, value, end } = element;
    if (previous !== undefined && !disorder && !isLess(bytes, previous.key, previous.value, key, value))
      disorder = true;
    if (previous === undefined && rankOf(bytes, key, value) < low) outside = true;
    previous = element;
    used += HEADER + end - key;
    stats.keys += 1;
    stats.keyBytes += value - key;
    stats.valueBytes += end - value;
    visit?.(bytes, element);
  }
  if (previous !== undefined && rankOf(bytes, previous.key, previous.value) > high) outside = true;
  if (disorder) report(context, 'keys-out-of-order', page, stats.name);
  if (outside) report(context, 'key-outside-range', page, stats.name);
  stats.usedBytes += used;
};

/** Numbers 0 to n-1 so that every beginning of them is spread evenly (bit reversal). */
const spread = (n: number): number[] => {
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(2, n))));
  const order: number[] = [];
  for (let counter = 0; counter < 2 ** bits; counter += 1) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit += 1) if ((counter & (1 << bit)) !== 0) reversed |= 1 << (bits - 1 - bit);
    if (reversed < n) order.push(reversed);
  }
  return order;
};

const readLeaves = async (
  context: TreeContext,
  stats: TreeStats,
  { pages, ranks }: Level,
  visit: LeafVisitor | undefined,
): Promise<void> => {
  stats.leafPages = pages.length;
  // The device reads forwards best; keys are spread over the file in no order.
  const order = Uint32Array.from(pages.keys()).sort((a, b) => (pages[a] as number) - (pages[b] as number));
  const read = async (positions: Uint32Array): Promise<void> => {
    const ids = Array.from(positions, (position) => pages[position] as number);
    await loadPages(context, ids, stats.name, (n, loaded) => {
      if (loaded === undefined) return;
      const position = positions[n] as number;
      if (loaded.header.flags !== PAGE.leaf) return report(context, 'uneven-depth', loaded.page, stats.name);
      const high = position + 1 < pages.length ? (ranks[position + 1] as number) : Number.POSITIVE_INFINITY;
      if (loaded.header.count === 0 && pages.length > 1) report(context, 'empty-page', loaded.page, stats.name);
      readLeaf(context, stats, loaded, ranks[position] as number, high, visit);
    });
  };
  const batches = Math.ceil(order.length / RUN);
  const all = order.length * context.file.pageSize <= context.remainingBytes();
  for (const batch of all ? Array.from({ length: batches }, (_, n) => n) : spread(batches))
    await read(order.subarray(batch * RUN, (batch + 1) * RUN));
};

const readBranches = async (context: TreeContext, stats: TreeStats, level: Level): Promise<Level> => {
  const next: Level = { pages: [], ranks: [] };
  let truncated = false;
  await loadPages(context, level.pages, stats.name, (position, loaded) => {
    if (loaded === undefined) return;
    const { page, header, bytes } = loaded;
    if (header.flags !== PAGE.branch) return report(context, 'uneven-depth', page, stats.name);
    stats.branchPages += 1;
    stats.overflowPages += header.overflow;
    const { children, broken } = branchElements(bytes, header.count, context.file.littleEndian);
    if (broken > 0) report(context, 'element-outside-page', page, stats.name);
    if (children.length === 0) report(context, 'empty-page', page, stats.name);
    if (children.some(({ key }, n) => n > 0 && (children[n - 1]?.key.compare(key) ?? -1) >= 0))
      report(context, 'keys-out-of-order', page, stats.name);
    const ranks = children.map(({ key }) => rankOf(key, 0, key.length));
    const low = level.ranks[position] as number;
    const high = position + 1 < level.ranks.length ? (level.ranks[position + 1] as number) : Number.POSITIVE_INFINITY;
    if (ranks.length > 0 && ((ranks[0] as number) < low || (ranks.at(-1) as number) > high))
      report(context, 'key-outside-range', page, stats.name);
    if (next.pages.length + children.length > MAX_LEVEL) {
      truncated = true;
      return;
    }
    children.forEach((child, n) => {
      next.pages.push(child.page);
      next.ranks.push(ranks[n] as number);
    });
  });
  if (truncated) stats.complete = false;
  return next;
};

/**
 * Walks one bucket level by level, so that branch pages come before leaf pages, and fills `stats`. What is broken is reported and left out.
 * Rejects only with `BudgetSpent`; what `stats` then has is what was read.
 */
export const walkTree = async (context: TreeContext, stats: TreeStats, visit?: LeafVisitor): Promise<void> => {
  let level: Level = { pages: [stats.root], ranks: [Number.NEGATIVE_INFINITY] };
  stats.complete = false;
  let whole = true;
  const before = context.problems.count;
  while (level.pages.length > 0) {
    stats.depth += 1;
    if (stats.depth > MAX_DEPTH) {
      report(context, 'too-deep', level.pages[0] as number, stats.name);
      return;
    }
    const leaf = await isLeafLevel(context, level);
    if (leaf === true) {
      await readLeaves(context, stats, level, visit);
      break;
    }
    stats.complete = true;
    level = await readBranches(context, stats, level);
    whole &&= stats.complete;
    stats.complete = false;
  }
  stats.complete = whole && stats.cutPages === 0 && context.problems.count === before;
};

export const newStats = (name: string, root: number): TreeStats => ({
  name,
  inline: root === 0,
  root,
  depth: 0,
  branchPages: 0,
  leafPages: 0,
  leafPagesRead: 0,
  overflowPages: 0,
  keys: 0,
  keyBytes: 0,
  valueBytes: 0,
  usedBytes: 0,
  capacityBytes: 0,
  cutPages: 0,
  complete: false,
});

/** The elements of a bucket that lies in a value: a leaf page without a place of its own. */
export const walkInline = (context: TreeContext, stats: TreeStats, page: Buffer, visit?: LeafVisitor): void => {
  const header = page.length < HEADER ? undefined : headerOf(page, context.file.littleEndian);
  if (header?.flags !== PAGE.leaf) {
    report(context, header === undefined ? 'element-outside-page' : 'wrong-type', 0, stats.name);
    return;
  }
  const before = context.problems.count;
  stats.depth = 1;
  readLeaf(
    context,
    stats,
    { page: 0, header: { ...header, overflow: 0 }, bytes: page, pageBytes: page.length },
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    visit,
  );
  stats.leafPagesRead = 0;
  stats.complete = context.problems.count === before;
};

/** The first or last key of a bucket, on the shortest way; `undefined` where that way is broken. */
export const edgeKey = async (
  { file }: TreeContext,
  root: number,
  edge: 'first' | 'last',
): Promise<Buffer | undefined> => {
  const { source, pageSize, highWater, littleEndian } = file;
  let page = root;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (!(page >= 2 && page < highWater)) return undefined;
    let bytes = await source.read(page * pageSize, pageSize);
    if (bytes.length < pageSize) return undefined;
    const header = headerOf(bytes, littleEndian);
    if (header.id !== page || header.count === 0 || page + header.overflow >= highWater) return undefined;
    const pageBytes = (header.overflow + 1) * pageSize;
    const n = edge === 'first' ? 0 : header.count - 1;
    if (header.flags === PAGE.leaf) {
      let element = leafElement(bytes, n, pageBytes, littleEndian);
      if (element === undefined && header.overflow > 0) {
        bytes = await source.read(page * pageSize, Math.min(pageBytes, MAX_PAGE_BYTES));
        element = leafElement(bytes, n, pageBytes, littleEndian);
      }
      return element === undefined ? undefined : Buffer.from(bytes.subarray(element.key, element.value));
    }
    if (header.flags !== PAGE.branch) return undefined;
    if (header.overflow > 0) bytes = await source.read(page * pageSize, Math.min(pageBytes, MAX_PAGE_BYTES));
    const { children } = branchElements(bytes, header.count, littleEndian);
    const child = edge === 'first' ? children[0] : children.at(-1);
    if (child === undefined) return undefined;
    page = child.page;
  }
  return undefined;
};
