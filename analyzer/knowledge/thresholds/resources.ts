import type { Threshold } from '../threshold.js';

export const resourceThresholds = {
  'throttled-share': {
    value: 0.05,
    unit: 'share',
    source: 'own estimate: one CFS period of 100 ms in twenty holds the process back for up to one heartbeat interval',
  },
  'throttled-high-share': {
    value: 0.25,
    unit: 'share',
    source: 'own estimate: every fourth period; each throttled one may delay heartbeats by up to its length (100 ms)',
  },
  'throttled-total-share': {
    value: 0.8,
    unit: 'share',
    source: 'own estimate: the process is held back in nearly every period, whatever it was doing at the time',
  },
  'cpu-pressure-percent': {
    value: 20,
    unit: 'percent',
    source: 'own estimate: a fifth of the time some task of the host waits for a CPU (kernel PSI documentation)',
  },
  'cpu-pressure-high-percent': {
    value: 75,
    unit: 'percent',
    source: 'own estimate: busy two-core machines show 30 to 60 % in good health; above, waiting is the normal state',
  },
  'run-queue-wait-share': {
    value: 0.3,
    unit: 'share',
    source: 'own estimate: time in the run queue, summed over threads, as a share of wall time',
  },
  'run-queue-peer-ratio': {
    value: 3,
    unit: 'ratio',
    source: 'own estimate: waiting against that of the other members on the same host',
  },
  'late-heartbeats': {
    value: 3,
    unit: 'count',
    source: 'own estimate: a single late heartbeat per follower happens on any busy machine',
  },
  'slow-applies-share': {
    value: 0.05,
    unit: 'share',
    source:
      'own estimate: one applied entry in twenty above the 100 ms of etcd’s warning (apply request took too long)',
  },
  'slow-applies-count': {
    value: 3,
    unit: 'count',
    source: 'own estimate: fewer in a window are an accident',
  },
  'starved-sync-ms': {
    value: 64,
    unit: 'ms',
    source: 'own estimate: a bucket bound far above what the etcd hardware guide asks for (10 ms)',
  },
  'starved-tail-share': {
    value: 0.01,
    unit: 'share',
    source: 'definition of the p99 in the etcd hardware guide',
  },
  'run-queue-wait-heavy': {
    value: 1.5,
    unit: 'share',
    source:
      'own estimate: more than one of its threads waits at any time; measured up to 1.3 on crowded hosts in good health, 1.56 and more under tasks of higher priority',
  },
  'probe-far-ms': {
    value: 20,
    unit: 'ms',
    source:
      'own estimate: a read that asks the quorum waits for two of them, and with the usual work of a write for the 100 ms at which etcd counts it as slow',
  },
  'probe-late-ms': {
    value: 1.5,
    unit: 'ms',
    source:
      'own estimate: mean of the peers’ application-level probes; on one network they take a fraction of a millisecond',
  },
  'probe-peer-ratio': { value: 4, unit: 'ratio', source: 'own estimate: against the probes among the other members' },
  'sync-median-ms': {
    value: 4,
    unit: 'ms',
    source:
      'etcd hardware guide asks for a WAL fsync p99 below 10 ms; a device whose median is well below is not slow as such',
  },
  'wait-of-sync-ratio': {
    value: 3,
    unit: 'ratio',
    source:
      'own estimate: run-queue waiting of all threads against the time spent in WAL syncs, when most syncs are slow; a starved process waits several times as long',
  },
  'crowded-sync-ms': {
    value: 32,
    unit: 'ms',
    source:
      'own estimate: p99 measured with eight spinning processes on two cores; busy machines in good health stay below',
  },
  'steal-percent': {
    value: 10,
    unit: 'percent',
    source: 'own estimate: a few per cent are usual on shared hypervisors',
  },
  'pause-seconds': {
    value: 5,
    unit: 's',
    source: 'own estimate: five default election timeouts (1000 ms); no ordinary delay of a heartbeat is that long',
    scalesWith: 'five election timeouts in force',
  },
  'memory-pressure-percent': {
    value: 5,
    unit: 'percent',
    source: 'own estimate: a twentieth of the time some task waits for memory (kernel PSI documentation)',
  },
  'memory-pressure-full-percent': {
    value: 1,
    unit: 'percent',
    source: 'own estimate: all tasks at once wait for memory (kernel PSI documentation)',
  },
  'major-faults': {
    value: 10,
    unit: 'per-second',
    source: 'own estimate: each is a read from disk in the middle of a request; a cached database has none',
  },
  'memory-limit-share': {
    value: 0.95,
    unit: 'share',
    source:
      'own estimate: the page cache fills a limit and stays there; it tells something only together with major faults',
  },
  'major-faults-limited': {
    value: 100,
    unit: 'per-second',
    source:
      'own estimate: measured, a loaded member with room had up to 65 on a host that reclaims cold pages, one whose limit was too small for its database thousands',
  },
  'oom-match-seconds': {
    value: 30,
    unit: 's',
    source: 'own estimate: between the last line of a killed process and the kernel’s message about it',
  },
  'fd-share': {
    value: 0.8,
    unit: 'share',
    source: 'etcd server metrics.go: warns when four fifths of the file descriptors are used',
  },
  'fd-critical-share': {
    value: 0.95,
    unit: 'share',
    source: 'own estimate: the next WAL segment or snapshot may not open any more',
  },
  'heap-large-bytes': {
    value: 4 * 1024 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: twice the default quota, so more than the database itself accounts for',
  },
  'alloc-bytes': {
    value: 500 * 1000 * 1000,
    unit: 'bytes',
    source: 'own estimate: per second; several collections of an ordinary etcd heap every second',
  },
  'gc-rate': { value: 1, unit: 'per-second', source: 'own estimate: an idle etcd collects about every two minutes' },
  'gc-pause-ms': {
    value: 10,
    unit: 'ms',
    source: 'own estimate: Go aims at pauses below 1 ms; ten times that is a tenth of the default heartbeat interval',
  },
  'leak-hours': {
    value: 3,
    unit: 'count',
    source: 'own estimate: hours; what a new process builds up (caches, mapped pages) has settled by then',
  },
  'leak-growth-share': {
    value: 0.25,
    unit: 'share',
    source:
      'own estimate: growth over the time looked at; a heap rises and falls by as much between collections (GOGC 100)',
  },
  'leak-limit-hours': {
    value: 24,
    unit: 'count',
    source: 'own estimate: hours; a day is the least that leaves time to act',
  },
} as const satisfies Record<string, Threshold>;
