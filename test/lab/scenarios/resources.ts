import type { Scenario } from '../scenario.js';

const family = 'resources';

export const resourcesScenarios: readonly Scenario[] = [
  {
    id: 'cpu-quota-leader',
    title: 'the cgroup of the leader may use 4 % of a core',
    family,
    faults: [{ fault: 'cpu-quota', on: 'leader' }],
    quick: true,
  },
  {
    id: 'cpu-quota-follower',
    title: 'the cgroup of a follower may use 4 % of a core',
    family,
    faults: [{ fault: 'cpu-quota', on: 'follower' }],
  },
  {
    id: 'cpu-host-crowded',
    title: 'other processes of higher priority use all cores of the nodes',
    family,
    faults: [{ fault: 'cpu-host' }],
    alone: true,
  },
  {
    id: 'cpu-burst-over',
    title: 'other processes used all cores of the nodes, until 20 s before the collection',
    family,
    faults: [{ fault: 'cpu-host' }],
    over: 20,
    alone: true,
    truth: {
      // It leaves averages of pressure, and at most late heartbeats that name the disk: nothing that says who was hurt, and when.
      causes: [],
      verdict: ['healthy', 'transient'],
      subject: 'any',
      also: { 'cpu-starvation-host': 'it was so' },
    },
  },
  {
    id: 'memory-pressure-follower',
    title: 'the cgroup of a follower has hardly room for pages of its database',
    family,
    faults: [{ fault: 'memory-pressure', on: 'follower' }],
  },
  {
    id: 'oom-killed-follower',
    title: 'a list of the data took a follower over its memory limit; it stays dead',
    family,
    faults: [{ fault: 'oom-kill', on: 'follower' }],
    // The kernel's log is that of the machine: other clusters on it would have the kill in theirs.
    alone: true,
    quick: true,
  },
  {
    id: 'oom-killed-again-and-again',
    title: 'a follower goes over its memory limit after every restart',
    family,
    faults: [{ fault: 'oom-kill', on: 'follower', params: { restart: true } }],
    alone: true,
    settle: 25,
    truth: {
      causes: ['oom-killed'],
      // It is back for some seconds each time: whether the spare is there depends on the moment.
      verdict: ['intervene-now', 'investigate'],
      also: {
        'crash-loop': 'each kill is followed by a start',
        'memory-pressure-swap': 'before each kill the kernel reclaims what it can',
        'dead-member-in-list': 'in between it is down',
        'large-range-reads': 'the list of everything is what fills the memory',
      },
      fromOneNode: {
        causes: ['crash-loop', 'oom-killed', 'dead-member-in-list'],
        verdict: ['intervene-now', 'investigate'],
        missing: 'kernel log of the node of the killed member: from outside it comes and goes',
      },
    },
  },
  {
    id: 'fd-nearly-used',
    title: 'leaked connections have left a follower an eighth of its file descriptors',
    family,
    faults: [{ fault: 'fd-limit', on: 'follower' }],
  },
  {
    id: 'fd-exhausted',
    title: 'a follower ran out of file descriptors',
    family,
    faults: [{ fault: 'fd-limit', on: 'follower', params: { leave: 0 } }],
    // A member that cannot open files ends with the next look at its WAL directory, which it takes every 30 s.
    settle: 40,
    truth: {
      causes: ['fd-exhaustion'],
      verdict: ['intervene-now'],
      also: { 'dead-member-in-list': 'it died of it' },
      fromOneNode: {
        causes: ['dead-member-in-list', 'fd-exhaustion'],
        verdict: ['intervene-now'],
        missing: 'the log of the member, which says what it died of',
      },
    },
  },
  {
    id: 'paused-leader',
    title: 'the leader was stopped with SIGSTOP',
    family,
    faults: [{ fault: 'pause', on: 'leader' }],
  },
  {
    id: 'paused-follower',
    title: 'a follower was stopped with SIGSTOP',
    family,
    faults: [{ fault: 'pause', on: 'follower' }],
  },
  {
    id: 'paused-leader-over',
    title: 'the leader stood still for 12 s; it has been going on for 20 s at the collection',
    family,
    faults: [{ fault: 'pause', on: 'leader' }],
    over: 20,
    quick: true,
    truth: {
      causes: ['vm-pause-or-steal'],
      verdict: ['transient'],
      also: { 'leader-flapping': 'the lead went to another member once' },
      fromOneNode: {
        causes: [],
        verdict: ['transient', 'healthy'],
        missing: 'the log of the member that stood still: elsewhere the lead changed once, and nothing says why',
      },
    },
  },
  {
    id: 'pause-flapping-follower',
    title: 'a follower stands still for two of every five seconds',
    family,
    faults: [{ fault: 'pause-flapping', on: 'follower' }],
    truth: {
      causes: ['vm-pause-or-steal'],
      verdict: ['investigate'],
      fromOneNode: {
        causes: ['cpu-starvation-host'],
        verdict: ['investigate', 'inconclusive'],
        missing:
          'whether a process stands still or gets no CPU is seen on its own host only; either way it is late in everything',
      },
    },
  },
];
