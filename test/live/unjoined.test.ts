import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TcpConnectArtifact } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { analyse, assertCause, brief, collect, type Collected, line } from './harness.js';

test('a member that never joined is one member: its log can be given by name, and its certificate is the cause', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({
    version: line,
    size: 3,
    tls: 'mtls',
    certificates: { 2: { peer: { expired: true } } },
    dontWaitFor: [2],
  });
  t.after(() => cluster.dispose());
  const lost = cluster.member(2);
  for (const how of [['--log', `m3=${lost.logFile}`], ['--no-local']]) {
    const got = await collect(t, cluster, how);
    assert.equal(got.code, 3, got.stderr);
    assert.ok(!/MaxListeners/.test(got.stderr), got.stderr);
    const members = got.manifest.targets.filter(({ kind }) => kind === 'member');
    assert.deepEqual(members.map(({ name }) => name).sort(), ['m1', 'm2', 'm3'], how.join(' '));
    const target = members.find(({ name }) => name === 'm3');
    assert.match(target?.id ?? '', /^[0-9a-f]{16}$/);
    assert.equal(target?.endpoint, lost.clientUrl.replace('https://', ''));
    const { report } = await analyse(got.bundle);
    assert.equal(report.members.length, 3);
    assertCause(report, got.machine, ['cert-expired'], 'm3');
    assert.ok(!report.diagnosis.causes.some(({ rule }) => rule === 'dead-member-in-list'), brief(report));
  }
});

const assertSchemeFault = async (got: Collected): Promise<void> => {
  assert.equal(got.code, 4, got.stderr);
  const asked = got.manifest.items.filter(({ kind }) => ['endpoint-status', 'metrics', 'clock-offset'].includes(kind));
  assert.ok(asked.length >= 9);
  assert.deepEqual([...new Set(asked.map(({ state, reason }) => `${state} ${reason}`))], ['unreachable tls-protocol']);
  const tcp = got.manifest.items.filter(({ kind }) => kind === 'tcp-connect');
  assert.equal(tcp.length, 3);
  for (const { paths } of tcp) {
    const { attempts } = JSON.parse(got.read(paths[0] as string)) as TcpConnectArtifact;
    assert.ok(attempts.length > 0 && attempts.every(({ ok }) => ok), 'TCP itself works');
  }
  const { report } = await analyse(got.bundle);
  assert.ok(!report.diagnosis.causes.some(({ rule }) => rule === 'dead-member-in-list'), brief(report));
  assert.notEqual(report.verdict.kind, 'intervene-now', brief(report));
};

test('https asked of a plain-text cluster is told apart from a dead one', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const endpoints = cluster.endpoints().map((url) => url.replace('http:', 'https:'));
  await assertSchemeFault(await collect(t, cluster, ['--no-local', '--insecure-skip-tls-verify'], { endpoints }));
});

test('http asked of a TLS cluster is told apart from a dead one', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, tls: 'mtls' });
  t.after(() => cluster.dispose());
  const endpoints = cluster.endpoints().map((url) => url.replace('https:', 'http:'));
  await assertSchemeFault(await collect(t, cluster, ['--no-local'], { endpoints, access: false }));
});
