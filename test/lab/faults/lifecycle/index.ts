import type { FaultDefinition } from '../../fault.js';
import clusterIdMismatch from './cluster-id-mismatch.js';
import evenMembers from './even-members.js';
import initialClusterMismatch from './initial-cluster-mismatch.js';
import learnerNeverStarted from './learner-never-started.js';
import learnerStuck from './learner-stuck.js';
import memberAlreadyBootstrapped from './member-already-bootstrapped.js';
import removedMemberRunning from './removed-member-running.js';
import voterNeverStarted from './voter-never-started.js';

export const lifecycleFaults: readonly FaultDefinition[] = [
  removedMemberRunning,
  clusterIdMismatch,
  learnerNeverStarted,
  learnerStuck,
  voterNeverStarted,
  initialClusterMismatch,
  memberAlreadyBootstrapped,
  evenMembers,
] as unknown as readonly FaultDefinition[];
