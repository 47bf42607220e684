import rule from '../../../../analyzer/rules/resources/cpu-cgroup-throttling.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { cgroup, pressure, process, sched } from './values.js';

ruleTest(rule, {
  pass: [
    { name: 'no quota', member: { m1: { cgroup: cgroup(null) } } },
    { name: 'a quota that never bites', member: { m1: { cgroup: cgroup(0) } } },
    { name: 'a few periods', member: { m1: { cgroup: cgroup(0.03), heartbeatFailures: counter(5) } } },
    {
      name: 'a crowded host without a quota is another rule',
      member: {
        m1: {
          cgroup: cgroup(null),
          hostPressure: pressure({ cpu: 95 }),
          processSched: sched({ runQueueWaitShare: 2 }),
          heartbeatFailures: counter(9),
        },
      },
    },
  ],
  fail: [
    {
      name: 'throttled and late',
      member: {
        m1: { cgroup: cgroup(0.4), heartbeatFailures: counter(12), process: process({ cpuCores: 0.45 }) },
        m2: { cgroup: cgroup(0) },
      },
      message: 'throttled',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'held back all the time, nobody measured',
      member: { m1: { cgroup: cgroup(1), walFsync: latency({ 1: 60 }), heartbeatFailures: counter(0) } },
      message: 'throttled',
      severity: 'warning',
      role: 'cause',
    },
    {
      name: 'throttled now and then, nobody hurt',
      member: { m1: { cgroup: cgroup(0.15), heartbeatFailures: counter(0) } },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no collector on the host' },
    { name: 'read once', member: { m1: { cgroup: cgroup(null, { quotaCores: 0.5 }) } } },
  ],
});
