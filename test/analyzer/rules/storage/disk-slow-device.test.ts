import rule from '../../../../analyzer/rules/storage/disk-slow-device.js';
import type { Config } from '../../../../analyzer/facts/values/cluster.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const config: Config = {
  members: {},
  known: [],
  differences: [],
  timing: { [memberId(1)]: { heartbeatMs: 100, electionMs: 1000, origin: 'default' } },
};

ruleTest(rule, {
  pass: [
    { name: 'fast syncs', cluster: { config }, member: { m1: { walFsync: latency({ 1: 500, 2: 300, 4: 20 }) } } },
    { name: '8-16 ms proves nothing', cluster: { config }, member: { m1: { walFsync: latency({ 8: 500, 16: 400 }) } } },
    { name: 'one sync in two hundred', cluster: { config }, member: { m1: { walFsync: latency({ 2: 199, 128: 1 }) } } },
    {
      name: 'slow, but the process was throttled',
      cluster: { config },
      member: {
        m1: {
          walFsync: latency({ 128: 500 }),
          cgroup: {
            version: 2,
            seconds: 36,
            levels: [],
            worst: {
              path: '/x',
              quotaCores: 0.1,
              periods: 360,
              throttledPeriods: 300,
              throttledShare: 0.83,
              throttledPercent: 80,
              throttledShareSinceStart: 0.5,
              memoryLimitBytes: null,
              memoryUsageBytes: null,
              memoryShare: null,
              oomKills: null,
              oomKillsInWindow: null,
              ioMax: null,
              cpuPressurePercent: null,
              ioPressurePercent: null,
            },
            quotaCores: 0.1,
            memory: null,
            oomKills: null,
          },
        },
      },
    },
  ],
  fail: [
    {
      name: 'steadily slow',
      cluster: { config },
      member: { m1: { walFsync: latency({ 128: 480, 256: 20 }), heartbeatFailures: counter(12), log: log() } },
      message: 'slow',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'a little slow and nobody hurt',
      cluster: { config },
      member: { m1: { walFsync: latency({ 16: 400, 32: 90 }), heartbeatFailures: counter(0) } },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics', cluster: { config } },
    { name: 'too few syncs', cluster: { config }, member: { m1: { walFsync: latency({ 128: 3 }) } } },
  ],
});
