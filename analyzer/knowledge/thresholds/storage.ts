import type { Threshold } from '../threshold.js';

export const storageThresholds = {
  'fsync-slow-ms': {
    value: 16,
    unit: 'ms',
    source:
      'etcd hardware guide asks for a WAL fsync p99 below 10 ms; that lies inside the 8-16 ms bucket, so only what is above 16 ms is proof',
  },
  'fsync-high-ms': {
    value: 100,
    unit: 'ms',
    source: 'own estimate: a tenth of the default election timeout (1000 ms)',
    scalesWith: 'a tenth of the election timeout in force',
  },
  'fsync-critical-ms': {
    value: 1000,
    unit: 'ms',
    source: 'etcd mixin etcdHighFsyncDurations (critical: p99 > 1 s); also the warnSyncDuration constant of the WAL',
  },
  'fsync-tail-share': { value: 0.01, unit: 'share', source: 'definition of the p99 in the etcd hardware guide' },
} as const satisfies Record<string, Threshold>;
