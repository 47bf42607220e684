import rule from '../../../../analyzer/rules/resources/cpu-starvation-host.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { cgroup, peers, pressure, proposals, sched, slowOps } from './values.js';

const fast = latency({ 1: 400, 2: 90, 8: 5 });
const tailed = latency({ 1: 400, 2: 50, 128: 20 });
const crowd = [
  { name: 'm1', host: 'h1' },
  { name: 'm2', host: 'h1' },
  { name: 'm3', host: 'h1' },
];

ruleTest(rule, {
  pass: [
    {
      name: 'a slow disk on a crowded host: most syncs are slow, and the waiting does not account for it',
      member: {
        m1: {
          walFsync: latency({ 128: 300 }),
          processSched: sched({ runQueueWaitShare: 1.2 }),
          hostPressure: pressure({ cpu: 81 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(30),
          slowOperations: slowOps(60),
          proposals: proposals(300),
        },
      },
    },
    {
      name: 'nobody waits',
      member: { m1: { walFsync: fast, processSched: sched(), hostPressure: pressure({}), cgroup: cgroup(null) } },
    },
    {
      name: 'a busy machine in good health',
      member: {
        m1: {
          walFsync: fast,
          processSched: sched({ runQueueWaitShare: 1.5, waitOfRunnable: 0.8 }),
          hostPressure: pressure({ cpu: 81 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(1),
          slowOperations: slowOps(2),
          proposals: proposals(6000),
          leaderChanges: counter(0),
        },
      },
    },
    {
      name: 'an idle process that waits for most of the little it wants',
      member: {
        m1: {
          walFsync: latency({}),
          processSched: sched({ runQueueWaitShare: 0.05, waitOfRunnable: 0.74 }),
          hostPressure: pressure({ cpu: 90 }),
          cgroup: cgroup(null),
        },
      },
    },
    {
      name: 'a quota holds it back, not the host',
      member: {
        m1: {
          walFsync: tailed,
          processSched: sched({ runQueueWaitShare: 3 }),
          hostPressure: pressure({ cpu: 80 }),
          cgroup: cgroup(1),
          heartbeatFailures: counter(12),
        },
      },
    },
    {
      name: 'a slow disk without waiting for a CPU',
      member: {
        m1: {
          walFsync: latency({ 128: 400 }),
          processSched: sched(),
          hostPressure: pressure({ cpu: 20 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(30),
        },
      },
    },
    {
      name: 'from outside: a slow device moves the median',
      cluster: { peerMatrix: peers(9, 0.2) },
      member: { m1: { walFsync: latency({ 128: 400 }), heartbeatFailures: counter(30) } },
    },
    {
      name: 'from outside: a slow link leaves the syncs alone',
      cluster: { peerMatrix: peers(80, 0.2) },
      member: { m1: { walFsync: fast, heartbeatFailures: counter(3) } },
    },
  ],
  fail: [
    {
      name: 'a crowded host and late heartbeats',
      member: {
        m1: {
          walFsync: tailed,
          processSched: sched({ runQueueWaitShare: 1.8 }),
          hostPressure: pressure({ cpu: 92 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(8),
        },
      },
      message: 'crowded',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'one of three members on a host',
      members: crowd,
      member: {
        m1: {
          walFsync: tailed,
          processSched: sched({ runQueueWaitShare: 0.8 }),
          hostPressure: pressure({ cpu: 45 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(0),
        },
        m2: { walFsync: fast, processSched: sched(), hostPressure: pressure({ cpu: 45 }), cgroup: cgroup(null) },
        m3: { walFsync: fast, processSched: sched(), hostPressure: pressure({ cpu: 45 }), cgroup: cgroup(null) },
      },
      message: 'alone',
      severity: 'warning',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'a crowded host, late heartbeats and nothing else',
      member: {
        m1: {
          walFsync: fast,
          processSched: sched({ runQueueWaitShare: 1.3 }),
          hostPressure: pressure({ cpu: 89 }),
          cgroup: cgroup(null),
          heartbeatFailures: counter(4),
          leaderChanges: counter(1),
        },
      },
      message: 'crowded',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'from outside',
      cluster: { peerMatrix: peers(3, 0.2) },
      member: { m1: { walFsync: tailed, heartbeatFailures: counter(4) } },
      message: 'unseen',
      severity: 'high',
      confidence: 'medium',
      subjects: ['m1'],
    },
  ],
  inconclusive: [
    { name: 'nothing seen' },
    { name: 'from outside, without round trips', member: { m1: { walFsync: tailed } } },
    {
      name: 'no scheduler times',
      member: { m1: { walFsync: tailed, processSched: sched({ runQueueWaitShare: null }) } },
    },
  ],
});
