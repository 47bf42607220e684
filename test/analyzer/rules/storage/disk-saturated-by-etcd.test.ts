import rule from '../../../../analyzer/rules/storage/disk-saturated-by-etcd.js';
import { latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { calm, config, disk, proposals, writers } from './facts.js';

const cluster = { config };
const slow = { m1: { walFsync: latency({ 64: 480, 128: 20 }), proposals: proposals(500, 40), ...calm } };
const full = disk({
  utilisation: 0.99,
  queue: 9,
  writeAwaitMs: 30,
  writesPerSecond: 900,
  writeBytesPerSecond: 40_000_000,
});

ruleTest(rule, {
  pass: [
    {
      name: 'fast syncs at a high rate',
      cluster,
      member: { m1: { walFsync: latency({ 2: 500 }), ...calm } },
      host: { h1: { diskActivity: full, writers: writers(0.95) } },
    },
    { name: 'others write', cluster, member: slow, host: { h1: { diskActivity: full, writers: writers(0.1) } } },
    {
      name: 'a slow device, always busy with a trickle of etcd’s',
      cluster,
      member: slow,
      host: {
        h1: { diskActivity: disk({ utilisation: 0.99, queue: 1.2, writesPerSecond: 40 }), writers: writers(0.99) },
      },
    },
  ],
  fail: [
    {
      name: 'etcd fills the device',
      cluster,
      member: slow,
      host: { h1: { diskActivity: full, writers: writers(0.95) } },
      message: 'slow',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'nobody hurt',
      cluster,
      member: { m1: { walFsync: latency({ 16: 400, 32: 90 }), ...calm } },
      host: { h1: { diskActivity: full, writers: writers(0.95) } },
      message: 'mild',
      severity: 'info',
    },
  ],
  inconclusive: [{ name: 'no host facts', cluster, member: slow }],
});
