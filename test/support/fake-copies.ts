/** Artifacts of data dirs, and copies as facts, from a few numbers. */
import type { Crashes, CrashMarker, CopyCheck, DataCopy, OwnCopy } from '../../analyzer/facts/values/index.js';
import type { DatadirDbArtifact, DatadirSnapArtifact, DatadirWalArtifact } from '../../schemas/index.js';
import { FAKE_CLUSTER_ID, type FakeArtifact, fakeId } from './fake-case.js';

export interface FakeDataDir {
  /** Member whose files they are; default the one they lie at. */
  readonly node?: string;
  readonly cluster?: string;
  readonly dir?: string;
  readonly inUse?: boolean;
  readonly term?: number;
  /** Entries 1 or `first` to `last`, all of the term. */
  readonly first?: number;
  readonly last?: number;
  readonly commit?: number;
  /** Index of the newest .snap file, recorded in the WAL; none by default. */
  readonly snapshot?: number;
  readonly snapProblem?: 'crc-mismatch';
  readonly applied?: number;
  readonly revision?: number;
  readonly voters?: readonly string[];
  readonly removed?: readonly string[];
  readonly removals?: readonly string[];
  readonly wal?: 'torn' | 'broken' | 'part' | 'none';
  /** Behind the broken place. */
  readonly beyond?: { readonly last: number; readonly commit: number };
  /** Missing entries: last one before, first one behind. */
  readonly hole?: readonly [number, number];
  readonly db?: 'no-meta' | 'page' | 'part' | 'none';
}

const text = (value: number): string => String(value);
const SEGMENT = '0000000000000000-0000000000000000.wal';
const fakeVoters = [0, 1, 2].map(fakeId);

export const fakeWal = (of: FakeDataDir, own: string): DatadirWalArtifact => {
  const { term = 3, first = 1, last = 100, commit = last, snapshot, inUse = false, wal } = of;
  const problem = {
    kind: wal === 'torn' ? ('frame-beyond-file' as const) : ('crc-mismatch' as const),
    offset: '4096',
    zeroSector: false,
  };
  const broken = wal === 'torn' || wal === 'broken';
  const entries = { normal: last - first + 1, confChange: 0, confChangeV2: 0, unknown: 0 };
  const point = (index: number) => ({ index: text(index), term: text(term) });
  return {
    dir: `${of.dir ?? '/var/lib/etcd'}/member/wal`,
    inUse,
    files: { segments: 1, temporary: 0, broken: 0, other: 0 },
    coverage: { bytesRead: '1000', elapsedMs: 1, complete: wal !== 'part', segmentsRead: 1 },
    chain: wal === 'torn' ? 'torn-tail' : wal === 'broken' ? 'broken' : 'intact',
    problems: broken
      ? [{ segment: SEGMENT, class: wal === 'torn' ? ('torn-tail' as const) : ('corruption' as const), ...problem }]
      : [],
    sequenceGaps: [],
    metadata: { nodeId: of.node ?? own, clusterId: of.cluster ?? FAKE_CLUSTER_ID },
    hardState: { term: text(term), commit: text(commit) },
    firstEntry: point(first),
    lastEntry: point(last),
    entries,
    entriesReplaced: 0,
    entryGaps: of.hole === undefined ? [] : [{ after: text(of.hole[0]), before: text(of.hole[1]) }],
    terms: [{ term: text(term), first: text(first), last: text(last) }],
    snapshots: [{ index: '0', term: '0' }, ...(snapshot === undefined ? [] : [point(snapshot)])],
    confChanges: (of.removals ?? []).map((memberId, i) => ({
      index: text(last - i),
      term: text(term),
      type: 'remove-node' as const,
      memberId,
    })),
    segments: [
      {
        name: SEGMENT,
        sequence: 0,
        startIndex: '0',
        size: '64000000',
        state: wal === 'part' ? 'partial' : 'read',
        ...(broken ? { problem } : {}),
        ...(of.beyond === undefined
          ? {}
          : {
              beyond: {
                records: 5,
                mismatches: 1,
                lastEntry: point(of.beyond.last),
                hardState: { term: text(term), commit: text(of.beyond.commit) },
              },
            }),
      },
    ],
  };
};

export const fakeSnap = (of: FakeDataDir): DatadirSnapArtifact => ({
  dir: `${of.dir ?? '/var/lib/etcd'}/member/snap`,
  inUse: of.inUse ?? false,
  files: { snapshots: of.snapshot === undefined ? 0 : 1, broken: 0, databases: 0, temporary: 0, other: 0 },
  coverage: { bytesRead: '1000', elapsedMs: 1, complete: true },
  snapshots:
    of.snapshot === undefined
      ? []
      : [
          {
            name: `${(of.term ?? 3).toString(16).padStart(16, '0')}-${of.snapshot.toString(16).padStart(16, '0')}.snap`,
            size: '9000',
            setAside: false,
            ...(of.snapProblem === undefined
              ? { index: text(of.snapshot), term: text(of.term ?? 3) }
              : { problem: { kind: of.snapProblem } }),
          },
        ],
  databases: [],
});

export const fakeDb = (of: FakeDataDir): DatadirDbArtifact => {
  const { applied = of.commit ?? of.last ?? 100, voters = fakeVoters, db } = of;
  const known = db !== 'no-meta';
  return {
    path: `${of.dir ?? '/var/lib/etcd'}/member/snap/db`,
    inUse: of.inUse ?? false,
    size: '65536',
    pageSize: 4096,
    byteOrder: 'little',
    metas: ([0, 1] as const).map((page) => ({
      page,
      valid: known,
      ...(known ? {} : { problem: 'checksum' as const }),
    })),
    ...(known ? { inForce: 0 as const } : {}),
    truncated: false,
    consistency: { state: 'still', pages: 'still' },
    coverage: { bytesRead: '1000', elapsedMs: 1, complete: db !== 'part' },
    freelist: { state: 'absent' },
    buckets: [],
    unknownBuckets: 0,
    problems: db === 'page' ? [{ kind: 'wrong-id', page: '7', bucket: 'key' }] : [],
    problemCount: db === 'page' ? 1 : 0,
    ...(known
      ? {
          consistentIndex: text(applied),
          term: text(of.term ?? 3),
          confState: { voters: [...voters], learners: [] },
          highestRevision: { main: text(of.revision ?? applied - 5), sub: '0', tombstone: false },
        }
      : {}),
    members: known
      ? voters.map((id) => ({
          id,
          name: `m${fakeVoters.indexOf(id) + 1}`,
          peerUrls: [`http://10.0.0.${fakeVoters.indexOf(id) + 1}:2380`],
          clientUrls: [`http://10.0.0.${fakeVoters.indexOf(id) + 1}:2379`],
        }))
      : [],
    removedMembers: [...(of.removed ?? [])],
    alarms: [],
    tombstones: '0',
    malformedRevisions: '0',
    malformed: [],
  };
};

/** The artifacts of one data dir of a fake case. */
export const dataDir = (at: string, of: FakeDataDir = {}): FakeArtifact[] => [
  ...(of.wal === 'none' ? [] : [{ kind: 'datadir-wal' as const, of: at, value: fakeWal(of, at) }]),
  { kind: 'datadir-snap', of: at, value: fakeSnap(of) },
  ...(of.db === 'none' ? [] : [{ kind: 'datadir-db' as const, of: at, value: fakeDb(of) }]),
];

const fine: CopyCheck = { state: 'sound', text: '' };

/** A sound copy of m1 that nobody has open, as the rules see it. */
export const ownCopy = (copy: Partial<DataCopy> = {}, more: Partial<Omit<OwnCopy, 'copy'>> = {}): OwnCopy => ({
  copy: {
    key: 'b/m1',
    member: '0000000000000001',
    memberFrom: 'wal',
    target: '0000000000000001',
    cluster: FAKE_CLUSTER_ID,
    bundle: 'b',
    vantage: 'h1',
    dir: '/var/lib/etcd',
    inUse: false,
    readAt: 0,
    term: 3n,
    commit: 100n,
    first: 1n,
    last: { term: 3n, index: 100n },
    beyond: null,
    snapshot: null,
    applied: 100n,
    appliedTerm: 3n,
    revision: 90n,
    compactRevision: null,
    membership: null,
    removals: [],
    wal: fine,
    snap: fine,
    db: fine,
    fit: { logLost: null, databaseAhead: null, databaseBehind: null, logStartsLate: null, logHole: null },
    state: 'sound',
    reasons: [],
    unseen: [],
    source: [],
    ...copy,
  },
  standing: 'current',
  standingText: '',
  usable: true,
  loss: { atLeast: 0n, atMost: 0n, revisions: 0n },
  others: 0,
  ...more,
});

/** A part of a copy that is not sound. */
export const bad = (state: CopyCheck['state'], text = 'a fault at byte 4096'): CopyCheck => ({ state, text });

/** How a member ended: its last words, with the signatures they are of, and whether it was killed for lack of memory. */
export const crashes = (
  of: { readonly line?: string; readonly says?: readonly string[]; readonly outOfMemory?: boolean } = {},
): Crashes => {
  const last: CrashMarker | null =
    of.line === undefined
      ? null
      : { kind: 'panic', line: of.line, at: null, says: of.says ?? [], log: '/var/log/etcd.log', generation: 0 };
  const markers = last === null ? [] : [last];
  return {
    markers,
    lastMarker: last,
    outOfMemory: of.outOfMemory ?? null,
    outOfMemoryAt: null,
    exits: of.outOfMemory === true ? ['container 0123456789ab: OOMKilled, exit code 137'] : [],
    searchedBytes: 4096,
    coreFiles: 0,
    saying: (ids) => markers.filter(({ says }) => says.some((id) => ids.includes(id))),
  };
};
