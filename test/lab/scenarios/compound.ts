import type { Scenario } from '../scenario.js';

const family = 'compound';

export const compoundScenarios: readonly Scenario[] = [
  {
    id: 'slow-disk-and-dead-member',
    title: 'one follower is dead, and the disk of the other one is slow',
    family,
    faults: [
      { fault: 'slow-fsync', on: 'follower' },
      { fault: 'kill', on: 'other-follower' },
    ],
    truth: {
      // The dead one takes the spare away; the slow one is now needed for every write.
      causes: ['dead-member-in-list', 'disk-slow-device'],
      verdict: ['intervene-now'],
      also: {
        'backend-commit-slow': 'a commit takes two syncs',
        'slow-follower-lag': 'the slow member is behind',
        'read-index-slow': 'the only follower left answers late',
        'proposals-pending-pileup': 'every write waits for the slow member',
        'apply-backlog': 'the slow member is late with its commits',
      },
    },
  },
  {
    id: 'nospace-and-cpu-quota',
    title: 'the quota of the database is used up, and the leader may use 4 % of a core',
    family,
    faults: [{ fault: 'quota-live-data' }, { fault: 'cpu-quota', on: 'leader' }],
    truth: {
      causes: ['quota-nospace-live-data', 'cpu-cgroup-throttling'],
      verdict: ['intervene-now'],
      subject: 'any',
      also: {
        'leader-flapping': 'a throttled leader may lose the lead',
        'cpu-starvation-host': 'from outside a quota looks like a crowded host',
      },
    },
  },
  {
    id: 'net-loss-and-slow-disk',
    title: 'a follower loses packets, and the disk of the leader is slow',
    family,
    faults: [
      { fault: 'slow-fsync', on: 'leader' },
      { fault: 'net-loss', on: 'follower' },
    ],
    truth: {
      causes: ['disk-slow-device', 'peer-packet-loss'],
      verdict: ['investigate'],
      also: {
        'backend-commit-slow': 'a commit takes two syncs',
        'leader-on-slow-member': 'the member with the slow disk leads',
        'slow-follower-lag': 'the follower misses packets',
        'read-index-slow': 'the leader answers late',
        'proposals-pending-pileup': 'every write waits for the slow disk',
        'leader-flapping': 'a slow leader on lossy links may lose the lead',
        'apply-backlog': 'the leader is late with its commits',
      },
    },
  },
];
