import type { Limit } from './bytes.js';
import { appendRun, type EntryRuns, newRuns } from './entry-runs.js';
import type { ConfChange, HardState, WalSnapshot } from './raft-records.js';
import type { EntryPoint, SegmentScan, WalProblem } from './wal-segment.js';

/** A file name of the WAL directory, `<sequence>-<index of the first entry>.wal` in hex; `undefined` for anything else. */
export const parseWalName = (name: string): { readonly sequence: number; readonly index: number } | undefined => {
  const match = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/.exec(name);
  if (match === null) return undefined;
  const sequence = Number.parseInt(match[1] as string, 16);
  const index = Number.parseInt(match[2] as string, 16);
  return Number.isSafeInteger(sequence) && Number.isSafeInteger(index) ? { sequence, index } : undefined;
};

/** A segment as it was found, with its scan if it was read. */
export interface Segment {
  readonly name: string;
  /** Bytes; absent when it could not be opened. */
  readonly size?: number;
  readonly scan?: SegmentScan;
}

/**
 * `torn-tail`: in the last segment, of the kind that etcd repairs at its next start by cutting the file there. `corruption`: etcd refuses
 * to start. `in-flight`: at the end of a WAL that is being written.
 */
export type WalProblemClass = 'torn-tail' | 'corruption' | 'in-flight' | 'unreadable';

export interface WalFinding extends WalProblem {
  readonly segment: string;
  readonly class: WalProblemClass;
}

export interface WalSummary {
  /** Sequence numbers missing between segments that are there. */
  readonly sequenceGaps: readonly { readonly after: number; readonly before: number }[];
  readonly metadata?: { readonly nodeId: string; readonly clusterId: string };
  /** The last one before any problem. */
  readonly hardState?: HardState;
  readonly firstEntry?: EntryPoint;
  readonly lastEntry?: EntryPoint;
  readonly log: EntryRuns;
  /** Gaps of the log that no snapshot record explains. */
  readonly entryGaps: readonly { readonly after: number; readonly before: number }[];
  readonly snapshots: readonly WalSnapshot[];
  readonly confChanges: readonly (ConfChange & EntryPoint)[];
  readonly problems: readonly WalFinding[];
  readonly limit?: Limit;
  /** Every segment that is there was read to its end. */
  readonly complete: boolean;
}

/** etcd's own decision (decoder and repair of its WAL package): an unexpected end is torn, everything else is corruption. */
const classOf = (problem: WalProblem, last: boolean, live: boolean): WalProblemClass => {
  if (problem.kind === 'read-error' || problem.kind === 'record-too-large') return 'unreadable';
  const unexpectedEnd =
    problem.kind === 'frame-beyond-file' || problem.kind === 'truncated-length' || problem.zeroSector;
  if (!last || !unexpectedEnd) return last && live ? 'in-flight' : 'corruption';
  return live ? 'in-flight' : 'torn-tail';
};

/**
 * What the segments say together. `segments` ascend by sequence; those that were not read have no scan. With `live` a problem at the end
 * of the last segment may be a write under way.
 */
export const summariseWal = (segments: readonly Segment[], live: boolean): WalSummary => {
  const sequenceGaps: { after: number; before: number }[] = [];
  const problems: WalFinding[] = [];
  const snapshots: WalSnapshot[] = [];
  const confChanges: (ConfChange & EntryPoint)[] = [];
  const log = newRuns();
  let metadata: WalSummary['metadata'];
  let hardState: HardState | undefined;
  let limit: Limit | undefined;
  let previous: { readonly sequence: number; readonly scan: SegmentScan | undefined } | undefined;
  // etcd stops at the first problem; what later segments say is told for each of them, and not taken for the state of the member.
  let sound = true;
  segments.forEach(({ name, scan }, position) => {
    const sequence = parseWalName(name)?.sequence ?? 0;
    const last = position === segments.length - 1;
    if (previous !== undefined && sequence !== previous.sequence + 1)
      sequenceGaps.push({ after: previous.sequence, before: sequence });
    if (scan !== undefined) {
      limit ??= scan.limit;
      const whole =
        previous?.scan !== undefined && previous.scan.problem === undefined && previous.scan.end !== 'budget';
      const seed = scan.seedCrc;
      if (whole && seed !== undefined && previous?.scan !== undefined && previous.scan.finalCrc !== seed) {
        const crcs = { recordedCrc: seed, computedCrc: previous.scan.finalCrc };
        problems.push({ kind: 'crc-chain', offset: 0, zeroSector: false, segment: name, class: 'corruption', ...crcs });
        sound = false;
      }
      if (metadata !== undefined && scan.metadata !== undefined && conflict(metadata, scan.metadata)) {
        problems.push({ kind: 'metadata-conflict', offset: 0, zeroSector: false, segment: name, class: 'corruption' });
        sound = false;
      }
      if (sound) {
        metadata ??= scan.metadata;
        hardState = scan.hardState ?? hardState;
        for (const { term, first, last: end } of scan.log.runs) appendRun(log, term, first, end);
        log.replaced += scan.log.replaced;
        log.dropped += scan.log.dropped;
        snapshots.push(...scan.snapshots);
        confChanges.push(...scan.confChanges);
      }
      if (scan.problem !== undefined) {
        // Sound records behind it: no write under way.
        const ended = scan.beyond === undefined || scan.beyond.records - scan.beyond.mismatches <= 1;
        problems.push({ ...scan.problem, segment: name, class: classOf(scan.problem, last, live && ended) });
        sound = false;
      }
    }
    previous = { sequence, scan };
  });
  const first = log.runs[0];
  const end = log.runs.at(-1);
  return {
    sequenceGaps,
    ...(metadata === undefined ? {} : { metadata }),
    ...(hardState === undefined ? {} : { hardState }),
    ...(first === undefined ? {} : { firstEntry: { index: first.first, term: first.term } }),
    ...(end === undefined ? {} : { lastEntry: { index: end.last, term: end.term } }),
    log,
    entryGaps: log.gaps.filter(({ after, before }) => !explained(snapshots, after, before)),
    snapshots,
    confChanges,
    problems,
    ...(limit === undefined ? {} : { limit }),
    complete: segments.every(({ scan }) => scan !== undefined && scan.end !== 'budget'),
  };
};

/** A member that got a snapshot from its leader goes on behind it. */
const explained = (snapshots: readonly WalSnapshot[], after: number, before: number): boolean =>
  snapshots.some(({ index }) => BigInt(index) > BigInt(after) && BigInt(index) + 1n === BigInt(before));

const conflict = (a: { nodeId: string; clusterId: string }, b: { nodeId: string; clusterId: string }): boolean =>
  a.nodeId !== b.nodeId || a.clusterId !== b.clusterId;
