import rule from '../../../../analyzer/rules/resources/go-gc-pressure.js';
import { counter, gauge } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { process } from './values.js';

const GIB = 1024 ** 3;

ruleTest(rule, {
  pass: [
    { name: 'an ordinary heap', member: { m1: { process: process() } } },
    {
      name: 'one long pause on a crowded host',
      member: {
        m1: { process: process({ gcMaxPauseSeconds: 0.05, gcPerSecond: 0.8 }), heartbeatFailures: counter(6) },
      },
    },
    {
      name: 'a large heap that is hardly collected',
      member: { m1: { process: process({ heapInuseBytes: gauge(6 * GIB) }), heartbeatFailures: counter(6) } },
    },
    {
      name: 'large resident memory is mostly the mapped database',
      member: { m1: { process: process({ rssBytes: gauge(8 * GIB) }) } },
    },
  ],
  fail: [
    {
      name: 'a gigabyte of garbage per second and late heartbeats',
      member: {
        m1: {
          process: process({ allocBytesPerSecond: 1e9, gcPerSecond: 4, gcMaxPauseSeconds: 0.03 }),
          heartbeatFailures: counter(6),
        },
      },
      message: 'costly',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'a large heap, collected often, nobody hurt',
      member: {
        m1: { process: process({ heapInuseBytes: gauge(6 * GIB), gcPerSecond: 1.5 }), heartbeatFailures: counter(0) },
      },
      message: 'large',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    {
      name: 'metrics without the Go runtime',
      member: { m1: { process: process({ heapInuseBytes: null, allocBytesPerSecond: null }) } },
    },
  ],
});
