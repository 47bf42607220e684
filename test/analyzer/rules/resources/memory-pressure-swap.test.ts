import rule from '../../../../analyzer/rules/resources/memory-pressure-swap.js';
import { counter } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { cgroup, memory, pressure, sched } from './values.js';

ruleTest(rule, {
  pass: [
    {
      name: 'no pressure',
      member: { m1: { hostPressure: pressure({}), processSched: sched() } },
      host: { h1: { memory: memory() } },
    },
    {
      name: 'a busy CPU is no lack of memory',
      member: {
        m1: {
          hostPressure: pressure({ cpu: 90 }),
          processSched: sched({ majorFaultsPerSecond: 1 }),
          heartbeatFailures: counter(4),
        },
      },
    },
    {
      name: 'a limit that the page cache has filled, and nothing is read back',
      member: {
        m1: {
          hostPressure: pressure({}),
          processSched: sched({ majorFaultsPerSecond: 2 }),
          cgroup: cgroup(null, { memoryShare: 0.99 }),
        },
      },
    },
    {
      name: 'late while another control group presses and the host has memory to spare',
      member: { m1: { hostPressure: pressure({ memory: 1, memoryFull: 0 }), heartbeatFailures: counter(9) } },
      host: { h1: { memory: memory({ availableShare: 0.8 }) } },
    },
  ],
  fail: [
    {
      name: 'a limit too small for the database',
      member: {
        m1: {
          hostPressure: pressure({ memory: 1 }),
          processSched: sched({ majorFaultsPerSecond: 3000 }),
          cgroup: cgroup(null, { memoryShare: 0.99 }),
        },
      },
      message: 'limit',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'swapping, and etcd faults',
      member: {
        m1: {
          hostPressure: pressure({ memory: 30, memoryFull: 12 }),
          processSched: sched({ majorFaultsPerSecond: 120 }),
        },
      },
      host: { h1: { memory: memory({ swapInPerSecond: 800, availableShare: 0.02 }) } },
      message: 'pressed',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'pressure that etcd is not seen to feel',
      member: { m1: { hostPressure: pressure({ memory: 8 }), processSched: sched(), heartbeatFailures: counter(0) } },
      message: 'host',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no collector on the host' },
    { name: 'a kernel without it', member: { m1: { hostPressure: { ...pressure({}), memory: null } } } },
  ],
});
