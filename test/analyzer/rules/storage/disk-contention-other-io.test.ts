import rule from '../../../../analyzer/rules/storage/disk-contention-other-io.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { calm, config, disk, writers } from './facts.js';

const cluster = { config };
const slow = { m1: { walFsync: latency({ 128: 480, 256: 20 }), heartbeatFailures: counter(12), ...calm } };
const full = disk({ utilisation: 0.99, queue: 9, writeAwaitMs: 60 });

ruleTest(rule, {
  pass: [
    {
      name: 'fast syncs beside a busy neighbour',
      cluster,
      member: { m1: { walFsync: latency({ 2: 500 }), ...calm } },
      host: { h1: { diskActivity: full, writers: writers(0.1) } },
    },
    {
      name: 'slow device without load',
      cluster,
      member: slow,
      host: { h1: { diskActivity: disk({ utilisation: 0.3, queue: 0.5, writeAwaitMs: 60 }), writers: writers(0.1) } },
    },
    {
      name: 'etcd itself fills it',
      cluster,
      member: slow,
      host: { h1: { diskActivity: full, writers: writers(0.95) } },
    },
    {
      name: 'busy with one request at a time',
      cluster,
      member: slow,
      host: { h1: { diskActivity: disk({ utilisation: 0.98, queue: 0.98 }), writers: writers(0.2) } },
    },
  ],
  fail: [
    {
      name: 'a backup writes',
      cluster,
      member: slow,
      host: { h1: { diskActivity: full, writers: writers(0.05, { rsync: 90_000_000 }) } },
      message: 'slow',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'a reader fills the device',
      cluster,
      member: slow,
      host: {
        h1: {
          diskActivity: disk({ utilisation: 0.99, queue: 9, readBytesPerSecond: 90_000_000 }),
          writers: writers(0.9),
        },
      },
      message: 'slow',
    },
    {
      name: 'nobody hurt',
      cluster,
      member: { m1: { walFsync: latency({ 16: 400, 32: 90 }), ...calm } },
      host: { h1: { diskActivity: full, writers: writers(0.05) } },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no host facts', cluster, member: slow },
    {
      name: 'too few syncs',
      cluster,
      member: { m1: { walFsync: latency({ 2: 3 }) } },
      host: { h1: { diskActivity: full } },
    },
  ],
});
