import type { FaultDefinition } from '../../fault.js';
import downgradeBlocked from './downgrade-blocked.js';
import membershipDrift from './membership-drift.js';
import mixedMinors from './mixed-minors.js';
import mixedPatches from './mixed-patches.js';
import skippedMinor from './skipped-minor.js';

export const versionFaults: readonly FaultDefinition[] = [
  mixedPatches,
  mixedMinors,
  skippedMinor,
  downgradeBlocked,
  membershipDrift,
] as unknown as readonly FaultDefinition[];
