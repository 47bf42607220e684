import type { FaultDefinition } from '../../fault.js';
import dbFragmented from './db-fragmented.js';
import quotaFragmentation from './quota-fragmentation.js';
import quotaLiveData from './quota-live-data.js';
import quotaNoCompaction from './quota-no-compaction.js';
import staleAlarm from './stale-alarm.js';

export const quotaFaults = [
  quotaLiveData,
  quotaNoCompaction,
  quotaFragmentation,
  staleAlarm,
  dbFragmented,
] as unknown as readonly FaultDefinition[];
