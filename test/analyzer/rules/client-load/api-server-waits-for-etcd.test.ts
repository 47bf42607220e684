import type { ApiServerView } from '../../../../analyzer/facts/values/kubernetes.js';
import type { AttemptStats } from '../../../../analyzer/facts/values/common.js';
import type { ReadLatency } from '../../../../analyzer/facts/values/member.js';
import rule from '../../../../analyzer/rules/client-load/api-server-waits-for-etcd.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { GiB, onAll, storage } from '../quota/facts.js';

const bounds = [5, 25, 50, 100, 200, 400, 600, 800, 1000, 1250, 1500, 2000, 3000];
const single = (perBucket: Readonly<Record<string, number>>) => latency(perBucket, { bounds });

const server = (more: Partial<ApiServerView> = {}) => ({
  apiServer: {
    views: [
      {
        bundleId: 'b',
        server: 'https://10.0.0.1:6443',
        kubeconfigFrom: 'platform' as const,
        version: 'v1.33.5',
        startedAt: null,
        seconds: 36,
        operations: [],
        single: single({ 5: 2000, 25: 20 }),
        failed: counter(0),
        dbSizeBytes: String(4 * 1024 * 1024),
        served: null,
        failing: [],
        ...more,
      },
    ],
  },
});
const slow = { single: single({ 5: 900, 2000: 60 }) };

const reads = (maxMs: number, failed = 0): ReadLatency => {
  const stats: AttemptStats = {
    attempts: 5,
    ok: 5 - failed,
    failed,
    minMs: 1,
    medianMs: 1,
    maxMs,
    codes: {},
    ms: [1, maxMs],
  };
  return { connectMs: 1, serializable: stats, linearizable: stats };
};
const all = (value: ReadLatency) => ({
  m1: { readLatency: value },
  m2: { readLatency: value },
  m3: { readLatency: value },
});

ruleTest(rule, {
  pass: [
    { name: 'quick', cluster: server() },
    { name: 'a few slow ones among few', cluster: server({ single: single({ 5: 20, 2000: 5 }) }) },
    { name: 'one failure in many', cluster: server({ failed: counter(1) }) },
    { name: 'slow below the objective', cluster: server({ single: single({ 5: 900, 800: 60 }) }) },
  ],
  fail: [
    { name: 'slow, members not asked', cluster: server(slow), message: 'slow', severity: 'warning', role: 'symptom' },
    { name: 'slow, members slow too', cluster: server(slow), member: all(reads(3000)), message: 'slow' },
    { name: 'slow, a member did not answer', cluster: server(slow), member: all(reads(2, 1)), message: 'slow' },
    {
      name: 'slow, while members are quick',
      cluster: server(slow),
      member: all(reads(4)),
      message: 'beyond',
      confidence: 'high',
    },
    {
      name: 'requests fail',
      cluster: server({ failed: counter(100), failing: [{ path: '/readyz?verbose', checks: ['shutdown'] }] }),
      member: all(reads(4)),
      message: 'failing',
    },
    {
      name: 'its own check of etcd fails, and its metrics hang with it',
      cluster: server({
        single: null,
        seconds: null,
        failed: null,
        failing: [{ path: '/readyz?verbose', checks: ['etcd', 'etcd-readiness'] }],
      }),
      message: 'unready',
      severity: 'warning',
      role: 'symptom',
      confidence: 'high',
    },
  ],
  inconclusive: [
    { name: 'no API server was asked' },
    { name: 'scraped once', cluster: server({ single: latency(null, { sinceStart: { 5: 10 }, bounds }) }) },
    {
      name: 'of another cluster',
      cluster: server({ ...slow, kubeconfigFrom: 'flag', dbSizeBytes: String(3 * GiB) }),
      member: onAll(storage()),
    },
  ],
});
