import rule from '../../../../analyzer/rules/storage/disk-iops-throttled.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { cgroup, config, disk, pressure } from './facts.js';

const cluster = { config };
const limited = cgroup(null, '8:0 rbps=max wbps=max riops=max wiops=8');

ruleTest(rule, {
  pass: [
    {
      name: 'no limit',
      cluster,
      member: { m1: { walFsync: latency({ 512: 300 }), cgroup: cgroup(null), hostPressure: pressure(2) } },
    },
    {
      name: 'a limit that is none',
      cluster,
      member: {
        m1: { walFsync: latency({ 512: 300 }), cgroup: cgroup(null, '8:0 rbps=max wbps=max riops=max wiops=max') },
      },
    },
    { name: 'a limit that nobody feels', cluster, member: { m1: { walFsync: latency({ 2: 300 }), cgroup: limited } } },
    { name: 'a slow tail only', cluster, member: { m1: { walFsync: latency({ 2: 300, 512: 20 }), cgroup: limited } } },
  ],
  fail: [
    {
      name: 'held back on an idle device',
      cluster,
      member: {
        m1: {
          walFsync: latency({ 1024: 200 }),
          cgroup: limited,
          hostPressure: pressure(2),
          heartbeatFailures: counter(30),
        },
      },
      host: { h1: { diskActivity: disk() } },
      message: 'slow',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'nobody hurt',
      cluster,
      member: { m1: { walFsync: latency({ 32: 200 }), cgroup: limited, hostPressure: pressure(2) } },
      message: 'mild',
      severity: 'info',
    },
    {
      name: 'limit file of version 1',
      cluster,
      member: {
        m1: { walFsync: latency({ 1024: 200 }), cgroup: cgroup(null, 'blkio.throttle.write_iops_device 8:0 8') },
      },
      message: 'slow',
    },
  ],
  inconclusive: [
    { name: 'no cgroup read', cluster, member: { m1: { walFsync: latency({ 512: 300 }) } } },
    { name: 'a limit and too few syncs', cluster, member: { m1: { walFsync: latency({ 2: 2 }), cgroup: limited } } },
  ],
});
