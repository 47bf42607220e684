/** The API server's view of etcd, with the storage layer of Kubernetes itself on a real etcd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../lab/cluster/cluster.js';
import { findKube } from '../support/kube-binaries.js';
import { startKubeStorage } from '../support/kube-storage.js';
import { createAuthority, issueCertificate } from '../support/pki.js';
import { analyse, brief, collect, line, tempDir } from './harness.js';
import type { ApiserverHealthArtifact, ApiserverMetricsArtifact } from '../../schemas/index.js';

test('metrics and checks of a real storage layer, healthy and with etcd paused', { timeout: 120_000 }, async (t) => {
  const found = await findKube('kube-storage');
  if ('missing' in found) return t.skip(found.missing);
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const dir = tempDir(t);
  const ca = await createAuthority(dir);
  const server = await issueCertificate(ca, { name: 'apiserver', hosts: ['127.0.0.1'] });
  const [etcd = ''] = cluster.endpoints();
  const storage = await startKubeStorage(found.path, { etcd, ca: ca.cert, server, dir, objects: 40 });
  t.after(() => storage.stop());

  const got = await collect(t, cluster, ['--kubeconfig', storage.kubeconfig, '--redact', 'standard', '--no-map']);
  const of = (kind: string) => got.manifest.items.filter((item) => item.kind === kind);
  // What this server does not have is unsupported, which is no gap.
  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(
    of('apiserver-metrics').map(({ state, round }) => [state, round]),
    [
      ['ok', 0],
      ['ok', 2],
    ],
  );
  assert.equal(of('kube-pods')[0]?.state, 'unsupported');
  const health = JSON.parse(got.read('kubernetes/apiserver-health.json')) as ApiserverHealthArtifact;
  assert.deepEqual(
    health.probes.map(({ statusCode, checks }) => [statusCode, checks.map(({ name, ok }) => `${name} ${ok}`)]),
    [
      [200, ['ping true', 'etcd true', 'etcd-readiness true']],
      [200, ['ping true', 'etcd true']],
    ],
  );
  const scrape = JSON.parse(got.read('kubernetes/apiserver-metrics-2.json')) as ApiserverMetricsArtifact;
  const family = (name: string) => scrape.families.find((each) => each.name === name)?.series ?? [];
  assert.ok(family('etcd_request_duration_seconds').some(({ labels }) => labels['operation'] === 'get'));
  assert.deepEqual(family('apiserver_storage_objects'), [{ labels: { resource: 'pods' }, value: 40 }]);
  assert.ok((family('apiserver_storage_size_bytes')[0]?.value ?? 0) > 0);
  const everything = got.paths.filter((path) => /\.[a-z]+$/.test(path)).map((path) => got.read(path));
  assert.ok(!everything.some((text) => text.includes(storage.token)), 'the token is nowhere in the bundle');
  assert.deepEqual(storage.refused(), [], 'nothing but GET');

  const { report } = await analyse(got.bundle);
  const [view] = report.kubernetes?.apiServers ?? [];
  assert.equal(view?.failed, 0, brief(report));
  assert.ok((view?.requests ?? 0) > 100 && view?.basis === 'window', JSON.stringify(view));
  assert.ok((view?.requestP99?.count ?? 0) > 100);
  assert.deepEqual(report.kubernetes?.objects, [{ name: 'pods', count: 40, share: 1 }]);

  await cluster.member(0).stop('SIGSTOP');
  const paused = await collect(t, cluster, ['--kubeconfig', storage.kubeconfig, '--rounds', '2', '--window', '3s']);
  const failing = JSON.parse(paused.read('kubernetes/apiserver-health.json')) as ApiserverHealthArtifact;
  const checks = failing.probes.find(({ path }) => path.startsWith('/readyz'))?.checks ?? [];
  assert.equal(checks.find(({ name }) => name === 'etcd')?.ok, false, JSON.stringify(failing));
  const about = (await analyse(paused.bundle)).report.kubernetes?.apiServers[0];
  assert.ok(about?.failing.includes('etcd (/readyz)'), JSON.stringify(about));
});
