import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createKubernetesPort } from '../../../../collector/ports/kubernetes.js';
import { type ClusterTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import apiserverHealth from '../../../../collector/probes/cluster/apiserver-health.js';
import apiserverMetrics from '../../../../collector/probes/cluster/apiserver-metrics.js';
import kubeEvents from '../../../../collector/probes/cluster/kube-events.js';
import kubeLeases from '../../../../collector/probes/cluster/kube-leases.js';
import kubeNodes from '../../../../collector/probes/cluster/kube-nodes.js';
import kubePods from '../../../../collector/probes/cluster/kube-pods.js';
import { allKubernetesProbes, kubernetesProbes } from '../../../../collector/probes/kubernetes.js';
import { packageRoot, type SchemaName, validate } from '../../../../schemas/index.js';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

type Reply = string | object | number;

/** An API server that answers by path (the query is left out); a number is a status without a body. */
const apiServer = async (replies: Readonly<Record<string, Reply | ((url: URL) => Reply)>>) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://apiserver');
    asked.push(`${request.method} ${url.pathname}${decodeURIComponent(url.search)}`);
    const found = replies[url.pathname] ?? 404;
    const reply = typeof found === 'function' ? found(url) : found;
    if (typeof reply === 'number') response.writeHead(reply);
    response.end(typeof reply === 'number' ? '' : typeof reply === 'string' ? reply : JSON.stringify(reply));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

type AnyKubernetesProbe = (typeof allKubernetesProbes)[number];

const run = async (probe: AnyKubernetesProbe, server: string) => {
  const port = createKubernetesPort({
    server,
    from: 'flag',
    identity: 'anonymous',
    material: { insecureSkipTlsVerify: false },
  });
  const context = {
    target: { kind: 'cluster', id: 'cluster', members: [] },
    signal: AbortSignal.timeout(3000),
    timeoutMs: 2000,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    monotonic: () => performance.now(),
    shared: { members: [] },
    kubernetes: port,
  } as unknown as ProbeContext<ClusterTarget>;
  try {
    const result = await probe.run(context);
    for (const { content } of result.parts) {
      const checked = validate(probe.kind as SchemaName, content);
      assert.ok(checked.ok, checked.ok ? '' : checked.errors.join('; '));
    }
    return { ...result, content: result.parts[0]?.content as unknown as Record<string, unknown> };
  } finally {
    port.close();
  }
};

const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it should fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProbeError, String(error));
  return `${error.state} ${error.reason}`;
};

const list = (...items: readonly object[]) => ({ kind: 'List', metadata: {}, items });
const secret = { env: [{ name: 'PASSWORD', value: 'canary' }], command: ['etcd', '--canary'] };

const pod = (name: string, more: object = {}) => ({
  metadata: { name, namespace: 'kube-system', annotations: { canary: 'canary' }, labels: { canary: 'canary' } },
  spec: {
    nodeName: 'cp-1',
    containers: [{ name: 'etcd', ...secret }],
    volumes: [{ secret: { secretName: 'canary' } }],
  },
  status: {
    phase: 'Running',
    hostIP: '10.0.0.1',
    startTime: '2026-01-01T00:00:00Z',
    conditions: [{ type: 'Ready', status: 'False', message: 'canary' }],
    containerStatuses: [
      {
        name: 'etcd',
        image: 'canary.example/team/etcd:3.5.21-0',
        imageID: 'canary.example/team/etcd@sha256:0',
        ready: false,
        restartCount: 7,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'canary' } },
        lastState: {
          terminated: { reason: 'Error', exitCode: 2, finishedAt: '2026-01-02T03:00:00Z', message: 'canary' },
        },
      },
    ],
    ...more,
  },
});

describe('probes of the API server', () => {
  test('metrics: filtered while they come, with how much was read', async () => {
    const { url } = await apiServer({
      '/metrics': `${'canary_total{x="y"} 1\n'.repeat(50_000)}apiserver_storage_objects{resource="pods"} 4\n`,
    });
    const { state, content } = await run(apiserverMetrics, url);
    assert.equal(state, 'ok');
    assert.deepEqual(content['families'], [
      { name: 'apiserver_storage_objects', type: 'gauge', series: [{ labels: { resource: 'pods' }, value: 4 }] },
    ]);
    assert.ok(Number(content['bytesRead']) > 1_000_000);
  });

  test('metrics: something else than an API server is no answer', async () => {
    const { url } = await apiServer({ '/metrics': 'up 1\n' });
    assert.equal(await failure(run(apiserverMetrics, url)), 'failed malformed-answer');
    const { url: silent } = await apiServer({ '/metrics': 503 });
    assert.equal(await failure(run(apiserverMetrics, silent)), 'failed http-status');
  });

  test('health: failing checks are evidence, and a part that is refused does not hide the rest', async () => {
    const { url } = await apiServer({
      '/readyz': '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n',
      '/livez': 403,
      '/version': { gitVersion: 'v1.33.5', goVersion: 'canary' },
    });
    const { state, reason, content } = await run(apiserverHealth, url);
    assert.deepEqual([state, reason, content['version']], ['partial', 'permission-denied', 'v1.33.5']);
    const [readyz] = content['probes'] as { checks: object[] }[];
    assert.deepEqual(readyz?.checks, [
      { name: 'ping', ok: true },
      { name: 'etcd', ok: false, reason: 'reason withheld' },
    ]);
  });

  test('pods: restarts and last end, and nothing of command, environment, volumes, registry', async () => {
    const { url, asked } = await apiServer({
      '/api/v1/namespaces/kube-system/pods': list(pod('etcd-cp-1'), pod('etcd-operator-x'), pod('coredns-1')),
    });
    const { content } = await run(kubePods, url);
    assert.doesNotMatch(JSON.stringify(content), /canary/);
    assert.deepEqual(content['pods'], [
      {
        component: 'etcd',
        namespace: 'kube-system',
        name: 'etcd-cp-1',
        node: 'cp-1',
        phase: 'Running',
        ready: false,
        startedAt: '2026-01-01T00:00:00.000Z',
        containers: [
          {
            name: 'etcd',
            imageTag: '3.5.21-0',
            ready: false,
            restarts: 7,
            state: { kind: 'waiting', reason: 'CrashLoopBackOff' },
            lastState: { kind: 'terminated', reason: 'Error', exitCode: 2, finishedAt: '2026-01-02T03:00:00.000Z' },
          },
        ],
      },
    ]);
    assert.equal(asked.length, 1, 'the places of OpenShift are not asked as well');
    assert.match(asked[0] ?? '', /resourceVersion=0/);
  });

  test('pods: those of OpenShift lie elsewhere; none at all is an empty answer', async () => {
    const { url } = await apiServer({
      '/api/v1/namespaces/kube-system/pods': list(),
      '/api/v1/namespaces/openshift-etcd/pods': list(pod('etcd-master-0')),
      '/api/v1/namespaces/openshift-kube-apiserver/pods': list(pod('kube-apiserver-master-0')),
    });
    const { content } = await run(kubePods, url);
    assert.equal((content['pods'] as object[]).length, 2);
    const { url: managed } = await apiServer({
      '/api/v1/namespaces/kube-system/pods': list(),
      '/api/v1/namespaces/openshift-etcd/pods': list(),
      '/api/v1/namespaces/openshift-kube-apiserver/pods': list(),
    });
    assert.equal((await run(kubePods, managed)).state, 'empty');
  });

  test('nodes: conditions without their messages, taints of others only by number', async () => {
    const { url } = await apiServer({
      '/api/v1/nodes': (url) =>
        url.searchParams.get('labelSelector') === 'node-role.kubernetes.io/master'
          ? list({
              metadata: { name: 'cp-1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { canary: 'canary' } },
              spec: {
                taints: [
                  { key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' },
                  { key: 'canary.example/team', effect: 'NoExecute' },
                ],
                providerID: 'canary',
              },
              status: {
                nodeInfo: { kubeletVersion: 'v1.24.17', machineID: 'canary' },
                addresses: [{ address: 'canary' }],
                conditions: [
                  { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message: 'canary' },
                ],
              },
            })
          : list(),
    });
    const { content } = await run(kubeNodes, url);
    assert.doesNotMatch(JSON.stringify(content), /canary/);
    const [node] = content['nodes'] as Record<string, unknown>[];
    assert.deepEqual(node?.['taints'], ['node-role.kubernetes.io/master:NoSchedule']);
    assert.equal(node?.['otherTaints'], 1);
    assert.deepEqual(node?.['conditions'], [
      { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure' },
    ]);
  });

  test('events: of these pods alone, newest first, page by page, and bounded', async () => {
    const event = (name: string, last: string) => ({
      involvedObject: { kind: 'Pod', namespace: 'kube-system', name },
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'x'.repeat(1000),
      count: 3,
      lastTimestamp: last,
      source: { host: 'canary' },
    });
    let page = 0;
    const { url, asked } = await apiServer({
      '/api/v1/namespaces/kube-system/events': () => {
        page += 1;
        return {
          metadata: { continue: 'next' },
          items: [event('coredns-1', '2026-01-02T00:00:00Z'), event('etcd-cp-1', `2026-01-02T00:0${page}:00Z`)],
        };
      },
    });
    const { state, reason, content } = await run(kubeEvents, url);
    assert.deepEqual([state, reason, content['complete']], ['partial', 'size-cap', false]);
    const events = content['events'] as { last: string; message: string }[];
    assert.deepEqual(
      events.map(({ last }) => last.slice(11, 16)),
      ['00:04', '00:03', '00:02', '00:01'],
    );
    assert.equal(events[0]?.message.length, 300);
    assert.doesNotMatch(JSON.stringify(content), /canary|coredns/);
    assert.ok(asked.every((line) => !line.includes('resourceVersion')));
  });

  test('leases: of the control plane alone; the identity of a holder loses its uuid', async () => {
    const { url } = await apiServer({
      '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases': list(
        {
          metadata: { name: 'kube-scheduler' },
          spec: {
            holderIdentity: 'cp-1_0c4a1f0e-7d3f-4d0b-9e6a-3b9f3c1d2e4f',
            leaseTransitions: 12,
            leaseDurationSeconds: 15,
            renewTime: '2026-01-02T03:04:04.123456Z',
          },
        },
        {
          metadata: { name: 'apiserver-abc', labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver' } },
          spec: { holderIdentity: 'apiserver-canary' },
        },
        { metadata: { name: 'canary' }, spec: {} },
      ),
    });
    const { content } = await run(kubeLeases, url);
    assert.doesNotMatch(JSON.stringify(content), /canary/);
    assert.deepEqual(content['leases'], [
      {
        name: 'kube-scheduler',
        holder: 'cp-1',
        transitions: 12,
        durationSeconds: 15,
        renewedAt: '2026-01-02T03:04:04.123Z',
      },
      { name: 'apiserver' },
    ]);
    assert.match(String(content['serverTime']), /Z$/);
  });

  test('what a kube-apiserver 1.33.5 answers', async () => {
    // Of a real one on etcd 3.5, with a node, a pod and an event as test/live/kubernetes-apiserver.test.ts makes them.
    const file = join(packageRoot, 'test/collector/probes/cluster/kube-apiserver-1.33.json');
    const { url } = await apiServer(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Reply>);
    const health = await run(apiserverHealth, url);
    assert.deepEqual([health.state, health.content['version']], ['ok', 'v1.33.5']);
    const [readyz] = health.content['probes'] as { checks: { name: string; ok: boolean }[] }[];
    assert.equal(readyz?.checks.find(({ name }) => name === 'etcd-readiness')?.ok, true);
    assert.equal(readyz?.checks.length, 34);
    const [pod] = (await run(kubePods, url)).content['pods'] as { node: string; containers: { restarts: number }[] }[];
    assert.deepEqual([pod?.node, pod?.containers[0]?.restarts], ['cp-zebra-1', 4]);
    const [node] = (await run(kubeNodes, url)).content['nodes'] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(node ?? {}), ['name', 'createdAt', 'unschedulable', 'conditions', 'taints']);
    const [event] = (await run(kubeEvents, url)).content['events'] as { count: number; last: string }[];
    assert.deepEqual([event?.count, event?.last], [5, '2026-01-01T00:00:00.000Z']);
    const [lease] = (await run(kubeLeases, url)).content['leases'] as Record<string, unknown>[];
    assert.deepEqual(Object.keys(lease ?? {}), ['name', 'durationSeconds', 'renewedAt']);
  });

  test('what is no list of objects is refused', async () => {
    const { url } = await apiServer({ '/api/v1/nodes': '<html>' });
    assert.equal(await failure(run(kubeNodes, url)), 'failed malformed-answer');
    const { url: large } = await apiServer({ '/api/v1/nodes': `"${'x'.repeat(9_000_000)}"` });
    assert.equal(await failure(run(kubeNodes, large)), 'failed too-large');
  });

  test('without a kubeconfig every probe is planned as not applicable, with --no-kubernetes none is', () => {
    const planned = kubernetesProbes({ none: 'no kubeconfig was named' });
    assert.equal(planned.length, allKubernetesProbes.length);
    for (const probe of planned)
      assert.deepEqual((probe as unknown as { appliesTo?: () => unknown }).appliesTo?.(), {
        reason: 'no-kubeconfig',
        message: 'no kubeconfig was named',
      });
    assert.deepEqual(kubernetesProbes(undefined), []);
  });
});
