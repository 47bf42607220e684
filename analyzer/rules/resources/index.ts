import type { Rule } from '../../rule.js';
import cpuCgroupThrottling from './cpu-cgroup-throttling.js';
import cpuSteal from './cpu-steal.js';
import cpuStarvationHost from './cpu-starvation-host.js';
import fdExhaustion from './fd-exhaustion.js';
import goGcPressure from './go-gc-pressure.js';
import memoryLeakKnownVersion from './memory-leak-known-version.js';
import memoryPressureSwap from './memory-pressure-swap.js';
import oomKilled from './oom-killed.js';
import vmPauseOrSteal from './vm-pause-or-steal.js';

/** Rules about CPU time, memory and other resources of the process. */
export const resourcesRules: readonly Rule[] = [
  vmPauseOrSteal,
  cpuSteal,
  cpuCgroupThrottling,
  cpuStarvationHost,
  memoryPressureSwap,
  oomKilled,
  goGcPressure,
  memoryLeakKnownVersion,
  fdExhaustion,
];
