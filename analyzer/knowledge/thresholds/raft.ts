import type { Threshold } from '../threshold.js';

/** Consensus and the life of members: raft and lifecycle rules. */
export const raftThresholds = {
  'leader-changes-warning': {
    value: 2,
    unit: 'count',
    source: 'own estimate: one change can be chance on a busy machine, two within 15 minutes are a pattern',
  },
  'leader-changes-high': {
    value: 4,
    unit: 'count',
    source: 'etcd mixin etcdHighNumberOfLeaderChanges: 4 or more within 15 minutes',
  },
  'leader-changes-minutes': {
    value: 15,
    unit: 'minutes',
    source: 'window of etcd mixin etcdHighNumberOfLeaderChanges',
  },
  'raft-lag-entries': {
    value: 1000,
    unit: 'entries',
    source: 'own estimate: a fifth of the 5000 entries that a leader keeps for slow followers (SnapshotCatchUpEntries)',
  },
  'raft-catch-up-entries': {
    value: 5000,
    unit: 'entries',
    source:
      'etcd source, server: DefaultSnapshotCatchUpEntries and maxGapBetweenApplyAndCommitIndex are both 5000 entries',
    scalesWith: 'snapshot-catchup-entries in force',
  },
  'apply-gap-entries': {
    value: 100,
    unit: 'entries',
    source: 'own estimate: healthy members apply what is committed within one batch',
  },
  'apply-gap-high-entries': {
    value: 1000,
    unit: 'entries',
    source: 'own estimate: a fifth of the gap of 5000 at which etcd refuses requests',
  },
  'proposals-pending': {
    value: 100,
    unit: 'count',
    source: 'own estimate; the metrics page of etcd only says that a rising number means high load or no commits',
  },
  'proposals-wait-seconds': {
    value: 1,
    unit: 's',
    source:
      'own estimate: pending proposals divided by the commit rate is the least time that one waits (queueing law)',
  },
  'read-index-retries': {
    value: 3,
    unit: 'count',
    source:
      'own estimate: etcd logs one retry per 500 ms that a read index is not confirmed (readIndexRetryTime), and counts the second answer to it as out of date',
  },
  'read-index-ms': {
    value: 500,
    unit: 'ms',
    source: 'etcd source, server: readIndexRetryTime is 500 ms',
  },
  'slow-leader-ratio': {
    value: 3,
    unit: 'ratio',
    source:
      'own estimate: buckets of the sync histogram double, so a factor of three is more than a neighbouring bucket',
  },
  'snapshot-repeats': {
    value: 2,
    unit: 'count',
    source:
      'own estimate: one snapshot per peer is how a lagging or new member catches up, two within an hour are a loop',
  },
  'lease-burst': {
    value: 10,
    unit: 'count',
    source: 'own estimate: leases that end together, more than a few clients that happened to stop',
  },
  'learner-ready-share': {
    value: 0.9,
    unit: 'share',
    source: 'etcd source, server: readyPercentThreshold is 0.9 of the leader’s match index',
  },
  'crash-restarts': {
    value: 3,
    unit: 'count',
    source: 'own estimate: starts without an orderly stop before them within an hour',
  },
  'crash-restarts-window': {
    value: 2,
    unit: 'count',
    source: 'own estimate: replaced twice within one sampling window; maintenance restarts a member once',
  },
  'stop-restarts': {
    value: 3,
    unit: 'count',
    source: 'own estimate: stops by a signal within an hour; maintenance needs one or two',
  },
  'restart-recent-minutes': {
    value: 10,
    unit: 'minutes',
    source: 'own estimate: longer than the largest usual restart back-off (5 minutes in Kubernetes)',
  },
  'removed-returns': {
    value: 2,
    unit: 'count',
    source: 'own estimate: measured, a removal itself leaves no rejection, each start of the removed member one burst',
  },
} as const satisfies Record<string, Threshold>;
