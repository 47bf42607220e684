import type { Threshold } from '../threshold.js';

export const clientLoadThresholds = {
  'range-mean-bytes': {
    value: 256 * 1024,
    unit: 'bytes',
    source:
      'own estimate: mean bytes sent per range, small reads included; pages of 500 objects are about four times as large, ordinary reads a hundredth of it',
  },
  'range-egress-bytes': {
    value: 20 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: per second and member; a fifth of a gigabit link, and at least as much garbage on the heap',
  },
  'range-line-bytes': {
    value: 10 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: one answer of this size costs tens of milliseconds of CPU and several copies on the heap',
  },
  'range-line-count': {
    value: 1000,
    unit: 'count',
    source: 'own estimate: keys in one answer; twice the page size that Kubernetes clients ask for (500)',
  },
  'put-mean-bytes': {
    value: 100 * 1024,
    unit: 'bytes',
    source: 'own estimate: etcd is built for small values; a fifteenth of the default request limit (1.5 MiB)',
  },
  'put-flow-bytes': {
    value: 5 * 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: per second; a WAL segment (64 MB) every quarter of a minute',
  },
  'put-count': { value: 5, unit: 'count', source: 'own estimate: fewer puts in a window are no load' },
  'commit-load-ms': {
    value: 32,
    unit: 'ms',
    source: 'etcd FAQ: backend commit p99 below 25 ms, which lies inside the 16-32 ms bucket',
  },
  'rejected-count': {
    value: 5,
    unit: 'count',
    source: 'own estimate: a single refused request is a mistake, several are a client that retries',
  },
  'rejected-mean-bytes': {
    value: 1024 * 1024,
    unit: 'bytes',
    source: 'own estimate: two thirds of etcd’s DefaultMaxRequestBytes (1.5 MiB)',
  },
  'pending-proposals': {
    value: 100,
    unit: 'count',
    source: 'own estimate: waiting in every round; dozens of concurrent writers alone leave fewer behind',
  },
  'apply-gap': {
    value: 1000,
    unit: 'entries',
    source: 'own estimate: a fifth of etcd’s maxGapBetweenApplyAndCommitIndex (5000), above which requests are refused',
  },
  'write-rate': {
    value: 500,
    unit: 'per-second',
    source: 'etcd hardware guide: heavily loaded clusters need about 500 sequential IOPS',
  },
  'write-rate-limit': {
    value: 10_000,
    unit: 'per-second',
    source:
      'etcd performance guide: about 30,000 to 50,000 small writes per second at best; a third of that is rare in practice',
  },
  'grpc-slow-ms': {
    value: 150,
    unit: 'ms',
    source: 'etcd mixin etcdGRPCRequestsSlow (p99 of unary requests > 0.15 s)',
  },
  'client-share': { value: 0.6, unit: 'share', source: 'own estimate: more slow requests than all others together' },
  'client-lines': {
    value: 20,
    unit: 'count',
    source: 'own estimate: fewer slow requests say nothing about who sends them',
  },
  'slow-watchers': {
    value: 10,
    unit: 'count',
    source: 'own estimate: unsynced in every round; a few catch up at any time',
  },
  'pending-events': {
    value: 1000,
    unit: 'count',
    source: 'etcd watcher_group.go: a batch for an unsynced watcher holds 1000 revisions (watchBatchMaxRevs)',
  },
  'many-watchers': {
    value: 10_000,
    unit: 'count',
    source: 'own estimate: per member; the watch cache of one API server needs a few hundred',
  },
  'notable-watchers': {
    value: 1000,
    unit: 'count',
    source: 'own estimate: per member; worth knowing, harmless by itself',
  },
  'compacted-rate': {
    value: 1,
    unit: 'per-second',
    source: 'own estimate: a client that falls behind once lists again; once a second is a loop',
  },
  'api-server-p99-ms': {
    value: 1000,
    unit: 'ms',
    source:
      'Kubernetes SLO (kubernetes/community, sig-scalability): 99 % of API calls on single objects within 1 s; a request to etcd is a part of one',
  },
  'api-server-requests': {
    value: 50,
    unit: 'count',
    source: 'own estimate: with fewer requests in the window a single slow one would decide the 99th percentile',
  },
  'api-server-failed-share': {
    value: 0.01,
    unit: 'share',
    source: 'own estimate: clients that give up are counted as failures too, one in a hundred is more than those',
  },
  'prefix-share': {
    value: 0.5,
    unit: 'share',
    source: 'own estimate: more keys than all other kinds together',
  },
  'prefix-count': {
    value: 150_000,
    unit: 'count',
    source:
      'Kubernetes scalability thresholds (kubernetes/community, sig-scalability): 150000 pods, the most objects of one kind that a cluster is tested with',
  },
  'lease-expiry-rate': {
    value: 50,
    unit: 'per-second',
    source: 'own estimate: every expiry is a proposal of its own; etcd’s lessor revokes at most 1000/s',
  },
  'lease-grant-rate': {
    value: 50,
    unit: 'per-second',
    source: 'own estimate: a lease is meant to live for minutes; every grant is a proposal and will expire as one',
  },
  'lease-grant-balance': {
    value: 500,
    unit: 'count',
    source: 'own estimate: leases alive that will expire within one short time to live',
  },
  'lease-renew-rate': {
    value: 2000,
    unit: 'per-second',
    source: 'own estimate: thousands of renewals a second cost the leader most of a core',
  },
} as const satisfies Record<string, Threshold>;
