import type { Rule } from '../../rule.js';
import clusterIdMismatch from './cluster-id-mismatch.js';
import crashLoop from './crash-loop.js';
import deadMemberInList from './dead-member-in-list.js';
import initialClusterMismatch from './initial-cluster-mismatch.js';
import livenessProbeKillLoop from './liveness-probe-kill-loop.js';
import memberAlreadyBootstrapped from './member-already-bootstrapped.js';
import reconfigRejected from './reconfig-rejected.js';
import removedMemberStillRunning from './removed-member-still-running.js';

export const lifecycleRules: readonly Rule[] = [
  deadMemberInList,
  crashLoop,
  livenessProbeKillLoop,
  memberAlreadyBootstrapped,
  initialClusterMismatch,
  clusterIdMismatch,
  removedMemberStillRunning,
  reconfigRejected,
];
