import type { FaultDefinition } from '../../fault.js';
import crashLoop from './crash-loop.js';
import electionMistuned from './election-mistuned.js';
import kill from './kill.js';
import leaderFlap from './leader-flap.js';
import quorumLost from './quorum-lost.js';
import timersDiffer from './timers-differ.js';

export const raftFaults = [
  kill,
  quorumLost,
  leaderFlap,
  electionMistuned,
  timersDiffer,
  crashLoop,
] as unknown as readonly FaultDefinition[];
