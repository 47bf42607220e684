import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../lab/cluster/cluster.js';
import { createAuthority } from '../support/pki.js';
import { analyse, brief, collect, line, program, tempDir } from './harness.js';

test('wrong CA: told apart as a certificate problem of this vantage, bundle with the handshake', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, tls: 'mtls', metricsUrls: false });
  t.after(() => cluster.dispose());
  assert.ok(cluster.tls !== undefined);
  const other = await createAuthority(tempDir(t), 'other');
  const got = await collect(
    t,
    cluster,
    ['--cacert', other.cert, '--cert', cluster.tls.client.cert, '--key', cluster.tls.client.key, '--no-local'],
    { access: false },
  );
  assert.equal(got.code, 4, got.stderr);
  const handshakes = got.manifest.items.filter((item) => item.kind === 'tls-handshake' && item.paths.length > 0);
  assert.ok(handshakes.length >= 3);
  const shake = JSON.parse(got.read(handshakes[0]?.paths[0] as string)) as {
    authorized: boolean | null;
    chain: unknown[];
  };
  assert.equal(shake.authorized, false);
  assert.ok(shake.chain.length > 0, 'the presented chain is in the bundle');
  const refused = got.manifest.items.find((item) => item.kind === 'endpoint-status');
  assert.equal(refused?.reason, 'tls-untrusted', JSON.stringify(refused));
  const { report } = await analyse(got.bundle);
  assert.ok(
    report.diagnosis.causes.some((cause) => cause.rule === 'tls-untrusted-ca-or-client-cert') ||
      report.verdict.kind === 'inconclusive',
    brief(report),
  );
  assert.notEqual(report.verdict.kind, 'healthy');
});

test('wrong password: what needs no login is there, the rest is denied, the password is nowhere', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, auth: { user: 'root', password: 'right-canary-1' } });
  t.after(() => cluster.dispose());
  const dir = tempDir(t);
  const { writeFileSync } = await import('node:fs');
  const file = `${dir}/password`;
  writeFileSync(file, 'wrong-canary-2\n', { mode: 0o600 });
  const got = await collect(t, cluster, ['--user', 'root', '--password-file', file], { access: false });
  assert.equal(got.code, 3, got.stderr);
  const metrics = got.manifest.items.filter((item) => item.kind === 'metrics');
  assert.ok(
    metrics.every((item) => item.state === 'ok'),
    'metrics need no login',
  );
  const denied = got.manifest.items.filter((item) => item.kind === 'hashkv');
  assert.ok(
    denied.length === 3 && denied.every((item) => item.state === 'denied'),
    JSON.stringify(denied.map((item) => [item.state, item.reason])),
  );
  for (const path of got.paths.filter((candidate) => /\.(json|jsonl|prom|txt|log)$/.test(candidate))) {
    assert.ok(!/(wrong|right)-canary/.test(got.read(path)), `no password in ${path}`);
  }
  assert.ok(!/(wrong|right)-canary/.test(got.stderr + got.stdout), 'nor on the terminal');
});

test('a password as an argument is refused with help', async () => {
  const ran = await program('collector', ['--user', 'root:secret-canary', '--endpoints', '127.0.0.1:1']);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /password-file|ETCDCTL_PASSWORD/);
  assert.ok(!ran.stderr.includes('secret-canary'));
});
