import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterOptions, startCluster } from '../lab/cluster/cluster.js';
import { putLoad } from '../lab/faults/index.js';
import { metricSum } from '../support/metrics.js';
import { analyse, assertHealthy, brief, collect, line } from './harness.js';

const ways: readonly (readonly [string, ClusterOptions])[] = [
  ['plain', {}],
  ['mutual TLS', { tls: 'mtls' }],
  ['password authentication', { auth: { user: 'root', password: 'pw-canary-7c1e' } }],
];

for (const [name, options] of ways) {
  test(`a loaded healthy cluster, ${name}: verdict healthy, nothing alarmed`, { timeout: 120_000 }, async (t) => {
    const cluster = await startCluster({ version: line, size: 3, ...options });
    t.after(() => cluster.dispose());
    const load = await putLoad(cluster, { clients: 2, valueBytes: 1024, seconds: 60, rate: 40 });
    const got = await collect(t, cluster);
    await load.stop();
    assert.equal(got.code, 0, got.stderr);
    const { code, report } = await analyse(got.bundle);
    if (!assertHealthy(t, report, got.machine)) return;
    assert.equal(code, 0, brief(report));
    assert.equal(report.cluster.hasQuorum, true);
    assert.equal(report.members.length, 3);
    for (const member of cluster.members) {
      const row = report.members.find((candidate) => candidate.name === member.name);
      assert.equal(row?.id, member.id, 'the id survives from the wire to the report');
      assert.equal(row?.version, member.version);
      assert.equal(row?.health, 'ok', brief(report));
    }
    assert.ok(!JSON.stringify(got.manifest).includes('pw-canary'), 'no password in the manifest');
    for (const path of got.paths.filter((candidate) => /\.(json|jsonl|prom|txt|log)$/.test(candidate))) {
      assert.ok(!got.read(path).includes('pw-canary'), `no password in ${path}`);
    }
  });
}

test('the collector only reads: few requests, none that writes, revision unchanged', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  await cluster.etcdctl(['put', 'before', 'x']);
  const counts = async (): Promise<Map<string, number>> => {
    const sums = new Map<string, number>();
    for (const member of cluster.members) {
      for (const sample of await member.metrics()) {
        if (sample.name !== 'grpc_server_started_total') continue;
        const method = `${sample.labels.grpc_service}/${sample.labels.grpc_method}`;
        sums.set(`${member.name} ${method}`, sample.value);
      }
    }
    return sums;
  };
  const revision = async (): Promise<number> =>
    Math.max(
      ...(await Promise.all(
        cluster.members.map(async (member) =>
          metricSum(await member.metrics(), 'etcd_debugging_mvcc_current_revision'),
        ),
      )),
    );
  const before = await counts();
  const revisionBefore = await revision();
  const got = await collect(t, cluster);
  assert.equal(got.code, 0, got.stderr);
  const after = await counts();
  assert.equal(await revision(), revisionBefore, 'the store revision did not move');
  const reads = new Set([
    'etcdserverpb.Maintenance/Status',
    'etcdserverpb.Maintenance/HashKV',
    'etcdserverpb.Maintenance/Alarm',
    'etcdserverpb.Cluster/MemberList',
    'etcdserverpb.KV/Range',
  ]);
  const perMember = new Map<string, number>();
  for (const [key, value] of after) {
    const grown = value - (before.get(key) ?? 0);
    if (grown === 0) continue;
    const [member = '', method = ''] = key.split(' ');
    assert.ok(reads.has(method), `${method} was called ${grown} times on ${member}`);
    perMember.set(member, (perMember.get(member) ?? 0) + grown);
  }
  assert.equal(perMember.size, 3, 'every member was asked');
  // Three rounds and what is asked once: 25 requests each at most, HTTP ones counted by the collector itself.
  for (const [member, grown] of perMember) assert.ok(grown <= 4 * 25, `${member}: ${grown} RPCs`);
  for (const [member, rounds] of Object.entries(got.manifest.used.requests)) {
    for (const [round, count] of Object.entries(rounds))
      assert.ok(count <= 25, `${member} round ${round}: ${count} requests`);
  }
  assert.ok(Object.keys(got.manifest.used.requests).length >= 3);
});
