import type { FaultDefinition } from '../../fault.js';
import compactAndDefrag from './compact-and-defrag.js';
import leaderTransfer from './leader-transfer.js';
import memberRestart from './member-restart.js';
import rollingRestart from './rolling-restart.js';

export const eventsFaults = [
  rollingRestart,
  memberRestart,
  leaderTransfer,
  compactAndDefrag,
] as unknown as readonly FaultDefinition[];
