import type { DatadirDbArtifact, DatadirSnapArtifact, DatadirWalArtifact } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import { big, memberIdOf, sourceOf } from '../facts/access.js';
import type { CopyMembership, DataCopy, RaftPoint } from '../facts/values/copies.js';
import { checkDb, checkSnap, checkWal, loadable } from './checks.js';
import { fitOf } from './fit.js';
import type { RawCopy } from './gather.js';
import { judge } from './judge.js';

const NOBODY = '0'.repeat(16);

export const point = (at: { readonly index?: string; readonly term?: string } | undefined): RaftPoint | null => {
  const index = big(at?.index);
  const term = big(at?.term);
  return index === null || term === null ? null : { index, term };
};

/** raft's order of logs: the later term, then the higher index (Ongaro, section 5.4.1). Positive when `a` is newer. */
export const comparePoints = (a: RaftPoint | null, b: RaftPoint | null): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a.term !== b.term) return a.term > b.term ? 1 : -1;
  return a.index === b.index ? 0 : a.index > b.index ? 1 : -1;
};

const newest = (points: readonly (RaftPoint | null)[]): RaftPoint | null =>
  points.reduce<RaftPoint | null>((best, each) => (comparePoints(each, best) > 0 ? each : best), null);

/** End of the log: the last entry, or the snapshot of a leader that replaced it all. */
const endOf = (wal: DatadirWalArtifact | undefined): RaftPoint | null => {
  if (wal === undefined) return null;
  const entry = point(wal.lastEntry);
  const received = newest(wal.snapshots.map(point).filter((each) => each !== null && each.index > 0n));
  return received !== null && (entry === null || received.index > entry.index) ? received : entry;
};

const beyondOf = (wal: DatadirWalArtifact | undefined): DataCopy['beyond'] => {
  // Segments behind a damaged one were read on their own: their records are there, though etcd never gets to them.
  const broken = (wal?.segments ?? []).findIndex(({ problem }) => problem !== undefined);
  if (wal === undefined || broken < 0 || wal.chain !== 'broken') return null;
  const after = wal.segments.slice(broken);
  const last = newest(
    after.flatMap(({ beyond, lastEntry }, i) => [point(beyond?.lastEntry), i === 0 ? null : point(lastEntry)]),
  );
  const commits = after.flatMap(({ beyond, hardState }, i) => [
    big(beyond?.hardState?.commit),
    i === 0 ? null : big(hardState?.commit),
  ]);
  const commit = commits.reduce((most, each) => (each !== null && (most === null || each > most) ? each : most), null);
  return last === null && commit === null ? null : { last, commit };
};

const membershipOf = (
  db: DatadirDbArtifact | undefined,
  snapshots: DatadirSnapArtifact['snapshots'],
): CopyMembership | null => {
  const described = snapshots.find(({ membership }) => (membership?.members.length ?? 0) > 0);
  const list = db !== undefined && db.members.length > 0 ? db.members : described?.membership?.members;
  const fromDb = list === db?.members && db !== undefined;
  const conf = fromDb ? db.confState : described?.confState;
  if (list === undefined && conf === undefined) return null;
  return {
    from: fromDb ? 'database' : 'snapshot',
    voters: conf?.voters ?? (list ?? []).filter(({ isLearner }) => isLearner !== true).map(({ id }) => id),
    learners: conf?.learners ?? (list ?? []).filter(({ isLearner }) => isLearner === true).map(({ id }) => id),
    removed: fromDb ? db.removedMembers : (described?.membership?.removed ?? []),
    members: (list ?? []).map(({ id, name, peerUrls }) => ({ id, name: name ?? '', peerUrls })),
  };
};

const unseenOf = ({ wal, snap, db, listing }: RawCopy): string[] => {
  const segments = wal.artifact?.value.segments ?? [];
  const skipped = segments.filter(({ state }) => state !== 'read').length;
  return [
    ...(wal.artifact !== undefined && skipped > 0 ? [`${skipped} of ${segments.length} WAL segments`] : []),
    ...(wal.artifact === undefined && wal.item?.state !== 'empty' ? ['the WAL'] : []),
    ...(snap.artifact === undefined
      ? snap.item?.state === 'empty'
        ? []
        : ['the raft snapshots']
      : snap.artifact.value.coverage.complete
        ? []
        : ['some raft snapshots']),
    ...(db.artifact === undefined
      ? db.item?.state === 'empty'
        ? []
        : ['the database']
      : db.artifact.value.coverage.complete
        ? []
        : ['some pages of the database']),
    ...(listing?.value.truncated === true ? ['some files of the data dir'] : []),
  ];
};

/** One data dir as facts. */
export const copyOf = (input: Case, raw: RawCopy): DataCopy => {
  const wal = raw.wal.artifact?.value;
  const snap = raw.snap.artifact?.value;
  const db = raw.db.artifact?.value;
  const checks = { wal: checkWal(raw.wal), snap: checkSnap(raw.snap), db: checkDb(raw.db) };
  const last = endOf(wal);
  const snapshots = loadable(snap, wal);
  const snapshot = point(snapshots[0]);
  const walWhole = checks.wal.state === 'sound' || checks.wal.state === 'repairable';
  const fit = fitOf({ wal, snap, db, walWhole, last, snapshot });
  const fromTheStart = walWhole && snapshot === null && big(wal?.firstEntry?.index) === 1n;
  const { state, reasons } = judge({ ...checks, fit, fromTheStart });
  const own = wal?.metadata?.nodeId;
  const member = own ?? (/^[0-9a-f]{16}$/.test(raw.target) ? raw.target : null);
  const cluster = wal?.metadata?.clusterId;
  const artifacts = [raw.wal.artifact, raw.snap.artifact, raw.db.artifact].flatMap((each) => each ?? []);
  const uses = [wal?.inUse, snap?.inUse, db?.inUse].filter((each) => each !== undefined);
  const vantage = input.bundles.find(({ id }) => id === raw.bundle)?.vantage?.host ?? null;
  return {
    key: raw.key,
    member: memberIdOf(member ?? undefined),
    memberFrom: own !== undefined ? 'wal' : member === null ? null : 'target',
    target: raw.target,
    cluster: cluster === undefined || cluster === NOBODY ? null : cluster,
    bundle: raw.bundle,
    vantage,
    dir: raw.listing?.value.dataDir ?? (wal?.dir ?? snap?.dir ?? db?.path)?.replace(/\/member\/.*$/, '') ?? null,
    inUse: uses.length === 0 ? null : uses.includes(true),
    readAt: Math.max(0, ...artifacts.map(({ startedAt }) => startedAt)),
    term: big(wal?.hardState?.term),
    commit: big(wal?.hardState?.commit),
    first: big(wal?.firstEntry?.index),
    last,
    beyond: beyondOf(wal),
    snapshot,
    applied: big(db?.consistentIndex),
    appliedTerm: big(db?.term),
    revision: big(db?.highestRevision?.main),
    compactRevision: big(db?.finishedCompactRevision),
    membership: membershipOf(db, snapshots as DatadirSnapArtifact['snapshots']),
    removals: (wal?.confChanges ?? []).filter(({ type }) => type === 'remove-node').map(({ memberId }) => memberId),
    ...checks,
    fit,
    state,
    reasons,
    unseen: unseenOf(raw),
    source: artifacts.map((each) => sourceOf(each)),
  };
};
