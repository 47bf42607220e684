import type { Diff } from '../../schemas/index.js';
import { formatThreshold, type Threshold } from '../knowledge/threshold.js';
import { thresholds } from '../knowledge/thresholds.js';

/** What decides that something changed: never significance alone, since with enough observations every difference is significant. */
export const limits = {
  'shift-observations': {
    value: 20,
    unit: 'count',
    source: 'usual advice for the normal approximation of Mann-Whitney; with fewer on a side nothing is claimed',
  },
  'tail-observations': {
    value: 100,
    unit: 'count',
    source: 'one in a hundred is the least that a p99 can be made of; with fewer on a side nothing is said about it',
  },
  dependence: {
    value: 4,
    unit: 'count',
    source: 'own estimate: a stall makes several calls slow in a row, so four observations count as one independent',
  },
  probability: {
    value: 0.001,
    unit: 'share',
    source: 'own estimate: some fifty comparisons are made at once, and none of them should be claimed by chance',
  },
  superiority: {
    value: 0.71,
    unit: 'share',
    source:
      'Vargha and Delaney, Journal of Educational and Behavioral Statistics 25 (2000): from 0.71 an effect is large',
  },
  'shift-factor': {
    value: 2,
    unit: 'ratio',
    source:
      'width of the buckets of etcd: the new bucket begins at twice the end of the old one, so that a doubling is proven',
  },
  'tail-growth': {
    value: 0.01,
    unit: 'share',
    source: 'definition of the p99: the share beyond the old p99 has grown by more than the hundredth it is made of',
  },
  'load-factor': {
    value: 3,
    unit: 'ratio',
    source: 'own estimate: between two windows of ten seconds of one Kubernetes cluster rates differ by up to two',
  },
  'load-much': { value: 10, unit: 'ratio', source: 'own estimate: another order of magnitude is another use' },
  'load-events': {
    value: 50,
    unit: 'count',
    source: 'own estimate: fewer are the work of one client in a few seconds',
  },
  'gauge-floor': { value: 100, unit: 'count', source: 'own estimate: a few watchers, leases or keys more are no load' },
  'log-factor': { value: 3, unit: 'ratio', source: 'own estimate: logs come in bursts' },
  'log-events': { value: 10, unit: 'count', source: 'own estimate: fewer lines are one incident of a moment' },
  'size-factor': {
    value: 1.5,
    unit: 'ratio',
    source: 'own estimate: compaction and defragmentation move a size by less',
  },
  'size-floor': {
    value: 64 * 1024 * 1024,
    unit: 'bytes',
    source: 'bbolt AllocSize (16 MiB) four times: steps below are the allocation, not data',
  },
  'growth-days': {
    value: 30,
    unit: 'days',
    source: 'own estimate: time to plan a larger quota, or to find who writes',
  },
  'growth-seconds': {
    value: 6 * 3600,
    unit: 's',
    source: 'own estimate: over less a growth per day is the growth of one task',
  },
  'space-share': { value: 0.1, unit: 'share', source: 'own estimate: a tenth of the file system gone between the two' },
} as const satisfies Readonly<Record<string, Threshold>>;

export type LimitId = keyof typeof limits;
export const limit = (id: LimitId): number => limits[id].value;

/** Beyond these a latency matters by itself; a shift below them is told, and changes nothing. */
export const slowMs = {
  walFsync: thresholds['fsync-slow-ms'],
  backendCommit: thresholds['commit-slow-ms'],
  rtt: thresholds['rtt-slow-ms'],
  grpc: {
    value: 150,
    unit: 'ms',
    source: 'etcd mixin etcdGRPCRequestsSlow: p99 of unary calls above 0.15 s',
  },
  reads: { value: 100, unit: 'ms', source: 'etcd constant traceThreshold: etcd logs a read that takes longer as slow' },
} as const satisfies Readonly<Record<string, Threshold>>;

export const limitRows = (): Diff['limits'] =>
  [
    ...Object.entries(limits),
    ...Object.entries(slowMs).map(([id, threshold]) => [`slow-${id}`, threshold] as const),
  ].map(([id, threshold]) => ({ id, value: formatThreshold(threshold), source: threshold.source }));

export const methods: Diff['methods'] = [
  {
    test: 'mann-whitney',
    what: 'Whether a latency distribution as a whole has moved, on the counts of its buckets, ties corrected',
    source: 'Mann and Whitney, Annals of Mathematical Statistics 18 (1947); effect: Vargha and Delaney (2000)',
  },
  {
    test: 'newcombe',
    what: 'Whether the tail has grown: the share beyond the p99 of the baseline, lower end of the interval for its growth',
    source: 'Newcombe, Statistics in Medicine 17 (1998), method 10, on intervals of Wilson (1927)',
  },
  {
    test: 'poisson-rates',
    what: 'Whether events per time differ, given their sum (binomial)',
    source: 'Przyborowski and Wilenski, Biometrika 31 (1940)',
  },
];
