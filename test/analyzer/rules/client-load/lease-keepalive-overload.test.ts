import rule from '../../../../analyzer/rules/client-load/lease-keepalive-overload.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { hostCpu, leases, process, requests, sched } from '../resources/values.js';

const none = requests([]);

ruleTest(rule, {
  pass: [
    { name: 'a few renewals', member: { m1: { leases: leases(), requests: none } } },
    {
      name: 'late for another reason',
      member: {
        m1: { leases: leases({ renewed: counter(36 * 100) }), requests: none, heartbeatFailures: counter(20) },
      },
    },
  ],
  fail: [
    {
      name: 'thousands a second and a full CPU',
      member: {
        m1: {
          leases: leases({ renewed: counter(36 * 6000) }),
          requests: none,
          process: process({ cpuCores: 1.7 }),
          processSched: sched({ runQueueWaitShare: 1.8 }),
          log: log({ 'err-timeout-applied': { inWindow: 4 } }),
        },
      },
      host: { h1: { cpu: hostCpu() } },
      message: 'overload',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'more than half of the CPUs, and none is missing',
      member: {
        m1: {
          leases: leases({ renewed: counter(36 * 6000) }),
          requests: none,
          process: process({ cpuCores: 1.7 }),
          processSched: sched({ runQueueWaitShare: 0.4 }),
        },
      },
      host: { h1: { cpu: hostCpu() } },
      message: 'high',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'thousands a second, served',
      member: {
        m1: {
          leases: leases({ renewed: null }),
          requests: requests([], {
            streamMessages: [{ method: 'LeaseKeepAlive', direction: 'received', counter: counter(36 * 3000) }],
          }),
          heartbeatFailures: counter(0),
        },
      },
      message: 'high',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'one scrape', member: { m1: { leases: leases({ renewed: counter(null) }), requests: none } } },
  ],
});
