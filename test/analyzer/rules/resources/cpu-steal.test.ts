import rule from '../../../../analyzer/rules/resources/cpu-steal.js';
import { counter } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { hostCpu } from './values.js';

ruleTest(rule, {
  pass: [
    {
      name: 'a little steal is usual',
      member: { m1: { heartbeatFailures: counter(9) } },
      host: { h1: { cpu: hostCpu({ stealPercent: 4 }) } },
    },
    {
      name: 'late heartbeats on a host that has all its CPU time',
      member: { m1: { heartbeatFailures: counter(9) } },
      host: { h1: { cpu: hostCpu({ stealPercent: 0, busyPercent: 95 }) } },
    },
  ],
  fail: [
    {
      name: 'the hypervisor takes a third, and heartbeats are late',
      member: { m1: { heartbeatFailures: counter(9) } },
      host: { h1: { cpu: hostCpu({ stealPercent: 33 }) } },
      message: 'hurt',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'steal without harm',
      member: { m1: { heartbeatFailures: counter(0) } },
      host: { h1: { cpu: hostCpu({ stealPercent: 14 }) } },
      message: 'unhurt',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no collector ran on its host', member: { m1: { heartbeatFailures: counter(9) } } }],
});
