import type { Threshold } from '../threshold.js';

export const quotaThresholds = {
  'quota-full-share': {
    value: 0.8,
    unit: 'share',
    source:
      'own estimate: an armed alarm with the file this close to the quota is not stale; large requests are refused before it is reached',
  },
  'quota-near-share': {
    value: 0.95,
    unit: 'share',
    source: 'etcd mixin etcdDatabaseQuotaLowSpace (file above 95 % of the quota)',
  },
  'quota-free-share': {
    value: 0.5,
    unit: 'share',
    source: 'etcd mixin etcdDatabaseHighFragmentationRatio (in use below half of the size)',
  },
  'quota-live-share': {
    value: 0.5,
    unit: 'share',
    source:
      'own estimate: when more than half of the stored revisions are live keys, a compaction frees the smaller part',
  },
  'quota-max-bytes': {
    value: 8 * 1024 ** 3,
    unit: 'bytes',
    source: 'etcd MaxQuotaBytes: the server warns at start above 8 GiB',
  },
  'quota-in-use-share': {
    value: 0.75,
    unit: 'share',
    source: 'own estimate: three quarters of the default quota are live or uncompacted pages',
  },
  'quota-disk-ratio': {
    value: 2,
    unit: 'ratio',
    source: 'own estimate: a defragmentation writes a second copy of the database beside WAL and snapshots',
  },
  'history-revisions': {
    value: 5000,
    unit: 'count',
    source:
      'own estimate: five times the retention of 1000 revisions that the etcd maintenance guide uses as its example',
  },
  'history-ratio': {
    value: 4,
    unit: 'ratio',
    source: 'own estimate: several old revisions for each live key',
  },
  'history-quiet-minutes': {
    value: 30,
    unit: 'minutes',
    source: 'own estimate: six times the interval of kube-apiserver (--etcd-compaction-interval, 5 min)',
    scalesWith: 'twice the auto-compaction retention in force',
  },
  'quota-reached-hours': {
    value: 24,
    unit: 'count',
    source: 'own estimate: hours; a day is the least that leaves time to act',
  },
  'compaction-failures': {
    value: 2,
    unit: 'count',
    source: 'own estimate: one failed attempt is repeated and usually succeeds',
  },
  'compaction-pause-ms': {
    value: 128,
    unit: 'ms',
    source: 'bucket bound above the 100 ms from which etcd calls an apply slow (DefaultWarningApplyDuration)',
  },
  'compaction-total-ms': {
    value: 1000,
    unit: 'ms',
    source: 'own estimate: runs shorter than a second are not felt',
  },
} as const satisfies Record<string, Threshold>;
