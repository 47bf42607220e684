export { diverge, fragment, nospace, slowFsync } from './faults/disk.js';
export { type Load, type LoadResult, leaseLoad, putLoad, rangeLoad, watchLoad } from './faults/load.js';
export { netDelay, netLoss, partition } from './faults/network.js';
export { cpuStarve, kill, killAll, pause } from './faults/process.js';
export { type Fault, FaultUnsupported } from './faults/types.js';
