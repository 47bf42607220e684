import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../lab/cluster/cluster.js';
import { kill, killAll, pause, putLoad } from '../lab/faults/index.js';
import { analyse, assertCause, brief, collect, itemsOf, line } from './harness.js';

const WINDOW_MS = 10_000;
const ITEM_TIMEOUT_MS = 5_000;
/** Start of Node and loading of the program on a busy two-core machine; the collector's own clock is checked apart. */
const START_MS = 2_500;

test('one member stopped with SIGSTOP: a bundle in time, the member timed out, the others whole, cause named', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const load = await putLoad(cluster, { clients: 1, valueBytes: 512, seconds: 60, rate: 20 });
  const leader = await cluster.leader();
  const victim = cluster.members.find((member) => member.index !== leader.index);
  assert.ok(victim !== undefined);
  await pause(cluster, victim.index);
  const others = cluster.members.filter((member) => member.index !== victim.index);
  const got = await collect(t, cluster);
  await load.stop();
  assert.equal(got.code, 3, got.stderr);
  assert.ok(
    got.manifest.times.elapsedMs <= WINDOW_MS + ITEM_TIMEOUT_MS + 2_000,
    `took ${got.manifest.times.elapsedMs} ms`,
  );
  assert.ok(got.elapsedMs <= WINDOW_MS + ITEM_TIMEOUT_MS + 2_000 + START_MS, `took ${got.elapsedMs} ms`);
  const network = itemsOf(got.manifest, victim.id).filter((item) =>
    ['endpoint-status', 'metrics', 'member-list', 'health'].includes(item.kind),
  );
  assert.ok(network.length > 0);
  for (const item of network)
    assert.ok(item.state === 'timeout' || item.state === 'unreachable', `${item.id}: ${item.state}`);
  assert.ok(
    network.some((item) => item.state === 'timeout'),
    'told apart as a time-out',
  );
  for (const member of others) {
    for (const item of itemsOf(got.manifest, member.id)) {
      // The packaged 3.4 is older than /livez and /readyz.
      if (line === '3.4' && (item.kind === 'livez' || item.kind === 'readyz') && item.state === 'unsupported') continue;
      assert.ok(
        ['ok', 'not-applicable', 'partial'].includes(item.state),
        `${member.name} ${item.id}: ${item.state} ${item.message ?? ''}`,
      );
    }
  }
  const planned = Object.values(got.manifest.completeness.states).reduce((sum, count) => sum + count, 0);
  assert.equal(planned, got.manifest.completeness.planned, 'planned = sum of states');
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['vm-pause-or-steal'], victim.name);
  // One of three: quorum holds, but nothing is to spare.
  assert.equal(report.verdict.kind, 'intervene-now', brief(report));
  assert.equal(report.cluster.hasQuorum, true);
});

test('one of three killed: the dead member is named, quorum holds', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const load = await putLoad(cluster, { clients: 1, valueBytes: 512, seconds: 60, rate: 20 });
  const leader = await cluster.leader();
  const victim = cluster.members.find((member) => member.index !== leader.index);
  assert.ok(victim !== undefined);
  await kill(cluster, victim.index);
  const got = await collect(t, cluster, [], { endpoints: [leader.clientUrl] });
  await load.stop();
  assert.equal(got.code, 3, got.stderr);
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['dead-member-in-list'], victim.name);
  assert.equal(report.verdict.kind, 'intervene-now', brief(report));
  assert.equal(report.cluster.hasQuorum, true, brief(report));
  assert.equal(report.members.find((member) => member.name === victim.name)?.health, 'unreachable');
});

test('two of three killed: intervene now, and the survivor still gives status, metrics and serializable reads', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const survivor = cluster.member(0);
  await killAll(cluster, [1, 2]);
  const got = await collect(t, cluster);
  assert.equal(got.code, 3, got.stderr);
  const ok = new Set(
    itemsOf(got.manifest, survivor.id)
      .filter((item) => item.state === 'ok' || item.state === 'partial')
      .map((item) => item.kind),
  );
  for (const kind of ['endpoint-status', 'metrics', 'read-latency', 'member-list'])
    assert.ok(ok.has(kind), `${kind} of the survivor`);
  const latency = JSON.parse(got.read(`members/${survivor.id}/read-latency.json`)) as {
    serializable: { ok: boolean }[];
    linearizable: { ok: boolean }[];
  };
  assert.ok(
    latency.serializable.some((attempt) => attempt.ok),
    'a serializable read works without quorum',
  );
  assert.ok(
    latency.linearizable.every((attempt) => !attempt.ok),
    'a linearizable read does not',
  );
  const { code, report } = await analyse(got.bundle);
  assert.equal(report.verdict.kind, 'intervene-now', brief(report));
  assert.equal(code, 3);
  assertCause(report, got.machine, ['quorum-lost']);
  assert.equal(report.cluster.hasQuorum, false);
});

test('all members dead: exit 4 and a bundle with what the vantage saw', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const endpoints = cluster.endpoints();
  await killAll(cluster);
  const got = await collect(t, cluster, [], { endpoints });
  assert.equal(got.code, 4, got.stderr);
  const tcp = got.manifest.items.filter((item) => item.kind === 'tcp-connect' && item.paths.length > 0);
  assert.equal(tcp.length >= 3, true, 'TCP evidence of every endpoint');
  const { report } = await analyse(got.bundle);
  assert.notEqual(report.verdict.kind, 'healthy', brief(report));
});

test('SIGINT in the middle: exit 130 and a partial bundle that can be analysed', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const got = await collect(t, cluster, ['--window', '30s'], { signalAfterMs: ['SIGINT', 6_000] });
  assert.equal(got.code, 130, got.stderr);
  assert.equal(got.manifest.endReason, 'signal');
  const { report } = await analyse(got.bundle);
  assert.equal(report.members.length, 3);
});
