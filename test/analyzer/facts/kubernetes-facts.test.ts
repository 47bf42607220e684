import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubernetesSummary } from '../../../analyzer/assemble/kubernetes.js';
import { createFacts } from '../../../analyzer/facts/index.js';
import { kubernetesLines } from '../../../analyzer/report/view-kubernetes.js';
import type { ApiserverMetricsArtifact, KeyspaceArtifact, Report } from '../../../schemas/index.js';
import { FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, valueIn } from './helpers.js';

type Family = ApiserverMetricsArtifact['families'][number];

const started = 1_700_000_000;
const gauge = (name: string, values: Readonly<Record<string, number>>, label = 'resource'): Family => ({
  name,
  type: 'gauge',
  series: Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value })),
});
const counter = (name: string, values: Readonly<Record<string, number>>, label = 'operation'): Family => ({
  ...gauge(name, values, label),
  type: 'counter',
});
/** Observations up to 5 ms, 100 ms, 1 s, and beyond, by operation. */
const durations = (counts: Readonly<Record<string, readonly [number, number, number, number]>>): Family => ({
  name: 'etcd_request_duration_seconds',
  type: 'histogram',
  bounds: [0.005, 0.1, 1],
  series: Object.entries(counts).map(([operation, [a, b, c, d]]) => ({
    labels: { operation, resource: 'pods' },
    sum: a * 0.003 + b * 0.05 + c * 0.5 + d * 2,
    count: a + b + c + d,
    buckets: [a, a + b, a + b + c],
  })),
});

const scrape = (
  round: number,
  families: readonly Family[],
  more: Partial<ApiserverMetricsArtifact> & { readonly start?: number } = {},
): FakeArtifact => {
  const { start = started, ...rest } = more;
  return {
    kind: 'apiserver-metrics',
    round,
    value: {
      server: 'https://10.0.0.1:6443',
      kubeconfigFrom: 'platform',
      scrapedAt: new Date(FAKE_START + round * 30_000).toISOString(),
      bytesRead: 1000,
      complete: true,
      elapsedMs: 10,
      ...rest,
      families: [
        ...families,
        { name: 'process_start_time_seconds', type: 'gauge', series: [{ labels: {}, value: start }] },
      ],
    },
  };
};

const health: FakeArtifact = {
  kind: 'apiserver-health',
  value: {
    server: 'https://10.0.0.1:6443',
    kubeconfigFrom: 'platform',
    version: 'v1.33.5',
    probes: [
      {
        path: '/readyz?verbose',
        statusCode: 500,
        checks: [
          { name: 'etcd', ok: false },
          { name: 'ping', ok: true },
        ],
        elapsedMs: 2,
      },
    ],
  },
};

const over = (...artifacts: readonly FakeArtifact[]) => createFacts(fakeCase({ artifacts }));

describe('apiServer', () => {
  test('requests to etcd in the window, lists apart; failures; size', () => {
    const facts = over(
      scrape(0, [
        durations({ get: [1000, 0, 0, 0], list: [0, 0, 0, 50] }),
        counter('etcd_requests_total', { get: 1000, list: 50 }),
        counter('etcd_request_errors_total', { get: 4 }),
        gauge('apiserver_storage_size_bytes', { 'etcd-0': 4096 }, 'storage_cluster_id'),
        counter('apiserver_request_total', { 200: 10, 503: 1 }, 'code'),
      ]),
      scrape(1, [
        durations({ get: [1000, 190, 0, 10], list: [0, 0, 0, 60] }),
        counter('etcd_requests_total', { get: 1200, list: 60 }),
        counter('etcd_request_errors_total', { get: 6, update: 1 }),
        gauge('apiserver_storage_size_bytes', { 'etcd-0': 8192 }, 'storage_cluster_id'),
        counter('apiserver_request_total', { 200: 20, 503: 4, 429: 2 }, 'code'),
      ]),
      health,
    );
    const [view] = valueIn(facts.cluster('apiServer')).views;
    assert.equal(view?.seconds, 30);
    assert.deepEqual(
      [view?.single?.window?.count, view?.single?.window?.p50, view?.single?.window?.p99],
      [200, { loMs: 5, hiMs: 100, count: 200 }, { loMs: 1000, hiMs: null, count: 200 }],
    );
    assert.deepEqual(
      view?.operations.map(({ operation, latency }) => [operation, latency.window?.count]),
      [
        ['get', 200],
        ['list', 10],
      ],
    );
    assert.deepEqual(
      [view?.failed?.delta, view?.dbSizeBytes, view?.served?.serverErrors.delta, view?.served?.tooManyRequests.delta],
      [3, '8192', 3, 2],
    );
    assert.deepEqual(view?.failing, [{ path: '/readyz?verbose', checks: ['etcd'] }]);
    const [line] = kubernetesLines({ kubernetes: kubernetesSummary(facts) } as Report);
    assert.match(
      line ?? '',
      /10\.0\.0\.1:6443 \(v1\.33\.5\).*99th percentile.*3 of 210 failed in the window.*8\s?(?:KiB|192)?.*etcd \(\/readyz\)/,
    );
  });

  test('two scrapes of different processes behind one address have no difference', () => {
    const families = [durations({ get: [10, 0, 0, 0] }), counter('etcd_requests_total', { get: 10 })];
    const [view] = valueIn(
      over(scrape(0, families), scrape(1, families, { start: started + 5 })).cluster('apiServer'),
    ).views;
    assert.deepEqual([view?.seconds, view?.single?.window, view?.failed?.delta], [null, null, null]);
    assert.equal(view?.single?.best.basis, 'since-start');
  });

  test('before 1.27 failures are not counted, and that is not none; one scrape has no window', () => {
    const [view] = valueIn(
      over(
        scrape(0, [
          durations({ get: [10, 0, 0, 0] }),
          gauge('etcd_db_total_size_in_bytes', { 'https://10.0.0.1:2379': 77 }, 'endpoint'),
        ]),
      ).cluster('apiServer'),
    ).views;
    assert.deepEqual(
      [view?.failed, view?.single?.window, view?.dbSizeBytes, view?.failing, view?.version],
      [null, null, '77', null, null],
    );
  });

  test('a scrape that was cut gives no growth', () => {
    const families = [durations({ get: [10, 0, 0, 0] })];
    const [view] = valueIn(
      over(scrape(0, families, { complete: false }), scrape(1, families)).cluster('apiServer'),
    ).views;
    assert.equal(view?.single?.window, null);
  });

  test('nothing asked: missing, and no section in the report', () => {
    const facts = createFacts(
      fakeCase({ gaps: [{ kind: 'apiserver-metrics', state: 'not-applicable', reason: 'no-kubeconfig' }] }),
    );
    assert.match(reasonOf(facts.cluster('apiServer')), /no-kubeconfig/);
    assert.equal(kubernetesSummary(facts), undefined);
    assert.deepEqual(kubernetesLines({} as Report), []);
  });
});

const keyspace = (more: Partial<KeyspaceArtifact> = {}): FakeArtifact => ({
  kind: 'keyspace',
  value: {
    askedMember: fakeId(0),
    isLeader: false,
    prefixes: [
      { prefix: '/registry/events/', count: '70', elapsedMs: 1 },
      { prefix: '/registry/pods/', count: '20', elapsedMs: 1 },
    ],
    total: '100',
    others: '10',
    notCounted: [],
    ended: 'finished',
    elapsedMs: 3,
    ...more,
  },
});

describe('storedObjects', () => {
  test('the newest name of the gauge counts once; what could not be counted is left out; growth by kind', () => {
    const facts = over(
      scrape(0, [gauge('apiserver_resource_objects', { pods: 10, events: 80 })]),
      scrape(1, [
        gauge('apiserver_resource_objects', { pods: 10, events: 90, nodes: -1 }),
        gauge('apiserver_storage_objects', { pods: 10, events: 90 }),
        gauge('apiserver_resource_size_estimate_bytes', { pods: 5000, events: 45_000 }),
      ]),
    );
    const value = valueIn(facts.cluster('storedObjects'));
    assert.deepEqual([value.origin, value.total, value.totalBytes], ['api-server', 100, 50_000]);
    assert.deepEqual(value.kinds, [
      { name: 'events', count: 90, share: 0.9, delta: 10, bytes: 45_000 },
      { name: 'pods', count: 10, share: 0.1, delta: 0, bytes: 5000 },
    ]);
  });

  test('an API server that has just started has counted nothing', () => {
    const facts = over(scrape(0, [gauge('apiserver_storage_objects', { pods: 0, events: 0 })]));
    assert.match(reasonOf(facts.cluster('storedObjects')), /no count of objects/);
  });

  test('an API server with several stores does not say which kind is in which', () => {
    const several = gauge('apiserver_storage_size_bytes', { 'etcd-0': 1, 'etcd-1': 2 }, 'storage_cluster_id');
    const facts = over(scrape(0, [gauge('apiserver_storage_objects', { pods: 10 }), several]));
    assert.match(reasonOf(facts.cluster('storedObjects')), /no count of objects/);
  });

  test('a count of keys by prefix, when it was finished', () => {
    const value = valueIn(over(keyspace()).cluster('storedObjects'));
    assert.deepEqual([value.origin, value.total, value.kinds[0]?.share], ['keyspace', 100, 0.7]);
    assert.match(reasonOf(over(keyspace({ ended: 'time' })).cluster('storedObjects')), /no count/);
  });
});

test('staticPods: flags and probes by host', () => {
  const facts = createFacts(
    fakeCase({
      hosts: ['host-12ab34cd5678'],
      artifacts: [
        {
          kind: 'static-pods',
          of: 'host-12ab34cd5678',
          value: {
            pods: [
              {
                component: 'kube-apiserver',
                path: '/etc/kubernetes/manifests/kube-apiserver.yaml',
                flags: { 'etcd-compaction-interval': '0' },
                omitted: [],
                probes: [{ kind: 'liveness', asks: 'https://:6443/livez', timeoutSeconds: 15 }],
              },
            ],
          },
        },
      ],
    }),
  );
  const [pod] = valueIn(facts.cluster('staticPods')).pods;
  assert.deepEqual(
    [pod?.host, pod?.flags, pod?.probes[0]?.timeoutSeconds],
    ['host-12ab34cd5678', { 'etcd-compaction-interval': '0' }, 15],
  );
  assert.match(reasonOf(over(health).cluster('staticPods')), /static-pods/);
});

test('controlPlane: restarts, ends, ailing nodes, warnings, elections', () => {
  const facts = over(
    {
      kind: 'kube-pods',
      value: {
        readAt: new Date(FAKE_START).toISOString(),
        pods: [
          {
            component: 'etcd',
            namespace: 'kube-system',
            name: 'etcd-cp-1',
            node: 'cp-1',
            ready: true,
            containers: [
              { name: 'helper', restarts: 99 },
              {
                name: 'etcd',
                restarts: 3,
                lastState: {
                  kind: 'terminated',
                  reason: 'OOMKilled',
                  exitCode: 137,
                  finishedAt: '2026-01-02T03:00:00.000Z',
                },
              },
            ],
          },
          {
            component: 'kube-apiserver',
            namespace: 'kube-system',
            name: 'kube-apiserver-cp-1',
            ready: true,
            containers: [{ name: 'kube-apiserver', restarts: 0 }],
          },
        ],
      },
    },
    {
      kind: 'kube-nodes',
      value: {
        readAt: new Date(FAKE_START).toISOString(),
        nodes: [
          {
            name: 'cp-1',
            taints: [],
            conditions: [
              { type: 'Ready', status: 'Unknown' },
              { type: 'DiskPressure', status: 'True' },
              { type: 'PIDPressure', status: 'False' },
            ],
          },
        ],
      },
    },
    {
      kind: 'kube-leases',
      value: {
        readAt: new Date(FAKE_START).toISOString(),
        serverTime: '2026-01-02T03:00:30.000Z',
        leases: [
          { name: 'kube-scheduler', transitions: 9, durationSeconds: 15, renewedAt: '2026-01-02T03:00:00.000Z' },
          { name: 'apiserver' },
        ],
      },
    },
  );
  const plane = valueIn(facts.cluster('controlPlane'));
  assert.equal(plane.pods[0]?.restarts, 3);
  assert.deepEqual(plane.ailingNodes, [{ node: 'cp-1', conditions: ['Ready is Unknown', 'DiskPressure'] }]);
  assert.deepEqual(plane.leases, [{ name: 'kube-scheduler', transitions: 9, durationSeconds: 15, ageSeconds: 30 }]);
  const summary = kubernetesSummary(facts);
  assert.equal(summary?.pods.length, 1, 'what runs without a restart is not listed');
  assert.match(
    kubernetesLines({ kubernetes: summary } as Report).join('\n'),
    /Pod of etcd on cp-1: 3.restarts; last end: OOMKilled \(exit code 137\) at 2026-01-02T03:00:00\.000Z/,
  );
});
