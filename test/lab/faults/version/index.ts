import type { FaultDefinition } from '../../fault.js';
import downgradeBlocked from './downgrade-blocked.js';
import mixedMinors from './mixed-minors.js';
import mixedPatches from './mixed-patches.js';

export const versionFaults: readonly FaultDefinition[] = [
  mixedPatches,
  mixedMinors,
  downgradeBlocked,
] as unknown as readonly FaultDefinition[];
