import type { DatadirDbArtifact, DatadirSnapArtifact, DatadirWalArtifact } from '../../schemas/index.js';
import type { CaseItem } from '../bundle/case.js';
import type { CopyCheck, CopyState } from '../facts/values/copies.js';
import type { Part } from './gather.js';

const check = (state: CopyState, text = ''): CopyCheck => ({ state, text });

/** Why a part could not be judged. */
const unread = (what: string, item: CaseItem | undefined): CopyCheck => {
  if (item?.damage !== undefined) return check('unknown', `what the bundle holds of ${what} is damaged`);
  return check('unknown', `${what} was not read: ${item?.message ?? item?.reason ?? item?.state ?? 'not planned'}`);
};

type Problem = DatadirWalArtifact['problems'][number];

const problemWords: Readonly<Record<Problem['kind'], string>> = {
  'frame-beyond-file': 'a record that is longer than the file',
  'truncated-length': 'a record whose length is cut off',
  'crc-mismatch': 'a record that does not match its checksum',
  'crc-chain': 'a checksum that does not continue the segment before',
  'malformed-record': 'a record that cannot be decoded',
  'unknown-record': 'a record of an unknown type',
  'metadata-conflict': 'metadata of another member or cluster',
  'record-too-large': 'a record too large to be checked',
  'read-error': 'an error of the device',
};

/** Where the chain of checksums breaks, and what is left behind it. */
const placeOf = (wal: DatadirWalArtifact, problem: Problem): string => {
  const segment = wal.segments.find(({ name }) => name === problem.segment);
  const good = wal.lastEntry === undefined ? '' : `, sound up to entry ${wal.lastEntry.index}`;
  const beyond = segment?.beyond;
  const behind =
    beyond === undefined || beyond.records === 0
      ? ''
      : `; ${beyond.records} records can still be told apart behind it${beyond.lastEntry === undefined ? '' : `, the last one entry ${beyond.lastEntry.index}`}`;
  return `${problemWords[problem.kind]} in ${problem.segment} at byte ${problem.offset}${good}${behind}`;
};

/** The WAL by etcd's own decision: what it repairs, and what it refuses. */
export const checkWal = ({ artifact, item }: Part<'datadir-wal'>): CopyCheck => {
  if (artifact === undefined)
    return item?.state === 'empty' ? check('missing', 'there is no WAL in the data dir') : unread('the WAL', item);
  const wal = artifact.value;
  const of = (kind: Problem['class']): Problem | undefined => wal.problems.find((each) => each.class === kind);
  // A record beyond the limit of the reader may be a sound one.
  const broken = of('corruption') ?? wal.problems.find(({ kind }) => kind === 'read-error');
  if (broken !== undefined) return check('damaged', `the WAL has ${placeOf(wal, broken)}`);
  const [gap] = wal.sequenceGaps;
  if (gap !== undefined)
    return check('damaged', `WAL segments are missing between sequence ${gap.after} and ${gap.before}`);
  const { segmentsRead } = wal.coverage;
  if (wal.chain === 'not-read' || wal.chain === 'broken' || !wal.coverage.complete)
    return check('unknown', `${segmentsRead} of ${wal.segments.length} WAL segments were read, without a fault`);
  const torn = of('torn-tail');
  if (torn !== undefined) return check('repairable', `the WAL ends with ${placeOf(wal, torn)}: etcd cuts it off there`);
  const tail = wal.segments.at(-1)?.tail;
  if (tail?.nonZeroAt !== undefined && !wal.inUse)
    return check('repairable', `behind the end of the WAL lies data (byte ${tail.nonZeroAt}) that etcd does not reach`);
  return check('sound');
};

/** The raft snapshots by themselves; whether an older one will do depends on the log. */
export const checkSnap = ({ artifact, item }: Part<'datadir-snap'>): CopyCheck => {
  if (artifact === undefined)
    return item?.state === 'empty' ? check('missing', 'there is no snapshot directory') : unread('the snapshots', item);
  const { snapshots, coverage } = artifact.value;
  const bad = snapshots.find(({ problem, setAside }) => problem !== undefined && !setAside);
  if (bad?.problem !== undefined)
    return check('damaged', `the raft snapshot ${bad.name} is damaged (${bad.problem.kind})`);
  return coverage.complete ? check('sound') : check('unknown', 'not all raft snapshots were read');
};

const metaWords = (db: DatadirDbArtifact): string =>
  db.metas.map(({ page, problem }) => `meta page ${page}: ${problem ?? 'valid'}`).join(', ');

/** The database by its pages; values have no checksum in bbolt, so that a changed one is not seen. */
export const checkDb = ({ artifact, item }: Part<'datadir-db'>): CopyCheck => {
  if (artifact === undefined)
    return item?.state === 'empty'
      ? check('missing', 'there is no database in the data dir')
      : unread('the database', item);
  const db = artifact.value;
  if (db.inForce === undefined) return check('damaged', `the database cannot be opened (${metaWords(db)})`);
  if (db.truncated && db.consistency.pages === 'still')
    return check('damaged', 'the database file is shorter than its pages in use');
  const [problem] = db.problems;
  if (problem !== undefined && db.consistency.pages === 'still')
    return check(
      'damaged',
      `${db.problemCount === 1 ? 'a page of the database is' : `${db.problemCount} pages of the database are`} damaged (page ${problem.page}: ${problem.kind}${problem.bucket === '' ? '' : `, bucket ${problem.bucket}`})`,
    );
  if (db.consistency.pages !== 'still' || db.truncated)
    return check('unknown', 'the database was written while it was read');
  if (!db.coverage.complete)
    return check('unknown', 'not all pages of the database were read; no fault in those that were');
  if (db.malformed.length > 0 || db.malformedRevisions !== '0')
    return check(
      'unknown',
      `the database holds records that could not be understood (${db.malformed[0] ?? 'revisions'})`,
    );
  return check('sound');
};

export type LoadedSnapshot = DatadirSnapArtifact['snapshots'][number];

/** Snapshots that etcd would load, newest first: whole, not set aside, and recorded in the WAL where it was read. */
export const loadable = (
  snap: DatadirSnapArtifact | undefined,
  wal: DatadirWalArtifact | undefined,
): readonly LoadedSnapshot[] => {
  const recorded =
    wal === undefined || !wal.coverage.complete || wal.chain === 'broken'
      ? undefined
      : new Set(wal.snapshots.map(({ term, index }) => `${term}/${index}`));
  return (snap?.snapshots ?? [])
    .filter(
      ({ problem, setAside, index, term }) =>
        problem === undefined && !setAside && index !== undefined && term !== undefined,
    )
    .filter(({ index, term }) => recorded === undefined || recorded.has(`${term}/${index}`))
    .sort((a, b) => (BigInt(b.index ?? 0) > BigInt(a.index ?? 0) ? 1 : -1));
};
