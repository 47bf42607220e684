/** What follows from slow storage and may stand beside it in a report. */
export const slowStorageConsequences = {
  'backend-commit-slow': 'a backend commit waits for two syncs',
  'apply-backlog': 'entries are applied between the commits',
  'slow-follower-lag': 'a follower that syncs slowly runs behind',
  'leader-on-slow-member': 'true while the slow member leads',
  'proposals-pending-pileup': 'proposals wait for the syncs of the leader, or of a majority',
  'read-index-slow': 'a leader that syncs late answers reads late',
  'leader-flapping': 'heartbeats that wait behind a sync lose the leader its office',
  'stalled-leader-lease-revocation': 'a leader that stood still may revoke leases before it knows that it was replaced',
} as const;

/** What follows when a voter of three is gone for good. */
export const deadMemberConsequences = {
  'dead-member-in-list': 'a listed voter does not run any more',
  'crash-loop': 'whoever starts it again sees it end again',
} as const;

/** All that a healthy node shows of a member that ended. */
export const deadFromOutside = {
  causes: ['dead-member-in-list'],
  verdict: ['intervene-now'],
  missing: 'why it ended stands in the log and on the disk of its own node',
} as const;
