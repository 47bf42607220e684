import type { Rule } from '../../rule.js';
import autoCompactionOff from './auto-compaction-off.js';
import compactionLatencySpikes from './compaction-latency-spikes.js';
import compactionStuckOrFailing from './compaction-stuck-or-failing.js';
import quotaAlarmStale from './quota-alarm-stale.js';
import quotaMisconfigured from './quota-misconfigured.js';
import quotaNospaceFragmentation from './quota-nospace-fragmentation.js';
import quotaNospaceLiveData from './quota-nospace-live-data.js';
import quotaNospaceNoCompaction from './quota-nospace-no-compaction.js';

export const quotaRules: readonly Rule[] = [
  quotaNospaceNoCompaction,
  quotaNospaceLiveData,
  quotaNospaceFragmentation,
  quotaAlarmStale,
  quotaMisconfigured,
  autoCompactionOff,
  compactionStuckOrFailing,
  compactionLatencySpikes,
];
