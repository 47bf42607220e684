import type { DatadirWalArtifact } from '../../../schemas/index.js';
import { coverageOf, dataDirFiles, namesIn, needsDataDir, withSource } from '../../datadir-files.js';
import type { EntryRuns } from '../../forensics/entry-runs.js';
import { parseWalName, type Segment, summariseWal, type WalSummary } from '../../forensics/wal.js';
import { scanSegment, type SegmentScan, type WalProblem } from '../../forensics/wal-segment.js';
import { needsLocal } from '../../local-files.js';
import { defineProbe, ProbeError } from '../../probe.js';

type SegmentRecord = DatadirWalArtifact['segments'][number];

/** More segments than etcd ever keeps (five, by default). */
const MAX_SEGMENTS = 200;
const MAX_LISTED = 100;
const MAX_CONF_CHANGES = 500;
/** Behind the data of a running member so much is checked; of a stopped one all. */
const LIVE_TAIL_BYTES = 1024 * 1024;
const PAUSE_MS = 50;

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export default defineProbe({
  kind: 'datadir-wal',
  scope: 'member',
  title: 'Records and checksums of the write-ahead log',
  reads:
    'record types, indexes, terms, checksums and membership changes of the WAL, never an entry; of a running member at most 64 MB',
  permission: 'root or the user of etcd (the data dir has mode 0700)',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  timeoutMs: 120_000,
  appliesTo: (target) => needsDataDir(target) ?? needsLocal(target),
  source: ({ local }) => local?.walDir ?? `${local?.dataDir ?? '<data-dir>'}/member/wal`,
  run: async (context) => {
    const at = await dataDirFiles(context);
    const names = await namesIn(context, at, at.walDir);
    const source = at.walDir;
    if (names === undefined || names.length === 0)
      return { state: 'empty', message: 'there is no WAL in the data dir', source, parts: [] };
    const walNames = names.filter((name) => parseWalName(name) !== undefined).slice(-MAX_SEGMENTS);
    const found = new Map<string, { readonly segment: Segment; readonly state: SegmentRecord['state'] }>();
    const gone = new Set<string>();
    let refused: ProbeError | undefined;
    // The newest first: a budget must not end before the state of the member is known.
    for (const name of [...walNames].reverse()) {
      const path = `${at.walDir}/${name}`;
      try {
        await withSource(context, at, path, async (bytes) => {
          const last = name === walNames.at(-1);
          // The beginning of an older segment of a running member is worth nothing without its end.
          const skip = at.light && !last && bytes.size > at.meter.remainingBytes();
          const scan = skip
            ? undefined
            : await scanSegment(bytes, {
                tailBytes: at.running ? LIVE_TAIL_BYTES : Number.POSITIVE_INFINITY,
                ...(at.running && last ? { again: () => sleep(PAUSE_MS) } : {}),
              });
          const read = scan !== undefined && (scan.end !== 'budget' || scan.dataEnd > 0);
          found.set(name, {
            segment: { name, size: bytes.size, ...(read ? { scan } : {}) },
            state: !read ? 'not-read' : scan.end === 'budget' ? 'partial' : 'read',
          });
        });
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        if (error.state === 'timeout') {
          if (found.size === 0) throw error;
          break;
        }
        // etcd purges old segments meanwhile.
        if (error.reason === 'file-missing') {
          gone.add(name);
          continue;
        }
        refused ??= error;
        found.set(name, {
          segment: { name },
          state: error.state === 'denied' ? 'denied' : 'unreadable',
        });
      }
    }
    const listed = walNames
      .filter((name) => !gone.has(name))
      .map((name) => found.get(name) ?? { segment: { name }, state: 'not-read' as const });
    if (refused !== undefined && listed.every(({ state }) => state === 'denied')) throw refused;
    const summary = summariseWal(
      listed.map(({ segment }) => segment),
      at.running,
    );
    const stoppedBy = listed.findLast(({ segment }) => segment.scan?.limit !== undefined)?.segment.scan?.limit;
    const notRead = listed.filter(({ state }) => state === 'not-read').length;
    const content: DatadirWalArtifact = {
      dir: at.named(at.walDir),
      inUse: at.running,
      files: countFiles(names),
      coverage: {
        ...coverageOf(at, summary.complete, stoppedBy ?? (notRead > 0 ? 'bytes' : undefined)),
        segmentsRead: listed.filter(({ segment }) => segment.scan !== undefined).length,
      },
      chain: chainOf(summary, listed.length - notRead),
      problems: summary.problems.map(({ segment, class: kind, ...problem }) => ({
        segment,
        class: kind,
        ...problemRecord(problem),
      })),
      sequenceGaps: [...summary.sequenceGaps],
      ...(summary.metadata === undefined ? {} : { metadata: summary.metadata }),
      ...(summary.hardState === undefined ? {} : { hardState: summary.hardState }),
      ...(summary.firstEntry === undefined ? {} : { firstEntry: point(summary.firstEntry) }),
      ...(summary.lastEntry === undefined ? {} : { lastEntry: point(summary.lastEntry) }),
      entries: sumTypes(listed.map(({ segment }) => segment.scan)),
      entriesReplaced: summary.log.replaced,
      entryGaps: summary.entryGaps.map(({ after, before }) => ({ after: `${after}`, before: `${before}` })),
      terms: summary.log.runs.map(({ term, first, last }) => ({ term: `${term}`, first: `${first}`, last: `${last}` })),
      snapshots: summary.snapshots.slice(-MAX_LISTED),
      confChanges: summary.confChanges
        .slice(-MAX_CONF_CHANGES)
        .map(({ index, term, type, memberId }) => ({ index: `${index}`, term: `${term}`, type, memberId })),
      segments: listed.map(({ segment, state }) => segmentRecord(segment, state)),
    };
    const unread = refused !== undefined || (!summary.complete && !at.light);
    return {
      state: unread ? 'partial' : 'ok',
      ...(unread
        ? {
            reason: refused === undefined ? ('item-timeout' as const) : refused.reason,
            message: refused?.message ?? `${notRead} of ${listed.length} segments were not read in time`,
          }
        : {}),
      source,
      parts: [
        {
          content,
          ...(summary.complete || unread
            ? {}
            : { truncation: { description: 'the oldest WAL segments were not read: the member runs' } }),
        },
      ],
    };
  },
});

const countFiles = (names: readonly string[]): DatadirWalArtifact['files'] => {
  const segments = names.filter((name) => parseWalName(name) !== undefined).length;
  const temporary = names.filter((name) => name.endsWith('.tmp')).length;
  const broken = names.filter((name) => name.endsWith('.broken')).length;
  return { segments, temporary, broken, other: names.length - segments - temporary - broken };
};

const chainOf = ({ problems }: WalSummary, read: number): DatadirWalArtifact['chain'] => {
  if (read === 0) return 'not-read';
  const classes = new Set(problems.map((problem) => problem.class));
  if (classes.has('corruption') || classes.has('unreadable')) return 'broken';
  if (classes.has('torn-tail')) return 'torn-tail';
  return classes.has('in-flight') ? 'in-flight' : 'intact';
};

const point = ({ index, term }: { readonly index: number; readonly term: number }) => ({
  index: `${index}`,
  term: `${term}`,
});

const problemRecord = ({ offset, ...problem }: WalProblem) => ({ ...problem, offset: `${offset}` });

const sumTypes = (scans: readonly (SegmentScan | undefined)[]): DatadirWalArtifact['entries'] => {
  const sum = { normal: 0, confChange: 0, confChangeV2: 0, unknown: 0 };
  for (const { entries } of scans.flatMap((scan) => scan ?? [])) {
    sum.normal += entries.normal;
    sum.confChange += entries.confChange;
    sum.confChangeV2 += entries.confChangeV2;
    sum.unknown += entries.unknown;
  }
  return sum;
};

const ends = ({ runs }: EntryRuns): Pick<SegmentRecord, 'firstEntry' | 'lastEntry'> => {
  const first = runs[0];
  const last = runs.at(-1);
  return first === undefined || last === undefined
    ? {}
    : {
        firstEntry: point({ index: first.first, term: first.term }),
        lastEntry: point({ index: last.last, term: last.term }),
      };
};

const segmentRecord = ({ name, size, scan }: Segment, state: SegmentRecord['state']): SegmentRecord => {
  const parsed = parseWalName(name);
  const base = {
    name,
    sequence: parsed?.sequence ?? 0,
    startIndex: `${parsed?.index ?? 0}`,
    state,
    ...(size === undefined ? {} : { size: `${size}` }),
  };
  if (scan === undefined) return base;
  const { seedCrc, finalCrc, dataEnd, end, records, entries, log, hardState, problem, beyond, tail } = scan;
  return {
    ...base,
    dataEnd: `${dataEnd}`,
    end,
    records,
    entries,
    ...(seedCrc === undefined ? {} : { seedCrc }),
    finalCrc,
    ...ends(log),
    ...(hardState === undefined ? {} : { hardState }),
    ...(problem === undefined ? {} : { problem: problemRecord(problem) }),
    ...(beyond === undefined
      ? {}
      : {
          beyond: {
            records: beyond.records,
            mismatches: beyond.mismatches,
            ...(beyond.lastEntry === undefined ? {} : { lastEntry: point(beyond.lastEntry) }),
            ...(beyond.hardState === undefined ? {} : { hardState: beyond.hardState }),
          },
        }),
    ...(tail === undefined
      ? {}
      : {
          tail: {
            checked: `${tail.checked}`,
            ...(tail.nonZeroAt === undefined ? {} : { nonZeroAt: `${tail.nonZeroAt}` }),
          },
        }),
  };
};
