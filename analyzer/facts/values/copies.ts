import type { ReportSource } from '../../../schemas/index.js';

/**
 * What was found of a part of a data dir, or of the whole. `sound`: all of it was read, and nothing is wrong; `repairable`: etcd puts it
 * right at its next start; `damaged`: etcd does not start from it; `missing`: it is not there; `unknown`: not all of it was seen.
 */
export type CopyState = 'sound' | 'repairable' | 'damaged' | 'missing' | 'unknown';

export interface CopyCheck {
  readonly state: CopyState;
  /** Why, in words; empty when there is nothing to say. */
  readonly text: string;
}

/** A position in the raft log. Positions compare by term, then by index. */
export interface RaftPoint {
  readonly term: bigint;
  readonly index: bigint;
}

export interface CopyMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/** Membership as a copy records it, which may be older than its log. */
export interface CopyMembership {
  readonly from: 'database' | 'snapshot';
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly removed: readonly string[];
  readonly members: readonly CopyMember[];
}

/** How the parts of a copy fit together; `null`: could not be told. */
export interface CopyFit {
  /** Its HardState counts entries as committed that its log does not have. */
  readonly logLost: { readonly commit: bigint; readonly last: bigint } | null;
  /** Its database has applied entries that its log does not have. */
  readonly databaseAhead: { readonly applied: bigint; readonly last: bigint } | null;
  /** Its database is older than its newest raft snapshot, and the database of that snapshot is missing. */
  readonly databaseBehind: { readonly applied: bigint; readonly snapshot: bigint } | null;
  /** Its log begins behind what its newest sound snapshot holds. */
  readonly logStartsLate: { readonly first: bigint; readonly base: bigint } | null;
  /** Entries are missing in the middle of its log, behind that snapshot. */
  readonly logHole: { readonly after: bigint; readonly before: bigint } | null;
}

/** One data dir as it was read: the files of one member at one time and place. */
export interface DataCopy {
  /** Unique in the case. */
  readonly key: string;
  /** Member whose files they are: by the metadata of the WAL, else the member they were read for; null when neither says. */
  readonly member: string | null;
  readonly memberFrom: 'wal' | 'target' | null;
  /** Member of the case for which they were read. */
  readonly target: string;
  readonly cluster: string | null;
  readonly bundle: string;
  /** Host the collector ran on; null without a manifest. */
  readonly vantage: string | null;
  readonly dir: string | null;
  /** A process had the files open. */
  readonly inUse: boolean | null;
  /** Epoch ms. */
  readonly readAt: number;
  readonly term: bigint | null;
  /** Of the last HardState, before any damage; etcd writes it with the next entries, so that it lags. */
  readonly commit: bigint | null;
  readonly first: bigint | null;
  /** End of the log that etcd would have, before any damage. */
  readonly last: RaftPoint | null;
  /** What can still be told apart behind the damage; etcd does not read it. */
  readonly beyond: { readonly last: RaftPoint | null; readonly commit: bigint | null } | null;
  /** Newest snapshot file that etcd would load. */
  readonly snapshot: RaftPoint | null;
  /** Consistent index of the database, and its term (3.5 and later). */
  readonly applied: bigint | null;
  readonly appliedTerm: bigint | null;
  readonly revision: bigint | null;
  readonly compactRevision: bigint | null;
  readonly membership: CopyMembership | null;
  /** Members that its log removes, committed or not. */
  readonly removals: readonly string[];
  readonly wal: CopyCheck;
  readonly snap: CopyCheck;
  readonly db: CopyCheck;
  readonly fit: CopyFit;
  readonly state: CopyState;
  /** Why it is not sound, worst first. */
  readonly reasons: readonly string[];
  /** What of it was not looked at. */
  readonly unseen: readonly string[];
  readonly source: readonly ReportSource[];
}

/**
 * What a copy is to the cluster. `current`: of a voter, and its newest copy; `learner`; `superseded`: the same member has had entries that
 * this copy lacks; `removed`: of a member that belongs to the cluster no more; `detached`: it went on alone, as after --force-new-cluster;
 * `foreign`: of another cluster; `unidentified`: whose it is could not be told.
 */
export type CopyStanding = 'current' | 'learner' | 'superseded' | 'removed' | 'detached' | 'foreign' | 'unidentified';

/** What would be missing after a recovery from a copy. */
export interface CopyLoss {
  /** Entries known to be committed that it lacks; null when its own position is unknown. */
  readonly atLeast: bigint | null;
  /** Entries that it can lack at most; null when unseen copies may hold more. */
  readonly atMost: bigint | null;
  /** Revisions between its database and the newest revision seen; null when either is unknown. */
  readonly revisions: bigint | null;
}

export interface RankedCopy {
  readonly copy: DataCopy;
  readonly standing: CopyStanding;
  /** Why the standing is not `current`, in words; empty otherwise. */
  readonly standingText: string;
  /** May be started in this cluster as it is. */
  readonly usable: boolean;
  readonly loss: CopyLoss;
}

export type CopiesDecision =
  /** A majority commits, or answers at least: copies are not needed. */
  | 'not-needed'
  /** Enough sound copies for a quorum: start these members. */
  | 'start'
  /** A quorum cannot come from what is left, whatever the unseen copies are. */
  | 'restore'
  | 'cannot-tell';

/** All copies of the data, ranked: usable ones first, the newest by raft's own order first among equals. */
export interface Copies {
  readonly ranked: readonly RankedCopy[];
  /** Cluster the ranking is about; null when copies name several and nothing tells which is meant. */
  readonly cluster: string | null;
  readonly clusters: readonly string[];
  readonly voters: readonly string[];
  /** Where the voters are known from; null when they are not. */
  readonly votersFrom: 'member-list' | 'copy' | null;
  readonly needed: number;
  readonly decision: CopiesDecision;
  /** Voters with a usable copy, or that answer; with copies that are damaged, missing or not to be used; of which too little is known. */
  readonly available: readonly string[];
  readonly lost: readonly string[];
  readonly unseen: readonly string[];
  /** Newest commit index known from any copy or member. */
  readonly newestCommit: { readonly index: bigint; readonly by: string } | null;
  readonly newestRevision: { readonly revision: bigint; readonly by: string } | null;
  /**
   * Fewer voters hold the newest commit than a majority, although all were read: at least one of `suspects` lost entries it had
   * acknowledged. Null when nothing of the kind is seen.
   */
  readonly lostAcks: {
    readonly commit: bigint;
    readonly holders: readonly string[];
    readonly suspects: readonly string[];
  } | null;
}
