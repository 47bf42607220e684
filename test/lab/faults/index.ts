export { diverge, fragment, nospace, slowFsync } from './disk.js';
export { type Load, type LoadResult, leaseLoad, putLoad, rangeLoad, watchLoad } from './load.js';
export { netDelay, netLoss, partition } from './network.js';
export { cpuStarve, kill, killAll, pause } from './process.js';
export { type Fault, FaultUnsupported } from './types.js';
