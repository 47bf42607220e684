/** What follows for a member that gets too little CPU time or memory, and is true in a report beside the cause. */
export const starvedConsequences: Readonly<Record<string, string>> = {
  'read-index-slow': 'reads wait for a leader or a member that is late',
  'proposals-pending-pileup': 'writes wait for a member that is late',
  'slow-follower-lag': 'a late follower is behind',
  'apply-backlog': 'a late member applies late',
  'leader-flapping': 'a late leader may lose the lead',
  'leader-on-slow-member': 'where the late member leads, it is the slowest one that leads',
  'backend-commit-slow': 'a commit waits for CPU time or memory like everything else',
};
