import type { StoredObjects } from '../../../../analyzer/facts/values/kubernetes.js';
import rule from '../../../../analyzer/rules/client-load/keyspace-prefix-bloat.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { alarms, full, GiB, onAll, storage } from '../quota/facts.js';

const objects = (
  counts: Readonly<Record<string, number>>,
  more: { readonly others?: number; readonly delta?: number; readonly bytes?: number } & Partial<StoredObjects> = {},
): StoredObjects => {
  const { others = 0, delta = null, bytes = null, ...rest } = more;
  const total = Object.values(counts).reduce((sum, count) => sum + count, others);
  return {
    origin: 'api-server',
    total,
    kinds: Object.entries(counts).map(([name, count], i) => ({
      name,
      count,
      share: count / total,
      delta: i === 0 ? delta : null,
      bytes: i === 0 ? bytes : null,
    })),
    totalBytes: bytes,
    ...rest,
  };
};

/** 1.6 GiB of 2 GiB in use by so many keys. */
const wellFilled = (keyCount: number) =>
  storage({ size: 1.7 * GiB, inUse: 1.6 * GiB, keyCount, revision: 2_000_000, compacted: 1_999_000 });
const many = (keyCount: number) => storage({ keyCount, revision: 2_000_000, compacted: 1_999_000 });

ruleTest(rule, {
  pass: [
    {
      name: 'events are most of a small store',
      cluster: { alarms: alarms(), storedObjects: objects({ events: 250, pods: 30 }) },
      member: onAll(storage()),
    },
    { name: 'a small store, objects not counted', cluster: { alarms: alarms() }, member: onAll(storage()) },
    {
      name: 'a large store of many kinds',
      cluster: {
        alarms: alarms(),
        storedObjects: objects({ pods: 160_000, events: 120_000, 'endpointslices.discovery.k8s.io': 90_000 }),
      },
      member: onAll(many(370_000)),
    },
    { name: 'a managed cluster with few objects', cluster: { storedObjects: objects({ events: 900, pods: 30 }) } },
    {
      name: 'a quota full of history, not of keys',
      cluster: { alarms: alarms(1, 2, 3), storedObjects: objects({ events: 1 }) },
      member: onAll({ ...full.history, inUseShare: 0.5 }),
    },
  ],
  fail: [
    {
      name: 'custom resources that nobody deletes',
      cluster: {
        alarms: alarms(),
        storedObjects: objects({ 'reports.example.com': 400_000, pods: 3000 }, { delta: 500, bytes: 3e9 }),
      },
      member: onAll(many(405_000)),
      message: 'dominates',
      severity: 'warning',
      role: 'risk',
      confidence: 'high',
    },
    {
      name: 'fewer objects, but most of the quota is in use',
      cluster: { alarms: alarms(), storedObjects: objects({ secrets: 30_000, pods: 300 }) },
      member: onAll(wellFilled(31_000)),
      message: 'dominates',
      role: 'risk',
    },
    {
      name: 'a managed cluster, where only the API server tells',
      cluster: { storedObjects: objects({ events: 700_000, pods: 3000 }) },
      message: 'dominates',
      role: 'risk',
    },
    {
      name: 'counted by prefix in etcd',
      cluster: {
        alarms: alarms(),
        storedObjects: objects({ '/registry/events/': 200_000 }, { origin: 'keyspace', others: 20_000 }),
      },
      member: onAll(many(220_000)),
      message: 'dominates',
    },
    {
      name: 'the quota is full of them',
      cluster: { alarms: alarms(1, 2, 3), storedObjects: objects({ 'reports.example.com': 200, pods: 20 }) },
      member: onAll(full.live),
      message: 'fills',
      severity: 'warning',
      role: 'cause',
    },
  ],
  inconclusive: [
    { name: 'nothing was read' },
    { name: 'a large store, objects not counted', cluster: { alarms: alarms() }, member: onAll(many(400_000)) },
    {
      name: 'most of what the API server knows, but not of what the store holds',
      cluster: { alarms: alarms(), storedObjects: objects({ events: 160_000, pods: 1000 }) },
      member: onAll(many(900_000)),
    },
    {
      name: 'an API server of another cluster',
      cluster: { alarms: alarms(), storedObjects: objects({ events: 700_000 }) },
      member: onAll(many(200_000)),
    },
  ],
});
