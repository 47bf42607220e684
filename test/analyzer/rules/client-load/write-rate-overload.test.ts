import rule from '../../../../analyzer/rules/client-load/write-rate-overload.js';
import { counter, gauge, latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { hostCpu, process, proposals, puts, sched } from '../resources/values.js';

const rush = { proposals: proposals(36 * 15_000), puts: puts(36 * 15_000) };
const handling = (perBucket: Readonly<Record<string, number>>) => ({
  byMethod: [{ method: 'Txn', latency: latency(perBucket) }],
});

const three = (wait: number) => ({
  members: [
    { name: 'm1', host: 'h1' },
    { name: 'm2', host: 'h1' },
    { name: 'm3', host: 'h1' },
  ],
  member: {
    m1: {
      proposals: proposals(36 * 15_000),
      puts: puts(36 * 15_000),
      process: process({ cpuCores: 0.7 }),
      processSched: sched({ runQueueWaitShare: wait }),
    },
    m2: { process: process({ cpuCores: 0.4 }) },
    m3: { process: process({ cpuCores: 0.4 }) },
  },
  host: { h1: { cpu: hostCpu() } },
});

ruleTest(rule, {
  pass: [
    { name: 'idle', member: { m1: { proposals: proposals(0), puts: puts(0) } } },
    {
      name: 'busy in good health',
      member: { m1: { proposals: proposals(36 * 900, { pending: gauge(0, 8, 5, 3) }), puts: puts(36 * 900) } },
    },
    {
      name: 'a queue at a low rate is another cause',
      member: { m1: { proposals: proposals(360, { pending: gauge(200, 300), gap: gauge(0, 0) }), puts: puts(360) } },
    },
  ],
  fail: [
    {
      name: 'a queue in every round',
      member: { m1: { proposals: proposals(36 * 3000, { pending: gauge(240, 400, 380) }), puts: puts(36 * 3000) } },
      message: 'queued',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'refusals',
      member: {
        m1: {
          proposals: proposals(36 * 3000, { pending: gauge(50, 90), gap: gauge(4000, 5200) }),
          puts: puts(36 * 3000),
          log: log({ 'err-too-many-requests': { inWindow: 30 } }),
        },
      },
      message: 'refused',
      severity: 'high',
    },
    {
      name: 'a very high rate that uses up the CPUs of the host, three members together',
      ...three(2.1),
      message: 'saturated',
      severity: 'warning',
      role: 'cause',
    },
    {
      name: 'a very high rate that is answered late, on a fast disk',
      member: { m1: { ...rush, handling: handling({ 512: 900, 64: 90 }), walFsync: latency({ 2: 900 }) } },
      message: 'slow',
      severity: 'warning',
      role: 'cause',
    },
    {
      name: 'answered late on a slow disk is the matter of the disk',
      member: { m1: { ...rush, handling: handling({ 512: 900 }), walFsync: latency({ 256: 900 }) } },
      message: 'high',
      role: 'notice',
    },
    {
      name: 'answered in time',
      member: { m1: { ...rush, handling: handling({ 64: 900 }), walFsync: latency({ 2: 900 }) } },
      message: 'high',
      role: 'notice',
    },
    { name: 'the same with CPU time left', ...three(0.5), message: 'high', severity: 'info', role: 'notice' },
    {
      name: 'a very high rate that is served',
      member: { m1: { proposals: proposals(36 * 15_000), puts: puts(36 * 15_000) } },
      message: 'high',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    {
      name: 'one scrape',
      member: {
        m1: { proposals: proposals(0, { committed: counter(null) }), puts: puts(0, null, { puts: counter(null) }) },
      },
    },
  ],
});
