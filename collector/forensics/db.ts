import { type BoltFile, type BoltMetas, headerOf, PAGE, readMetas, u64, type ValidMeta } from './bbolt-file.js';
import {
  edgeKey,
  type LeafVisitor,
  newContext,
  newStats,
  type Problems,
  type TreeContext,
  type TreeStats,
  walkInline,
  walkTree,
} from './bbolt-tree.js';
import { BudgetSpent, type ByteSource, type Limit } from './bytes.js';
import { type DbState, emptyState, isRevision, isTombstone, revisionOf, takers } from './db-state.js';

/** The buckets of etcd, 3.4 to 3.7. */
export const bucketNames = [
  'key',
  'meta',
  'lease',
  'alarm',
  'cluster',
  'members',
  'members_removed',
  'auth',
  'authUsers',
  'authRoles',
] as const;

export interface Freelist {
  /** `absent`: etcd does not write it (its default on Linux). */
  readonly state: 'absent' | 'read' | 'broken' | 'not-read';
  readonly pages?: number;
}

export interface DbFindings {
  readonly metas: BoltMetas;
  /** The file is shorter than its high-water mark says. */
  readonly truncated: boolean;
  readonly state: DbState;
  /** Whether the database was still while `state` was read. */
  readonly stateMoved: boolean;
  readonly buckets: readonly TreeStats[];
  /** Names that are none of etcd's. */
  readonly unknownBuckets: number;
  readonly problems: Problems;
  readonly freelist: Freelist;
  /** Pages in use, when all buckets were read whole. */
  readonly reachedPages?: number;
  readonly tombstones: number;
  readonly malformedRevisions: number;
  /** Whether it changed while the pages were read: what `problems` says may then be no problem. */
  readonly moved: boolean;
  readonly limit?: Limit;
  readonly complete: boolean;
}

export interface DbOptions {
  /** The database may be written meanwhile: what must fit together is read again until nothing moved. */
  readonly live: boolean;
  readonly remainingBytes: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

const ATTEMPTS = 5;
/** etcd commits every 100 ms by default: the next attempt should not meet the same commit. */
const RETRY_MS = 25;
const MAX_BUCKETS = 64;
const MAX_FREELIST_BYTES = 64 * 1024 * 1024;

/** A bucket as the root page names it. */
interface BucketEntry {
  readonly name: string;
  readonly root: number;
  /** Page inside the value of a small bucket. */
  readonly inlinePage?: Buffer;
}

interface Core {
  readonly metas: BoltMetas;
  readonly file: BoltFile | undefined;
  readonly buckets: readonly BucketEntry[];
  readonly unknownBuckets: number;
  readonly state: DbState;
  readonly context: TreeContext | undefined;
}

/** Whether the file has the same meta page in force as before. */
const isStill = async (source: ByteSource, before: BoltMetas): Promise<boolean> =>
  (await readMetas(source)).inForce?.txid === before.inForce?.txid;

/**
 * Whether the file ends before `bytes`. It is asked anew: a database grows before its meta page says so, and has grown since it was
 * opened. False where it cannot be read any more.
 */
const endsBefore = async (source: ByteSource, bytes: number): Promise<boolean> => {
  if (bytes <= source.size) return false;
  try {
    return (await source.read(bytes - 1, 1)).length === 0;
  } catch {
    return false;
  }
};

/**
 * Reads a database of etcd without locking it. Of the bucket `key` only the revisions in its keys are looked at, of the users and roles
 * only how many there are. Rejects with `BudgetSpent` only when not even the meta pages could be read.
 */
export const readDb = async (source: ByteSource, options: DbOptions): Promise<DbFindings> => {
  let core: Core;
  let stateMoved = false;
  let limit: Limit | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const found = await readCore(source, options);
    core = found.core;
    limit = found.limit;
    stateMoved = options.live && limit === undefined && !(await isStill(source, core.metas));
    if (!stateMoved || attempt >= ATTEMPTS) break;
    await options.pause(RETRY_MS);
  }
  const counts = { tombstones: 0, malformedRevisions: 0 };
  const none: Problems = { list: [], count: 0 };
  const { metas, file, state } = core;
  const base = { metas, state, stateMoved, unknownBuckets: core.unknownBuckets };
  if (file === undefined || metas.inForce === undefined)
    return {
      ...base,
      ...counts,
      truncated: false,
      buckets: [],
      problems: none,
      freelist: { state: 'not-read' },
      moved: false,
      complete: false,
    };
  const pages = await readPages(file, metas.inForce, core, options, counts);
  limit ??= pages.limit;
  const moved = options.live && (stateMoved || !(await isStill(source, metas).catch(() => false)));
  const complete = limit === undefined && pages.buckets.every((bucket) => bucket.complete) && pages.rooted;
  return {
    ...base,
    ...counts,
    truncated: await endsBefore(source, file.highWater * file.pageSize),
    buckets: pages.buckets,
    problems: pages.context.problems,
    freelist: pages.freelist,
    ...(complete ? { reachedPages: pages.context.reachedPages } : {}),
    moved,
    ...(limit === undefined ? {} : { limit }),
    complete,
  };
};

/** Only what `readDb` calls `state`: a few dozen pages. `undefined` when no meta page is valid or the budget is spent. */
export const readDbState = async (source: ByteSource, options: DbOptions): Promise<DbState | undefined> => {
  const { core } = await readCore(source, options);
  return core.metas.inForce === undefined ? undefined : core.state;
};

/** Meta pages, names of the buckets, the small buckets, and both ends of the bucket `key`: a few dozen pages. */
const readCore = async (
  source: ByteSource,
  options: DbOptions,
): Promise<{ readonly core: Core; readonly limit?: Limit }> => {
  const metas = await readMetas(source);
  const state = emptyState();
  const buckets: BucketEntry[] = [];
  const core = { metas, buckets, state };
  const { inForce, littleEndian } = metas;
  if (inForce === undefined) return { core: { ...core, file: undefined, context: undefined, unknownBuckets: 0 } };
  const { pageSize, highWater } = inForce;
  const file: BoltFile = { source, pageSize, highWater, littleEndian };
  const context = newContext(file, options.remainingBytes);
  let unknownBuckets = 0;
  const done = (limit?: Limit) => ({
    core: { ...core, file, context, unknownBuckets },
    ...(limit === undefined ? {} : { limit }),
  });
  try {
    await walkTree(context, newStats('', inForce.root), (bytes, element) => {
      if (!element.bucket || element.end - element.value < 16 || element.end > bytes.length) return;
      const name = bytes.toString('latin1', element.key, Math.min(element.value, element.key + 64));
      const known = (bucketNames as readonly string[]).includes(name);
      if (!known) unknownBuckets += 1;
      if (buckets.length >= MAX_BUCKETS) return;
      const root = u64(bytes, element.value, littleEndian);
      buckets.push({
        name: known ? name : 'other',
        root,
        ...(root === 0 ? { inlinePage: Buffer.from(bytes.subarray(element.value + 16, element.end)) } : {}),
      });
    });
    for (const bucket of buckets) {
      const take = takers[bucket.name];
      if (take === undefined) continue;
      const stats = newStats(bucket.name, bucket.root);
      const visit: LeafVisitor = (bytes, { key, value, end }) => {
        if (end > bytes.length) state.malformed.push(bucket.name);
        else take(state, bytes.subarray(key, value), bytes.subarray(value, end));
      };
      if (bucket.inlinePage !== undefined) walkInline(context, stats, bucket.inlinePage, visit);
      else await walkTree(context, stats, visit);
    }
    const keys = buckets.find(({ name }) => name === 'key');
    if (keys !== undefined) {
      const [lowest, highest] =
        keys.inlinePage === undefined
          ? [await edgeKey(context, keys.root, 'first'), await edgeKey(context, keys.root, 'last')]
          : inlineEdges(context, keys.inlinePage);
      const low = lowest === undefined ? undefined : revisionOf(lowest);
      const high = highest === undefined ? undefined : revisionOf(highest);
      if (low !== undefined) state.lowestRevision = low;
      if (high !== undefined) state.highestRevision = high;
    }
    return done();
  } catch (error) {
    if (error instanceof BudgetSpent) return done(error.limit);
    // The device may fail anywhere; what was read stands, and the walk over the pages says where it fails.
    return done();
  }
};

const inlineEdges = (context: TreeContext, page: Buffer): [Buffer | undefined, Buffer | undefined] => {
  let first: Buffer | undefined;
  let last: Buffer | undefined;
  const quiet = newContext(context.file, context.remainingBytes);
  walkInline(quiet, newStats('key', 0), page, (bytes, { key, value }) => {
    last = Buffer.from(bytes.subarray(key, value));
    first ??= last;
  });
  return [first, last];
};

interface Pages {
  readonly context: TreeContext;
  readonly buckets: TreeStats[];
  readonly freelist: Freelist;
  readonly rooted: boolean;
  readonly limit?: Limit;
}

/** The walk over all pages: small buckets first, `key` last, because it may be as large as the file. */
const readPages = async (
  file: BoltFile,
  meta: ValidMeta,
  core: Core,
  options: DbOptions,
  counts: { tombstones: number; malformedRevisions: number },
): Promise<Pages> => {
  const context = newContext(file, options.remainingBytes);
  const buckets: TreeStats[] = [];
  let freelist: Freelist = meta.freelist === undefined ? { state: 'absent' } : { state: 'not-read' };
  const rootStats = newStats('', meta.root);
  const result = (limit?: Limit): Pages => ({
    context,
    buckets,
    freelist,
    rooted: rootStats.complete,
    ...(limit === undefined ? {} : { limit }),
  });
  try {
    await walkTree(context, rootStats);
    if (meta.freelist !== undefined) freelist = await readFreelist(context, meta.freelist);
    const order = [...core.buckets].sort((a, b) => Number(a.name === 'key') - Number(b.name === 'key'));
    // All are listed, also those that the budget does not reach.
    const planned = order.map((bucket) => ({ bucket, stats: newStats(bucket.name, bucket.root) }));
    buckets.push(...planned.map(({ stats }) => stats));
    for (const { bucket, stats } of planned) {
      const visit = bucket.name === 'key' ? countRevisions(counts) : refuseNested(context, stats);
      if (bucket.inlinePage !== undefined) walkInline(context, stats, bucket.inlinePage, visit);
      else await walkTree(context, stats, visit);
    }
    return result();
  } catch (error) {
    if (error instanceof BudgetSpent) return result(error.limit);
    throw error;
  }
};

const countRevisions =
  (counts: { tombstones: number; malformedRevisions: number }): LeafVisitor =>
  (bytes, { key, value, bucket }) => {
    if (bucket || !isRevision(bytes, key, value)) counts.malformedRevisions += 1;
    else if (isTombstone(bytes, key, value)) counts.tombstones += 1;
  };

const refuseNested =
  ({ problems }: TreeContext, stats: TreeStats): LeafVisitor =>
  (_, { bucket }) => {
    if (!bucket) return;
    problems.count += 1;
    if (problems.list.length < 50) problems.list.push({ kind: 'nested-bucket', page: stats.root, bucket: stats.name });
  };

/** Ids of the free pages: each once, ascending, below the high-water mark. */
const readFreelist = async (context: TreeContext, page: number): Promise<Freelist> => {
  const { source, pageSize, highWater, littleEndian } = context.file;
  if (!(page >= 2 && page < highWater)) return { state: 'broken' };
  try {
    const head = await source.read(page * pageSize, pageSize);
    if (head.length < pageSize) return { state: 'broken' };
    const header = headerOf(head, littleEndian);
    if (header.id !== page || header.flags !== PAGE.freelist) return { state: 'broken' };
    const bytes = (header.overflow + 1) * pageSize;
    if (bytes > MAX_FREELIST_BYTES) return { state: 'not-read' };
    const whole = header.overflow === 0 ? head : await source.read(page * pageSize, bytes);
    // The count of a long list stands in its first element.
    const long = header.count === 0xffff;
    const count = long ? u64(whole, 16, littleEndian) : header.count;
    const first = long ? 24 : 16;
    if (!(first + count * 8 <= whole.length)) return { state: 'broken' };
    context.reachedPages += header.overflow + 1;
    let previous = 1;
    for (let n = 0; n < count; n += 1) {
      const id = u64(whole, first + n * 8, littleEndian);
      if (!(id > previous && id < highWater)) return { state: 'broken', pages: count };
      previous = id;
    }
    return { state: 'read', pages: count };
  } catch (error) {
    if (error instanceof BudgetSpent) throw error;
    return { state: 'broken' };
  }
};
