import type { FixedIn } from '../rules/evidence/etcd-version.js';

/** What must be so for a bug to matter; what cannot be told counts as possible. */
export type BugCondition = 'auth' | 'single-voter' | 'learner' | 'leases' | 'watches' | 'compaction';

/** A bug that a patch release fixed. */
export interface KnownBug {
  readonly id: string;
  /** Consequence for an operator, without a full stop. */
  readonly effect: string;
  /** First affected patch by line; default: the first of the line. */
  readonly from?: FixedIn;
  /** First patch with the fix, by line. */
  readonly fixedIn: FixedIn;
  /** Data may be lost, wrong or different between members. */
  readonly data: boolean;
  readonly condition?: BugCondition;
  readonly source: string;
}

const changelog = (...versions: readonly string[]): string => `etcd changelog, ${versions.join(', ')}`;

/** Bugs worth an upgrade, those that endanger data first. 3.5.0-3.5.2 have a rule of their own. */
export const knownBugs: readonly KnownBug[] = [
  {
    id: 'snapshot-during-defrag',
    effect: 'the database may be damaged when a snapshot of the leader is applied during a defragmentation',
    fixedIn: { '3.4': '3.4.38', '3.5': '3.5.23', '3.6': '3.6.5' },
    data: true,
    source: changelog('3.4.38', '3.5.23', '3.6.5'),
  },
  {
    id: 'partial-transaction',
    effect: 'a failing write transaction may be applied in part',
    fixedIn: { '3.5': '3.5.17' },
    data: true,
    source: changelog('3.5.17'),
  },
  {
    id: 'revision-decrease',
    effect: 'the revision may go back after a crash during a compaction',
    fixedIn: { '3.4': '3.4.32', '3.5': '3.5.14' },
    data: true,
    condition: 'compaction',
    source: changelog('3.4.32', '3.5.14'),
  },
  {
    id: 'defrag-crash-divergence',
    effect: 'revisions of members may differ after a crash during a defragmentation',
    fixedIn: { '3.5': '3.5.6' },
    data: true,
    source: changelog('3.5.6'),
  },
  {
    id: 'auth-snapshot-divergence',
    effect: 'auth data may differ between members after one recovered from a snapshot',
    fixedIn: { '3.4': '3.4.22', '3.5': '3.5.6' },
    data: true,
    condition: 'auth',
    source: changelog('3.4.22', '3.5.6'),
  },
  {
    id: 'single-member-durability',
    effect: 'a cluster of one may acknowledge a write before it is on disk',
    fixedIn: { '3.4': '3.4.21', '3.5': '3.5.5' },
    data: true,
    condition: 'single-voter',
    source: changelog('3.4.21', '3.5.5'),
  },
  {
    id: 'consistent-index-corruption',
    effect: 'data may differ between members after restarts (consistent index, order of WAL and snapshot)',
    fixedIn: { '3.4': '3.4.8' },
    data: true,
    source: changelog('3.4.8'),
  },
  {
    id: 'stale-read-after-pause',
    effect: 'a linearizable read may be stale after a paused process or a change of leader',
    fixedIn: { '3.4': '3.4.42', '3.5': '3.5.28', '3.6': '3.6.9' },
    data: true,
    source: changelog('3.4.42', '3.5.28', '3.6.9'),
  },
  {
    id: 'watch-loss-at-compaction',
    effect: 'watchers may miss events around a compaction',
    fixedIn: { '3.4': '3.4.31', '3.5': '3.5.13' },
    data: true,
    condition: 'watches',
    source: changelog('3.4.31', '3.5.13'),
  },
  {
    id: 'watch-delete-at-compaction',
    effect: 'a watch opened at the compaction revision may miss a delete',
    fixedIn: { '3.4': '3.4.36', '3.5': '3.5.18' },
    data: true,
    condition: 'watches',
    source: changelog('3.4.36', '3.5.18'),
  },
  {
    id: 'watch-future-revision',
    effect: 'a watch from a future revision may deliver old events, as after a restore',
    fixedIn: { '3.4': '3.4.38', '3.5': '3.5.22', '3.6': '3.6.2' },
    data: true,
    condition: 'watches',
    source: changelog('3.4.38', '3.5.22', '3.6.2'),
  },
  {
    id: 'old-leader-revokes-leases',
    effect: 'a former leader that was stalled may revoke leases that are in use',
    fixedIn: { '3.4': '3.4.31', '3.5': '3.5.13' },
    data: true,
    condition: 'leases',
    source: changelog('3.4.31', '3.5.13'),
  },
  {
    id: 'renew-of-revoked-lease',
    effect: 'renewing a revoked lease may be answered with success',
    fixedIn: { '3.4': '3.4.38', '3.5': '3.5.23', '3.6': '3.6.5' },
    data: true,
    condition: 'leases',
    source: changelog('3.4.38', '3.5.23', '3.6.5'),
  },
  {
    id: 'member-update-promotes-learner',
    effect: 'updating the peer URLs of a learner makes it a voter',
    fixedIn: { '3.5': '3.5.31', '3.6': '3.6.12' },
    data: false,
    condition: 'learner',
    source: changelog('3.5.31', '3.6.12'),
  },
  {
    id: 'panic-at-start-with-auth',
    effect: 'the server panics at start when authentication is on',
    from: { '3.5': '3.5.3' },
    fixedIn: { '3.5': '3.5.4' },
    data: false,
    condition: 'auth',
    source: changelog('3.5.4'),
  },
  {
    id: 'learner-replay-at-start',
    effect: 'a start may fail when the promotion of a learner is replayed',
    fixedIn: { '3.6': '3.6.4' },
    data: false,
    condition: 'learner',
    source: changelog('3.6.4'),
  },
  {
    id: 'compaction-without-pause',
    effect: 'compaction batches run without a pause, and latency jumps at every compaction',
    from: { '3.5': '3.5.16' },
    fixedIn: { '3.5': '3.5.19' },
    data: false,
    condition: 'compaction',
    source: changelog('3.5.19'),
  },
  {
    id: 'lease-renew-cost',
    effect: 'every lease renewal confirms leadership first, which costs the leader CPU',
    from: { '3.4': '3.4.31', '3.5': '3.5.13' },
    fixedIn: { '3.4': '3.4.34', '3.5': '3.5.16' },
    data: false,
    condition: 'leases',
    source: changelog('3.4.34', '3.5.16'),
  },
  {
    id: 'watch-goroutine-leak',
    effect: 'goroutines of the watch server leak, and memory grows',
    fixedIn: { '3.4': '3.4.35', '3.5': '3.5.17' },
    data: false,
    condition: 'watches',
    source: changelog('3.4.35', '3.5.17'),
  },
  {
    id: 'lease-leak-with-auth',
    effect: 'leases are never revoked after a restore from a snapshot with authentication on',
    fixedIn: { '3.4': '3.4.19', '3.5': '3.5.5' },
    data: false,
    condition: 'auth',
    source: changelog('3.4.19', '3.5.5'),
  },
  {
    id: 'partly-synced-record',
    effect: 'a partly synced last WAL record is not repaired at start',
    fixedIn: { '3.5': '3.5.7' },
    data: false,
    source: changelog('3.5.7'),
  },
  {
    id: 'status-quota',
    effect: 'Status reports a wrong quota when the default is in force',
    fixedIn: { '3.6': '3.6.6' },
    data: false,
    source: changelog('3.6.6'),
  },
];
