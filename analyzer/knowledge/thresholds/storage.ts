import type { Threshold } from '../threshold.js';

export const storageThresholds = {
  'fsync-slow-ms': {
    value: 16,
    unit: 'ms',
    source:
      'etcd hardware guide asks for a WAL fsync p99 below 10 ms; that lies inside the 8-16 ms bucket, so only what is above 16 ms is proof',
  },
  'fsync-harmful-ms': {
    value: 40,
    unit: 'ms',
    source: 'own estimate: a mean four times the p99 that the etcd hardware guide asks for',
  },
  'fsync-high-ms': {
    value: 100,
    unit: 'ms',
    source: 'own estimate: a tenth of the default election timeout (1000 ms)',
    scalesWith: 'a tenth of the election timeout in force',
  },
  'fsync-alert-ms': { value: 500, unit: 'ms', source: 'etcd mixin etcdHighFsyncDurations (warning: p99 > 0.5 s)' },
  'fsync-critical-ms': {
    value: 1000,
    unit: 'ms',
    source: 'etcd mixin etcdHighFsyncDurations (critical: p99 > 1 s); also the warnSyncDuration constant of the WAL',
  },
  'fsync-tail-share': { value: 0.01, unit: 'share', source: 'definition of the p99 in the etcd hardware guide' },
  'fsync-past-share': {
    value: 0.3,
    unit: 'share',
    source: 'own estimate: so many slow syncs before the window are no accident of a start or of a busy CPU',
  },
  'fsync-past-low-share': {
    value: 0.05,
    unit: 'share',
    source:
      'own estimate: a twentieth of all syncs since the start, believed only together with late heartbeats in the log',
  },
  'fsync-past-late': {
    value: 10,
    unit: 'count',
    source: 'own estimate: a start or a short lack of CPU makes a few late heartbeats, a disk incident dozens',
  },
  'fsync-past-ms': {
    value: 64,
    unit: 'ms',
    source: 'own estimate: a bucket bound well above what the etcd hardware guide asks for (10 ms)',
  },
  'device-etcd-share': {
    value: 0.5,
    unit: 'share',
    source: 'own estimate: who writes more than half of the bytes fills the device',
  },
  'device-busy-share': {
    value: 0.9,
    unit: 'share',
    source: 'own estimate: nearly always a request in flight, together with more than one in the queue',
  },
  'device-demand-bytes': {
    value: 20 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: per second; a WAL segment (64 MB) every few seconds, far above an ordinary control plane',
  },
  'device-demand-writes': {
    value: 400,
    unit: 'per-second',
    source: 'etcd hardware guide: heavily loaded clusters need about 500 sequential IOPS',
  },
  'io-pressure-percent': {
    value: 20,
    unit: 'percent',
    source: 'own estimate: a fifth of the time some task waits for I/O (kernel PSI documentation)',
  },
  'stall-ms': {
    value: 1024,
    unit: 'ms',
    source: 'first bucket bound of the fsync histogram above 1 s, the warnSyncDuration constant of the WAL',
  },
  'stall-count': {
    value: 3,
    unit: 'count',
    source: 'own estimate: one or two long syncs happen at a start or on a busy machine',
  },
  'commit-slow-ms': {
    value: 32,
    unit: 'ms',
    source: 'etcd FAQ: backend commit p99 below 25 ms, which lies inside the 16-32 ms bucket',
  },
  'commit-harmful-ms': {
    value: 256,
    unit: 'ms',
    source: 'etcd mixin etcdHighCommitDurations (p99 > 0.25 s): first bucket bound above it',
  },
  'commit-mean-ms': {
    value: 100,
    unit: 'ms',
    source:
      'own estimate: the default backend batch interval (100 ms): commits longer than that follow each other without a pause',
  },
  'disk-left-bytes': {
    value: 64 * 1000 * 1000,
    unit: 'bytes',
    source: 'etcd SegmentSizeBytes: the next WAL segment of 64 MB is preallocated whole',
  },
  'disk-gone-bytes': {
    value: 16 * 1024 * 1024,
    unit: 'bytes',
    source: 'bbolt AllocSize: the db file grows in steps of 16 MiB',
  },
  'disk-full-share': {
    value: 0.95,
    unit: 'share',
    source: 'own estimate: less than one segment left on a volume that is otherwise full',
  },
  'disk-used-share': {
    value: 0.85,
    unit: 'share',
    source: 'own estimate: room for a defragmentation and WAL segments is running out',
  },
  'wal-files': {
    value: 6,
    unit: 'count',
    source: 'etcd DefaultMaxWALs (5) and the one being purged; plus segments still locked by a missing snapshot',
    scalesWith: 'max-wals in force',
  },
  'snap-db-files': {
    value: 3,
    unit: 'count',
    source: 'own estimate: received databases are purged beyond max-snapshots (5), they are as large as the db',
  },
  'wal-snap-share': { value: 0.2, unit: 'share', source: 'own estimate: a fifth of the file system' },
  'free-pages-share': {
    value: 0.5,
    unit: 'share',
    source: 'etcd mixin etcdDatabaseHighFragmentationRatio (in use below half of the size)',
  },
  'free-pages-bytes': {
    value: 32 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: two growth steps of bbolt (AllocSize 16 MiB); less is not worth a defragmentation',
  },
  'defrag-near-quota-share': {
    value: 0.8,
    unit: 'share',
    source: 'own estimate: a fifth of the quota is left, and only in free pages',
  },
  'snapshot-long-seconds': {
    value: 300,
    unit: 's',
    source: 'own estimate: a backup of the largest recommended database (8 GiB) at 30 MB/s',
  },
  'snapshot-quota-minutes': {
    value: 60,
    unit: 'minutes',
    source: 'own estimate: a backup that hangs is noticed by its next run, rarely within the hour',
  },
  'snapshot-open-seconds': {
    value: 30,
    unit: 's',
    source: 'etcd backend.go: warns about a transfer that takes more than 30 s (or bytes / 100 MB/s)',
  },
} as const satisfies Record<string, Threshold>;
