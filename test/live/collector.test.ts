import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { ensureEtcd } from '../support/etcd-binaries.js';
import { killAll, pause } from '../lab/faults/index.js';
import { labDir, openLab } from '../lab/cluster/lab.js';
import { startProgram } from '../lab/cluster/member-process.js';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { onPath } from '../support/tools.js';
import { collect, itemsOf, line, tempDir } from './harness.js';

test('a hung local member that is the only seed: its process, settings, data dir and log are there; foreign ones are not', {
  timeout: 120_000,
}, async (t) => {
  const foreign = await startCluster({ version: line, size: 1 });
  t.after(() => foreign.dispose());
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  await Promise.all([0, 1, 2].map((index) => pause(cluster, index)));
  const victim = cluster.member(0);
  const got = await collect(t, cluster, ['--rounds', '1'], { endpoints: [victim.clientUrl] });
  assert.equal(got.code, 4, got.stderr);
  const members = got.manifest.targets.filter(({ kind }) => kind === 'member');
  assert.deepEqual(
    members.map(({ name, reachable }) => [name, reachable]),
    [[victim.name, false]],
  );
  const items = itemsOf(got.manifest, members[0]?.id ?? '');
  const stateOf = (kind: string) => items.find((item) => item.kind === kind)?.state;
  for (const kind of ['process', 'server-config', 'datadir-listing', 'server-log', 'server-limits'])
    assert.equal(stateOf(kind), 'ok', kind);
  const silent = items.filter(({ kind }) => ['endpoint-status', 'metrics', 'health', 'livez', 'readyz'].includes(kind));
  assert.equal(silent.length, 5);
  for (const { id, state, reason } of silent) {
    assert.equal(state, 'timeout', id);
    // The full backlog of a stopped listener may drop the later connections.
    assert.ok(['not-answering', 'target-unreachable', 'connection-timeout'].includes(reason ?? ''), `${id}: ${reason}`);
  }
  assert.ok(!got.stderr.includes('none of these members'), 'foreign processes are no news');
});

test('all members dead, with log and data dir named by flags: both are in the bundle', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const { clientUrl, dataDir, logFile } = cluster.member(0);
  await killAll(cluster);
  const got = await collect(t, cluster, ['--rounds', '1', '--data-dir', dataDir, '--log', logFile], {
    endpoints: [clientUrl],
  });
  assert.equal(got.code, 4, got.stderr);
  for (const kind of ['datadir-listing', 'server-log']) {
    const item = got.manifest.items.find((candidate) => candidate.kind === kind);
    assert.equal(item?.state, 'ok', JSON.stringify(item));
  }
});

test('a member that listens on ::1 only', { timeout: 120_000 }, async (t) => {
  const port = await freePort('::1').catch(() => undefined);
  if (port === undefined) {
    t.skip('no IPv6 loopback here');
    return;
  }
  const { etcd } = await ensureEtcd(line);
  const lab = openLab();
  t.after(() => lab.end());
  const dir = labDir(lab, 'm6');
  const peer = `http://[::1]:${await freePort('::1')}`;
  const client = `http://[::1]:${port}`;
  const urls = ['listen', 'advertise'].map((way) => `--${way}-client-urls=${client}`);
  const peers = [`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=m6=${peer}`];
  startProgram(lab, [etcd, '--name=m6', `--data-dir=${join(dir, 'data')}`, ...urls, ...peers], {
    logFile: join(dir, 'log'),
    env: { PATH: process.env.PATH ?? '' },
  });
  const cluster = { tls: undefined, auth: undefined, endpoints: () => [`[::1]:${port}`] };
  const up = async () => (await fetch(`${client}/health`).then((answer) => answer.ok)) === true;
  for (let tries = 0; !(await up().catch(() => false)); tries += 1) {
    assert.ok(tries < 200, 'the member did not come up');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const got = await collect(t, cluster as unknown as Parameters<typeof collect>[1], ['--rounds', '1']);
  assert.equal(got.code, 0, got.stderr);
  const member = got.manifest.targets.find(({ kind }) => kind === 'member');
  assert.deepEqual([member?.name, member?.endpoint, member?.reachable], ['m6', `[::1]:${port}`, true]);
  assert.ok(member?.host !== undefined, 'matched to its local process');
});

test('without rights over the processes of etcd: denied items that say what is missing, and a bundle', {
  timeout: 120_000,
}, async (t) => {
  if (process.getuid?.() !== 0 || onPath('setpriv') === undefined) {
    t.skip('needs root and setpriv to become another user');
    return;
  }
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const dir = tempDir(t);
  chmodSync(dir, 0o755);
  const out = join(dir, 'out');
  mkdirSync(out);
  chmodSync(out, 0o777);
  const args = [
    '--endpoints',
    cluster.endpoints().join(','),
    '--rounds',
    '1',
    '--redact',
    'secrets-only',
    '-o',
    `${out}/`,
  ];
  const main = join(packageRoot, 'dist', 'collector', 'main.js');
  const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, main];
  const probe = spawnSync('setpriv', [...as, '--version'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    t.skip('another user cannot read this working copy');
    return;
  }
  const ran = spawnSync('setpriv', [...as, ...args], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(ran.status, 3, ran.stderr);
  const [name = ''] = readdirSync(out);
  const manifest = spawnSync('tar', ['xzOf', join(out, name), '--wildcards', '*/manifest.json'], { encoding: 'utf8' });
  const { items } = JSON.parse(manifest.stdout) as {
    items: { kind: string; state: string; reason?: string; permission?: string }[];
  };
  for (const kind of ['datadir-listing', 'server-log']) {
    const item = items.find((candidate) => candidate.kind === kind);
    assert.deepEqual([item?.state, item?.reason], ['denied', 'file-access'], kind);
    assert.match(item?.permission ?? '', /root|read access/);
  }
  assert.equal(items.find(({ kind }) => kind === 'endpoint-status')?.state, 'ok');
});
