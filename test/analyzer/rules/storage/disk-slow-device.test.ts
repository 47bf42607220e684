import rule from '../../../../analyzer/rules/storage/disk-slow-device.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { calm, cgroup, config, disk, pressure, proposals, sched, slowApplies, writers } from './facts.js';

const cluster = { config };

ruleTest(rule, {
  pass: [
    { name: 'fast syncs', cluster, member: { m1: { walFsync: latency({ 1: 500, 2: 300, 4: 20 }) } } },
    { name: '8-16 ms proves nothing', cluster, member: { m1: { walFsync: latency({ 8: 500, 16: 400 }) } } },
    { name: 'one sync in two hundred', cluster, member: { m1: { walFsync: latency({ 2: 199, 128: 1 }) } } },
    {
      name: 'slow, but the process was throttled',
      cluster,
      member: { m1: { walFsync: latency({ 128: 500 }), cgroup: cgroup(0.83) } },
    },
    {
      name: 'a slow tail while the process waits for a CPU',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 2: 400, 64: 50 }),
          processSched: sched(0.7),
          hostPressure: pressure(60),
          heartbeatFailures: counter(3),
        },
      },
    },
    {
      name: 'the device is full of the work of others',
      cluster,
      member: { m1: { walFsync: latency({ 128: 500 }), ...calm } },
      host: { h1: { diskActivity: disk({ utilisation: 0.99, queue: 12 }), writers: writers(0.1) } },
    },
    {
      name: 'a short lack of CPU before the window',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 2: 300 }, { sinceStart: { 2: 600, 128: 60 } }),
          log: log({ 'leader-heartbeat-late': { before: 4 } }),
          ...calm,
        },
      },
    },
    {
      name: 'a noisy start before the window',
      cluster,
      member: { m1: { walFsync: latency({ 2: 300 }, { sinceStart: { 2: 400, 128: 40 } }), ...calm } },
    },
  ],
  fail: [
    {
      name: 'steadily slow on the leader, seen from afar',
      cluster,
      member: { m1: { walFsync: latency({ 128: 480, 256: 20 }), heartbeatFailures: counter(12), log: log() } },
      message: 'slow',
      severity: 'warning',
      role: 'cause',
      confidence: 'medium',
      subjects: ['m1'],
    },
    {
      name: 'a follower, hurting nobody, on a busy host',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 512: 480 }),
          hostPressure: pressure(93),
          processSched: sched(0.8),
          heartbeatFailures: counter(0),
        },
      },
      message: 'slow',
      severity: 'high',
      role: 'cause',
    },
    {
      name: 'few syncs, all of them slow',
      cluster,
      member: { m1: { walFsync: latency({ 256: 5 }), ...calm } },
      message: 'slow',
      severity: 'high',
    },
    {
      name: 'a little slow and nobody hurt',
      cluster,
      member: { m1: { walFsync: latency({ 16: 400, 32: 90 }), heartbeatFailures: counter(0) } },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'a tail only, one late apply: slow but acceptable',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 4: 400, 64: 20 }),
          slowOperations: slowApplies(1),
          proposals: proposals(2000),
          ...calm,
        },
      },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'over before the window',
      cluster,
      member: { m1: { walFsync: latency({ 2: 300 }, { sinceStart: { 2: 400, 128: 300 } }), ...calm } },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
    {
      name: 'over before the window, diluted by fast syncs since',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 2: 300 }, { sinceStart: { 2: 1300, 128: 130 } }),
          log: log({ 'leader-heartbeat-late': { before: 60 } }),
          ...calm,
        },
      },
      message: 'past',
      when: 'past',
    },
    {
      name: 'over before the window, and a busy CPU lengthens the tail in it',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 2: 900, 64: 30 }, { sinceStart: { 2: 1800, 64: 60, 256: 110 } }),
          heartbeatFailures: { ...counter(0), sinceStart: 206 },
          ...calm,
          hostPressure: pressure(80),
        },
      },
      message: 'past',
      when: 'past',
    },
    {
      name: 'slow before, idle now',
      cluster,
      member: { m1: { walFsync: latency({}, { sinceStart: { 2: 100, 128: 300 } }), ...calm } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'no metrics', cluster },
    { name: 'too few syncs', cluster, member: { m1: { walFsync: latency({ 128: 3 }), ...calm } } },
    { name: 'few syncs, one of them fast', cluster, member: { m1: { walFsync: latency({ 4: 1, 128: 6 }), ...calm } } },
  ],
});
