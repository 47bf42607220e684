import type { FaultDefinition } from '../../fault.js';
import cpuHost from './cpu-host.js';
import cpuQuota from './cpu-quota.js';
import fdLimit from './fd-limit.js';
import memoryPressure from './memory-pressure.js';
import oomKill from './oom-kill.js';
import pause from './pause.js';
import pauseFlapping from './pause-flapping.js';

export const resourcesFaults = [
  cpuHost,
  cpuQuota,
  memoryPressure,
  oomKill,
  fdLimit,
  pause,
  pauseFlapping,
] as unknown as readonly FaultDefinition[];
