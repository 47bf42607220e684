import type { Threshold } from '../threshold.js';

export const configThresholds = {
  'election-rtt-factor': {
    value: 10,
    unit: 'ratio',
    source: 'etcd tuning guide: election timeout at least 10 times the round trip',
  },
  'election-heartbeat-factor': {
    value: 5,
    unit: 'ratio',
    source: 'etcd embed config.go: an election timeout below 5 heartbeat intervals is refused',
  },
  'heartbeat-rtt-factor': {
    value: 0.5,
    unit: 'ratio',
    source: 'etcd tuning guide: heartbeat interval 0.5 to 1.5 times the round trip',
  },
  'election-default-ms': {
    value: 1000,
    unit: 'ms',
    source: 'etcd embed config.go DefaultConfig: ElectionMs 1000 (heartbeat 100)',
  },
  'election-long-ms': {
    value: 10_000,
    unit: 'ms',
    source: 'own estimate: ten times the default; writes stop that long when a leader is lost',
  },
  'elections-few': {
    value: 2,
    unit: 'count',
    source: 'own estimate: one election has many reasons, a second one in a minute hardly',
  },
  'timing-heartbeat-factor': {
    value: 2,
    unit: 'ratio',
    source:
      'own estimate: a follower whose election timeout is no more than two heartbeat intervals of the leader campaigns at the first late heartbeat',
  },
  'clock-drift-s': { value: 1, unit: 's', source: 'etcd rafthttp monitorProbingStatus: warns above 1 s' },
  'clock-skew-s': {
    value: 5,
    unit: 's',
    source: 'own estimate: well above what a paused process or a slow probe makes of two sound clocks',
  },
  'members-most': { value: 7, unit: 'count', source: 'etcd FAQ: no more than seven members' },
  'unsynced-entries': {
    value: 20,
    unit: 'entries',
    source: 'own estimate: every batch of entries needs a sync; so many without a single one is no accident',
  },
} as const satisfies Record<string, Threshold>;
