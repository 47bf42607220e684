import type { Rule } from '../../rule.js';
import applyBacklog from './apply-backlog.js';
import followerSnapshotLoop from './follower-snapshot-loop.js';
import leaderFlapping from './leader-flapping.js';
import leaderOnSlowMember from './leader-on-slow-member.js';
import learnerStuck from './learner-stuck.js';
import proposalsPendingPileup from './proposals-pending-pileup.js';
import quorumLost from './quorum-lost.js';
import readIndexSlow from './read-index-slow.js';
import slowFollowerLag from './slow-follower-lag.js';
import stalledLeaderLeaseRevocation from './stalled-leader-lease-revocation.js';

export const raftRules: readonly Rule[] = [
  quorumLost,
  leaderFlapping,
  leaderOnSlowMember,
  slowFollowerLag,
  followerSnapshotLoop,
  stalledLeaderLeaseRevocation,
  learnerStuck,
  applyBacklog,
  proposalsPendingPileup,
  readIndexSlow,
];
