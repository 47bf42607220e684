import rule from '../../../../analyzer/rules/client-load/large-range-reads.js';
import type { LogCount } from '../../../../analyzer/facts/values/member.js';
import { counter, latency, log, WINDOW } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { process, proposals, puts, requests, slowOps, traffic } from '../resources/values.js';

const MIB = 1024 * 1024;

const answered = (bytes: number, time: number): LogCount['stats'] => {
  const sample = { source: 'etcd.log', line: 3, time, text: 'apply request took too long' };
  const stat = (value: number, unit: 'bytes' | 'count') => ({
    unit,
    count: 1,
    sum: value,
    min: value,
    worst: { value, raw: `${value}`, sample },
  });
  return [
    {
      id: 'apply-took-too-long',
      group: 'apply-took-too-long',
      count: 1,
      timed: 1,
      numbers: new Map([
        ['response-size', stat(bytes, 'bytes')],
        ['response-count', stat(3000, 'count')],
      ]),
      texts: new Map(),
      series: { widthMs: 1000, buckets: [] },
      recent: [time],
      recentComplete: true,
      samples: [sample],
    },
  ];
};

ruleTest(rule, {
  pass: [
    {
      name: 'a backup of a large database and a few small ranges',
      member: {
        m1: {
          puts: puts(0, null, { ranges: counter(40), sentBytesPerRange: 50 * MIB }),
          traffic: traffic({ clientSent: counter(2000 * MIB) }),
          requests: requests([], {
            streamMessages: [{ method: 'Snapshot', direction: 'sent', counter: counter(2000 * 32) }],
          }),
        },
      },
    },
    { name: 'small reads', member: { m1: { puts: puts(100), traffic: traffic(), log: log() } } },
    {
      name: 'many small reads',
      member: {
        m1: {
          puts: puts(100, 256, { sentBytesPerRange: 4000 }),
          traffic: traffic({ clientSent: counter(36 * 40 * MIB) }),
        },
      },
    },
    {
      name: 'one list by hand',
      member: {
        m1: {
          puts: puts(0, null, { sentBytesPerRange: 2 * MIB }),
          traffic: traffic({ clientSent: counter(30 * MIB) }),
        },
      },
    },
    {
      name: 'a large answer an hour ago',
      member: {
        m1: {
          puts: puts(100),
          traffic: traffic(),
          log: log({ 'apply-took-too-long': { before: 1, stats: answered(30 * MIB, WINDOW.from - 3_600_000) } }),
        },
      },
    },
    {
      name: 'slow reads with small answers are read-index-slow',
      member: {
        m1: {
          puts: puts(100),
          traffic: traffic(),
          slowOperations: slowOps(40),
          proposals: proposals(100),
          log: log({ 'apply-took-too-long': { inWindow: 40, stats: [] } }),
        },
      },
    },
  ],
  fail: [
    {
      name: 'whole lists, over and over',
      member: {
        m1: {
          puts: puts(0, null, { ranges: counter(200), sentBytesPerRange: 15 * MIB }),
          traffic: traffic({ clientSent: counter(36 * 80 * MIB) }),
          process: process({ allocBytesPerSecond: 120 * MIB, cpuCores: 0.4 }),
          heartbeatFailures: counter(0),
        },
      },
      message: 'heavy',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'single large answers in the log, nobody hurt',
      member: {
        m1: {
          puts: puts(100),
          traffic: traffic(),
          walFsync: latency({ 1: 200 }),
          log: log({ 'apply-took-too-long': { inWindow: 1, stats: answered(30 * MIB, WINDOW.from + 5000) } }),
        },
      },
      message: 'lines',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'neither bytes nor log', member: { m1: { puts: puts(1), traffic: traffic({ clientSent: null }) } } },
  ],
});
