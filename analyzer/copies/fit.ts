import type { DatadirDbArtifact, DatadirSnapArtifact, DatadirWalArtifact } from '../../schemas/index.js';
import { big } from '../facts/access.js';
import type { CopyFit, RaftPoint } from '../facts/values/copies.js';

/** The collector lists so many runs of terms; with more, the beginning of the log is not among them. */
const MAX_RUNS = 1000;

export interface FitInput {
  readonly wal: DatadirWalArtifact | undefined;
  readonly snap: DatadirSnapArtifact | undefined;
  readonly db: DatadirDbArtifact | undefined;
  /** The WAL was read to its end without damage. */
  readonly walWhole: boolean;
  readonly last: RaftPoint | null;
  readonly snapshot: RaftPoint | null;
}

/**
 * Contradictions between the parts of one data dir. Of a member that runs the parts are of different moments: then only what its WAL says
 * alone is compared.
 */
export const fitOf = ({ wal, snap, db, walWhole, last, snapshot }: FitInput): CopyFit => {
  const commit = big(wal?.hardState?.commit);
  const applied = big(db?.consistentIndex);
  const first = big(wal?.firstEntry?.index);
  const end = walWhole ? (last?.index ?? 0n) : null;
  const still = wal?.inUse !== true && db?.inUse !== true && db?.consistency.state !== 'live-moved';
  const base = snapshot?.index ?? 0n;
  const bridged = snap?.databases.some(({ index, readable }) => readable && BigInt(index) === snapshot?.index) === true;
  const hole =
    walWhole && snap?.coverage.complete === true
      ? wal?.entryGaps.find(({ before }) => BigInt(before) > base + 1n)
      : undefined;
  return {
    // raft refuses to start with a commit index beyond its log (raft.loadState).
    logLost: end !== null && commit !== null && commit > end ? { commit, last: end } : null,
    databaseAhead: still && end !== null && applied !== null && applied > end ? { applied, last: end } : null,
    databaseBehind:
      still && snapshot !== null && applied !== null && applied < snapshot.index && !bridged
        ? { applied, snapshot: snapshot.index }
        : null,
    // etcd reads its log from the snapshot on, and refuses a hole behind it (wal.ReadAll).
    logStartsLate:
      walWhole &&
      snap?.coverage.complete === true &&
      first !== null &&
      first > base + 1n &&
      (wal?.terms.length ?? 0) < MAX_RUNS
        ? { first, base }
        : null,
    logHole: hole === undefined ? null : { after: BigInt(hole.after), before: BigInt(hole.before) },
  };
};
