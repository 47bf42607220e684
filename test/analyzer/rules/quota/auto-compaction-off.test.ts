import assert from 'node:assert/strict';
import { test } from 'node:test';
import rule from '../../../../analyzer/rules/quota/auto-compaction-off.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest, runScenario } from '../../../support/rule-tester.js';
import { history as past, line, series } from '../../../support/surroundings.js';
import { config, minutesAgo } from '../storage/facts.js';
import { GiB, onAll, storage } from './facts.js';

const retention = (value: string) => ({
  config: {
    ...config,
    members: { [memberId(1)]: { 'auto-compaction-retention': { value, origin: 'flag' as const } } },
  },
});
const history = { keyCount: 1, revision: 8001, compacted: -1 };

ruleTest(rule, {
  pass: [
    { name: 'an empty cluster without the flag', member: onAll(storage({ keyCount: 1, revision: 40, compacted: -1 })) },
    { name: 'many keys, each written once', member: onAll(storage({ keyCount: 9000, revision: 9100, compacted: -1 })) },
    { name: 'compacted in the window', member: onAll(storage({ ...history, compacted: 1, compactedInWindow: true })) },
    {
      name: 'compacted five minutes ago by the API server',
      member: onAll(storage({ ...history, compacted: 1, lastCompactionAt: minutesAgo(5) })),
    },
    {
      name: 'the log of a 3.4 server has it',
      member: {
        m1: { storage: storage({ ...history, compacted: 1 }), log: log({ 'compaction-finished': { inWindow: 1 } }) },
      },
    },
    {
      name: 'young, with a retention in force',
      cluster: retention('1h'),
      member: { m1: { storage: storage(history), log: log({}, { from: minutesAgo(20) }) } },
    },
  ],
  fail: [
    {
      name: 'never compacted',
      cluster: retention('0'),
      member: onAll(storage(history)),
      message: 'kept',
      severity: 'info',
      role: 'risk',
    },
    {
      name: 'not for hours',
      member: onAll(storage({ ...history, compacted: 1, lastCompactionAt: minutesAgo(300) })),
      message: 'kept',
      severity: 'info',
    },
    {
      name: 'at the pace of the last hours the quota is reached tonight',
      cluster: { ...retention('0'), history: past(series('db-size', 1, line(240, 1.0 * GiB, 1.4 * GiB))) },
      member: onAll(storage({ ...history, size: 1.4 * GiB, inUse: 0.9 * GiB })),
      message: 'growing',
      severity: 'info',
      role: 'risk',
    },
    {
      name: 'a step of the file in the window, and no growth for hours',
      cluster: { ...retention('0'), history: past(series('db-size', 1, line(240, 1.4 * GiB, 1.4 * GiB))) },
      member: onAll(storage({ ...history, size: 1.4 * GiB, inUse: 0.9 * GiB, sizeGrowthPerSecond: 1e6 })),
      message: 'kept',
      severity: 'info',
    },
    {
      name: 'fills the quota',
      member: onAll(storage({ ...history, size: 1.6 * GiB, inUse: 1.5 * GiB })),
      message: 'growing',
      severity: 'warning',
      role: 'risk',
    },
  ],
  inconclusive: [
    { name: 'no metrics', member: {} },
    { name: 'revisions not told', member: onAll(storage({ compacted: null })) },
  ],
});

test('the flag of the API server backs it up', () => {
  const { findings } = runScenario(rule, {
    name: 'never compacted, and the API server is told not to',
    cluster: {
      staticPods: {
        pods: [{ host: 'h1', component: 'kube-apiserver', flags: { 'etcd-compaction-interval': '0s' }, probes: [] }],
      },
    },
    member: onAll(storage(history)),
  });
  const evidence = findings[0]?.evidence.find(({ text }) => text === 'The API server is told not to compact');
  assert.equal(evidence?.state, 'present');
});
