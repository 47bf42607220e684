import { allZero, BudgetSpent, type ByteSource, firstNonZero, type Limit } from './bytes.js';
import { crc32c, crcText } from './crc32c.js';
import { appendRun, type EntryRuns, newRuns } from './entry-runs.js';
import {
  type ConfChange,
  type HardState,
  readConfChange,
  readConfChangeV2,
  readHardState,
  readMetadata,
  readWalSnapshot,
  type WalSnapshot,
} from './raft-records.js';
import { entry, readEntry, readRecord, record } from './wal-records.js';

/**
 * What stops etcd from reading on. `frame-beyond-file`: the length says more than the file has. `truncated-length`: the file ends inside a
 * length. `crc-mismatch`: the checksum of a record. `crc-chain`: a checksum record that does not continue the one before it.
 * `malformed-record`, `unknown-record`: no record of etcd. `metadata-conflict`: another member or cluster. `read-error`: the device.
 */
export type WalProblemKind =
  | 'frame-beyond-file'
  | 'truncated-length'
  | 'crc-mismatch'
  | 'crc-chain'
  | 'malformed-record'
  | 'unknown-record'
  | 'metadata-conflict'
  | 'record-too-large'
  | 'read-error';

export interface WalProblem {
  readonly kind: WalProblemKind;
  /** Of the frame in the segment. */
  readonly offset: number;
  /** A sector of the frame is all zero: a write that never reached the disk, if this is the last frame of the last segment. */
  readonly zeroSector: boolean;
  readonly recordedCrc?: string;
  readonly computedCrc?: string;
}

export interface EntryPoint {
  readonly index: number;
  readonly term: number;
}

export interface SegmentScan {
  readonly records: { metadata: number; entry: number; state: number; crc: number; snapshot: number };
  readonly entries: { normal: number; confChange: number; confChangeV2: number; unknown: number };
  /** First record: the checksum this segment continues. */
  seedCrc?: string;
  /** Checksum after the last sound record. */
  finalCrc: string;
  metadata?: { readonly nodeId: string; readonly clusterId: string };
  hardState?: HardState;
  readonly log: EntryRuns;
  readonly snapshots: WalSnapshot[];
  snapshotsOmitted: number;
  readonly confChanges: (ConfChange & EntryPoint)[];
  confChangesOmitted: number;
  /** Offset after the last sound frame. */
  dataEnd: number;
  /** `zero`: a length of zero (preallocated space), `end-of-file`, or what cut the scan short. */
  end: 'zero' | 'end-of-file' | 'problem' | 'budget';
  limit?: Limit;
  /** The first of them; everything above this line is from before it. */
  problem?: WalProblem;
  /** Behind the problem, as far as frames can still be told apart. */
  beyond?: {
    records: number;
    /** Records whose checksum does not follow from the one before, the first one not counted. */
    mismatches: number;
    lastEntry?: EntryPoint;
    hardState?: HardState;
  };
  /** Behind the end of the data: bytes that were looked at, and the first that is not zero. */
  tail?: { readonly checked: number; readonly nonZeroAt?: number };
}

const CHUNK = 512 * 1024;
const FRAME_HEADER = 8;
/** The unit that a disk writes whole: etcd takes an all-zero one inside the last frame for a torn write (`minSectorSize` in its decoder). */
const SECTOR = 512;
/** A record that would have to be held in memory is not larger than this; requests are 1.5 MiB by default. */
const MAX_RECORD = 64 * 1024 * 1024;
const MAX_SNAPSHOTS = 100;
const MAX_CONF_CHANGES = 500;
/** A HardState is three varints with their tags. */
const STATE_BYTES = 64;

/** Whether a sector of `bytes`, which begin at `offset` of the file, is all zero. */
export const hasZeroSector = (bytes: Buffer, offset: number): boolean => {
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(SECTOR - ((offset + at) % SECTOR), bytes.length - at);
    if (allZero(bytes.subarray(at, at + length))) return true;
    at += length;
  }
  return false;
};

/** A sliding window over the source. */
const createWindow = (source: ByteSource) => {
  let bytes: Buffer = Buffer.alloc(0);
  let start = 0;
  return {
    /** The bytes from `offset` on, at least `length` of them unless the file ends. */
    at: async (offset: number, length: number): Promise<Buffer> => {
      const have = start + bytes.length - offset;
      if (offset < start || have < length) {
        const kept = offset >= start && have > 0 ? bytes.subarray(offset - start) : Buffer.alloc(0);
        const from = offset + kept.length;
        const wanted = Math.min(Math.max(CHUNK, length - kept.length), Math.max(0, source.size - from));
        const more = wanted === 0 ? Buffer.alloc(0) : await source.read(from, wanted);
        bytes = kept.length === 0 ? more : Buffer.concat([kept, more]);
        start = offset;
      }
      return bytes.subarray(offset - start);
    },
  };
};

export interface SegmentOptions {
  /** How much behind the data is checked for zeros, bytes; 0 for not at all. */
  readonly tailBytes: number;
  /**
   * Of a segment that may be written meanwhile: waits before a problem is looked at again. The writes of one batch reach the file in
   * several pieces, and not in one moment.
   */
  readonly again?: () => Promise<void>;
}

/** How often a problem in a segment that is written is looked at again. */
const LOOKS = 3;

/**
 * Reads one segment from its start, as etcd would, and on behind the first problem as far as frames can be told apart. Never rejects:
 * an unreadable device and a spent budget are ends like others. Takes no payload of an entry into the result.
 */
export const scanSegment = async (source: ByteSource, options: SegmentOptions): Promise<SegmentScan> => {
  const scan: SegmentScan = {
    records: { metadata: 0, entry: 0, state: 0, crc: 0, snapshot: 0 },
    entries: { normal: 0, confChange: 0, confChangeV2: 0, unknown: 0 },
    finalCrc: crcText(0),
    log: newRuns(),
    snapshots: [],
    snapshotsOmitted: 0,
    confChanges: [],
    confChangesOmitted: 0,
    dataEnd: 0,
    end: 'end-of-file',
  };
  const state: ScanState = {
    scan,
    crc: 0,
    soundCrc: 0,
    other: undefined,
    lastState: Buffer.alloc(STATE_BYTES),
    stateBytes: 0,
    stop: false,
  };
  let window = createWindow(source);
  let offset = 0;
  let looks = options.again === undefined ? 0 : LOOKS;
  try {
    while (offset < source.size) {
      state.stop = looks > 0;
      const step = await scanChunk(state, window, source, offset);
      offset = step.offset;
      if (scan.problem !== undefined && looks > 0) {
        looks -= 1;
        forget(state);
        offset = scan.dataEnd;
        window = createWindow(source);
        await options.again?.();
      } else if (step.done) break;
    }
  } catch (error) {
    if (error instanceof BudgetSpent) {
      scan.end = 'budget';
      scan.limit = error.limit;
    } else fail(state, { kind: 'read-error', offset, zeroSector: false });
  }
  settleState(state);
  if (scan.end === 'zero' && options.tailBytes > 0) {
    const checked = await checkTail(source, scan.dataEnd, options.tailBytes);
    if (checked !== undefined) scan.tail = checked;
  }
  return scan;
};

interface ScanState {
  readonly scan: SegmentScan;
  /** Running checksum. */
  crc: number;
  /** The same after the last sound record. */
  soundCrc: number;
  /** Stops at the first problem: it will be looked at again. */
  stop: boolean;
  /** After a mismatch: the checksum that the record claimed, which is the right one when the data was changed. */
  other: number | undefined;
  /** Bytes of the last HardState: decoded once, at the end. */
  readonly lastState: Buffer;
  /** Of them in use; 0 for none. */
  stateBytes: number;
}

/** Back to before the problem. */
const forget = (state: ScanState): void => {
  const { scan } = state;
  delete scan.problem;
  delete scan.beyond;
  scan.end = 'end-of-file';
  state.crc = state.soundCrc;
  state.other = undefined;
};

const settleState = (state: ScanState): void => {
  const { scan, lastState, stateBytes } = state;
  const found = stateBytes === 0 ? undefined : readHardState(lastState.subarray(0, stateBytes));
  if (found === undefined) return;
  if (scan.beyond === undefined) scan.hardState = found;
  else scan.beyond.hardState = found;
  state.stateBytes = 0;
};

const fail = (state: ScanState, problem: WalProblem): void => {
  const { scan } = state;
  if (scan.problem === undefined) {
    settleState(state);
    scan.problem = problem;
    scan.end = 'problem';
    scan.beyond = { records: 0, mismatches: 0 };
  }
};

/** Frames until the window has to move; then the caller waits for the next bytes. */
const scanChunk = async (
  state: ScanState,
  window: ReturnType<typeof createWindow>,
  source: ByteSource,
  from: number,
): Promise<{ readonly offset: number; readonly done: boolean }> => {
  const { scan } = state;
  const ended = (end: 'zero' | 'end-of-file'): { offset: number; done: boolean } => {
    if (scan.problem === undefined) scan.end = end;
    return { offset, done: true };
  };
  let offset = from;
  let bytes = await window.at(offset, FRAME_HEADER);
  let at = 0;
  for (;;) {
    if (bytes.length - at < FRAME_HEADER) {
      if (offset + FRAME_HEADER <= source.size && at > 0) return { offset, done: false };
      if (bytes.length === at && offset >= source.size) return ended('end-of-file');
      fail(state, { kind: 'truncated-length', offset, zeroSector: false });
      return { offset, done: true };
    }
    const low = bytes.readUInt32LE(at);
    const high = bytes.readUInt32LE(at + 4);
    if (low === 0 && high === 0) return ended('zero');
    const size = low + (high & 0x00ff_ffff) * 0x1_0000_0000;
    const padding = high >>> 31 === 1 ? (high >>> 24) & 7 : 0;
    const whole = FRAME_HEADER + size + padding;
    if (size > source.size - offset - padding || whole > source.size - offset) {
      fail(state, { kind: 'frame-beyond-file', offset, zeroSector: false });
      return { offset, done: true };
    }
    if (whole > MAX_RECORD) {
      fail(state, { kind: 'record-too-large', offset, zeroSector: false });
      return { offset, done: true };
    }
    if (bytes.length - at < whole) {
      if (at > 0) return { offset, done: false };
      bytes = await window.at(offset, whole);
      if (bytes.length < whole) {
        fail(state, { kind: 'frame-beyond-file', offset, zeroSector: false });
        return { offset, done: true };
      }
    }
    const body = at + FRAME_HEADER;
    if (!takeFrame(state, bytes, body, body + size, body + size + padding, offset)) return { offset, done: true };
    if (scan.problem !== undefined && state.stop) return { offset, done: true };
    at += whole;
    offset += whole;
    if (scan.problem === undefined) {
      scan.dataEnd = offset;
      state.soundCrc = state.crc;
    }
  }
};

/** One frame; false when nothing behind it can be told apart any more. */
const takeFrame = (
  state: ScanState,
  bytes: Buffer,
  from: number,
  to: number,
  padded: number,
  offset: number,
): boolean => {
  const { scan } = state;
  const torn = (): boolean => hasZeroSector(bytes.subarray(from, padded), offset + FRAME_HEADER);
  if (!readRecord(bytes, from, to)) {
    fail(state, { kind: 'malformed-record', offset, zeroSector: torn() });
    return false;
  }
  const { type, crc: recorded, from: dataFrom, to: dataTo } = record;
  if (type === 4) {
    if (scan.records.crc === 0 && scan.problem === undefined) scan.seedCrc = crcText(recorded);
    if (state.crc !== 0 && state.crc !== recorded)
      mismatch(state, { kind: 'crc-chain', offset, zeroSector: false }, recorded, state.crc);
    state.crc = recorded;
    state.other = undefined;
  } else {
    const computed = crc32c(state.crc, bytes, dataFrom, dataTo);
    if (computed === recorded) {
      state.crc = computed;
      state.other = undefined;
    } else if (state.other !== undefined && crc32c(state.other, bytes, dataFrom, dataTo) === recorded) {
      state.crc = recorded;
      state.other = undefined;
    } else {
      mismatch(state, { kind: 'crc-mismatch', offset, zeroSector: torn() }, recorded, computed);
      state.crc = computed;
      state.other = recorded;
      if (scan.beyond !== undefined) scan.beyond.records += 1;
      return true;
    }
  }
  if (scan.problem !== undefined) return takeBeyond(state, type, bytes, dataFrom, dataTo);
  scan.finalCrc = crcText(state.crc);
  return takeSound(state, type, bytes, dataFrom, dataTo, offset);
};

const mismatch = (state: ScanState, problem: WalProblem, recorded: number, computed: number): void => {
  const { beyond } = state.scan;
  if (beyond !== undefined) beyond.mismatches += 1;
  fail(state, { ...problem, recordedCrc: crcText(recorded), computedCrc: crcText(computed) });
};

const takeSound = (
  state: ScanState,
  type: number,
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
): boolean => {
  const { scan } = state;
  const malformed = (): boolean => {
    fail(state, { kind: 'malformed-record', offset, zeroSector: false });
    return true;
  };
  switch (type) {
    case 1: {
      const found = readMetadata(bytes.subarray(from, to));
      if (found === undefined) return malformed();
      const known = scan.metadata;
      if (known !== undefined && (known.nodeId !== found.nodeId || known.clusterId !== found.clusterId))
        fail(state, { kind: 'metadata-conflict', offset, zeroSector: false });
      scan.records.metadata += 1;
      scan.metadata = known ?? found;
      return true;
    }
    case 2:
      if (!readEntry(bytes, from, to)) return malformed();
      scan.records.entry += 1;
      takeEntry(scan, bytes);
      return true;
    case 3:
      scan.records.state += 1;
      keepState(state, bytes, from, to);
      return true;
    case 4:
      scan.records.crc += 1;
      return true;
    case 5: {
      const found = readWalSnapshot(bytes.subarray(from, to));
      if (found === undefined) return malformed();
      scan.records.snapshot += 1;
      scan.snapshots.push(found);
      if (scan.snapshots.length > MAX_SNAPSHOTS) {
        scan.snapshots.shift();
        scan.snapshotsOmitted += 1;
      }
      return true;
    }
    default:
      fail(state, { kind: 'unknown-record', offset, zeroSector: false });
      return true;
  }
};

const keepState = (state: ScanState, bytes: Buffer, from: number, to: number): void => {
  state.stateBytes = bytes.copy(state.lastState, 0, from, Math.min(to, from + STATE_BYTES));
};

const takeEntry = (scan: SegmentScan, bytes: Buffer): void => {
  const { type, term, index, from, to } = entry;
  const { log } = scan;
  const tail = log.runs.at(-1);
  if (tail !== undefined && tail.term === term && tail.last + 1 === index) tail.last = index;
  else appendRun(log, term, index, index);
  if (type === 0) {
    scan.entries.normal += 1;
    return;
  }
  if (type !== 1 && type !== 2) {
    scan.entries.unknown += 1;
    return;
  }
  const data = bytes.subarray(from, to);
  const changes = (type === 1 ? readConfChange(data) : readConfChangeV2(data)) ?? [];
  if (type === 1) scan.entries.confChange += 1;
  else scan.entries.confChangeV2 += 1;
  for (const change of changes) {
    scan.confChanges.push({ index, term, ...change });
    if (scan.confChanges.length > MAX_CONF_CHANGES) {
      scan.confChanges.shift();
      scan.confChangesOmitted += 1;
    }
  }
};

/** Behind a problem only what tells how far the log went is kept. */
const takeBeyond = (state: ScanState, type: number, bytes: Buffer, from: number, to: number): boolean => {
  const { beyond } = state.scan;
  if (beyond === undefined) return true;
  beyond.records += 1;
  if (type === 2 && readEntry(bytes, from, to)) beyond.lastEntry = { index: entry.index, term: entry.term };
  if (type === 3) keepState(state, bytes, from, to);
  return true;
};

const checkTail = async (source: ByteSource, from: number, limit: number): Promise<SegmentScan['tail'] | undefined> => {
  const to = Math.min(source.size, from + limit);
  let checked = 0;
  try {
    for (let at = from; at < to; at += CHUNK) {
      const bytes = await source.read(at, Math.min(CHUNK, to - at));
      const found = firstNonZero(bytes);
      if (found >= 0) return { checked: checked + bytes.length, nonZeroAt: at + found };
      checked += bytes.length;
      if (bytes.length === 0) break;
    }
  } catch {
    // What was checked until here stands.
  }
  return { checked };
};
