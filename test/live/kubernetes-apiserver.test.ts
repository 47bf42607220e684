/** A whole kube-apiserver with RBAC on a real etcd; only where it was built (see test/support/kube-binaries.ts). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  type KubeEventsArtifact,
  type KubeNodesArtifact,
  type KubePodsArtifact,
  packageRoot,
} from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { type KubeApiServer, startKubeApiServer } from '../support/kube-apiserver.js';
import { findKube } from '../support/kube-binaries.js';
import { createAuthority } from '../support/pki.js';
import { analyse, brief, collect, line, tempDir } from './harness.js';

/** A control-plane node and its pods, as kubelet and kubeadm would have made them, with a secret beside them. */
const populate = async ({ call }: KubeApiServer): Promise<void> => {
  await call('POST', '/api/v1/nodes', {
    metadata: { name: 'cp-zebra-1', labels: { 'node-role.kubernetes.io/control-plane': '' } },
    spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
  });
  await call('PATCH', '/api/v1/nodes/cp-zebra-1/status', {
    status: {
      conditions: [
        { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
      ],
    },
  });
  for (const component of ['etcd', 'kube-apiserver']) {
    const name = `${component}-cp-zebra-1`;
    await call('POST', '/api/v1/namespaces/kube-system/pods', {
      metadata: { name, labels: { component, tier: 'control-plane' } },
      spec: {
        nodeName: 'cp-zebra-1',
        containers: [
          { name: component, image: `zebra.example/${component}:v1`, env: [{ name: 'PASSWORD', value: 'pod-canary' }] },
        ],
      },
    });
    await call('PATCH', `/api/v1/namespaces/kube-system/pods/${name}/status`, {
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: component,
            image: `zebra.example/${component}:v1`,
            imageID: '',
            ready: true,
            restartCount: 4,
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:00Z' } },
          },
        ],
      },
    });
  }
  await call('POST', '/api/v1/namespaces/kube-system/events', {
    metadata: { name: 'etcd-cp-zebra-1.17' },
    involvedObject: { kind: 'Pod', namespace: 'kube-system', name: 'etcd-cp-zebra-1' },
    type: 'Warning',
    reason: 'Unhealthy',
    message: 'Liveness probe failed on cp-zebra-1',
    count: 5,
    lastTimestamp: '2026-01-01T00:00:00Z',
  });
  await call('POST', '/api/v1/namespaces/kube-system/secrets', {
    metadata: { name: 'zebra' },
    stringData: { password: 'secret-canary' },
  });
};

/** Whether this API server takes the manifests of `deploy/` as they are: nothing is stored, and a field that it does not know is refused. */
const tryManifests = async ({ call }: KubeApiServer): Promise<void> => {
  const places = {
    'daemonset/daemonset.yaml': '/apis/apps/v1/namespaces/kube-system/daemonsets',
    'job/job.yaml': '/apis/batch/v1/namespaces/kube-system/jobs',
  };
  for (const [file, place] of Object.entries(places)) {
    const manifest = parse(readFileSync(join(packageRoot, 'deploy', 'kubernetes', file), 'utf8')) as object;
    const query = '?dryRun=All&fieldValidation=Strict';
    await call('POST', `${place}${query}`, manifest);
    const spoilt = { ...manifest, spec: { ...(manifest as { spec: object }).spec, noSuchField: true } };
    await assert.rejects(call('POST', `${place}${query}`, spoilt), /noSuchField/);
  }
};

test('an administrator gets all of it, a user without rights what everybody may read; GETs alone', {
  timeout: 240_000,
}, async (t) => {
  const found = await findKube('kube-apiserver');
  if ('missing' in found) return t.skip(found.missing);
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const dir = tempDir(t);
  const ca = await createAuthority(dir);
  const [etcd = ''] = cluster.endpoints();
  const server = await startKubeApiServer(found.path, { etcd, ca, dir });
  t.after(() => server.stop());
  await populate(server);
  await tryManifests(server);

  const got = await collect(t, cluster, ['--kubeconfig', server.admin, '--redact', 'standard', '--no-map']);
  const states = (manifest: typeof got.manifest) =>
    manifest.items
      .filter(({ kind }) => /^(kube-|apiserver-)/.test(kind))
      .map(({ kind, round, state, reason }) =>
        [kind, ...(round === undefined ? [] : [round]), state, ...(reason === undefined ? [] : [reason])].join(' '),
      );
  assert.deepEqual(states(got.manifest), [
    'apiserver-metrics 0 ok',
    'apiserver-metrics 2 ok',
    'apiserver-health ok',
    'kube-pods ok',
    'kube-nodes ok',
    'kube-leases ok',
    'kube-events ok',
  ]);
  const read = <T>(kind: string): T => JSON.parse(got.read(`kubernetes/${kind}.json`)) as T;
  const { pods } = read<KubePodsArtifact>('kube-pods');
  const { nodes } = read<KubeNodesArtifact>('kube-nodes');
  const { events } = read<KubeEventsArtifact>('kube-events');
  assert.deepEqual(
    pods.map(({ component, containers }) => [component, containers[0]?.restarts, containers[0]?.lastState?.reason]),
    [
      ['etcd', 4, 'OOMKilled'],
      ['kube-apiserver', 4, 'OOMKilled'],
    ],
  );
  assert.deepEqual([nodes[0]?.conditions[0]?.type, events[0]?.reason, events[0]?.count], ['Ready', 'Unhealthy', 5]);
  assert.equal(pods[0]?.node, nodes[0]?.name, 'tokens of one series');
  const everything = got.paths
    .filter((path) => /\.[a-z]+$/.test(path))
    .map((path) => got.read(path))
    .join('\n');
  for (const canary of ['zebra', 'secret-canary', 'pod-canary']) assert.ok(!everything.includes(canary), canary);

  const { report } = await analyse(got.bundle);
  const [view] = report.kubernetes?.apiServers ?? [];
  assert.equal(view?.version, 'v1.33.5', brief(report));
  assert.ok((view?.requests ?? 0) > 0 && (view?.requestP99?.count ?? 0) > 0, JSON.stringify(view));
  assert.equal(report.kubernetes?.pods.length, 2);
  assert.ok((report.kubernetes?.objects ?? []).some(({ name }) => name.endsWith('rbac.authorization.k8s.io')));

  const few = await collect(t, cluster, ['--kubeconfig', server.nobody, '--rounds', '1']);
  assert.equal(few.code, 3, few.stderr);
  assert.deepEqual(states(few.manifest), [
    'apiserver-metrics 0 denied permission-denied',
    'apiserver-health ok',
    'kube-pods denied permission-denied',
    'kube-nodes denied permission-denied',
    'kube-leases denied permission-denied',
    'kube-events denied permission-denied',
  ]);
  assert.ok(
    !few.paths.filter((path) => /\.[a-z]+$/.test(path)).some((path) => few.read(path).includes('nobody-canary')),
  );

  const asked = (await server.audit()).filter(({ user }) => user === 'kubernetes-super-admin' || user === 'nobody');
  assert.ok(asked.length > 10);
  assert.deepEqual([...new Set(asked.map(({ verb }) => verb))].sort(), ['get', 'list']);
  assert.ok(!asked.some(({ uri }) => /secret|configmap|watch/.test(uri)));
});
