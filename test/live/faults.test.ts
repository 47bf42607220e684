import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../lab/cluster/cluster.js';
import { cpuStarve, diverge, netDelay, netLoss, nospace, partition, putLoad, slowFsync } from '../lab/faults/index.js';
import { netnsObstacle } from '../lab/cluster/netns.js';
import { analyse, assertCause, brief, collect, line, orSkip } from './harness.js';

test('NOSPACE alarm by a small quota: found, urgent, with its kind', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, flags: [`--quota-backend-bytes=${16 * 1024 * 1024}`] });
  t.after(() => cluster.dispose());
  await nospace(cluster, { maxBytes: 64 * 1024 * 1024 });
  const got = await collect(t, cluster);
  const { code, report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['quota-nospace-live-data', 'quota-nospace-no-compaction']);
  assert.equal(report.verdict.kind, 'intervene-now', brief(report));
  assert.equal(code, 3);
});

test('slow WAL sync on the leader: a disk fault of that member', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const leader = await cluster.leader();
  const load = await putLoad(cluster, { clients: 4, valueBytes: 1024, seconds: 60, rate: 60 });
  const fault = await orSkip(t, () => slowFsync(cluster, leader.index, { ms: 120 }));
  if (fault === undefined) return;
  const got = await collect(t, cluster);
  await fault.undo();
  await load.stop();
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['disk-slow-device'], leader.name);
  assert.equal(report.verdict.kind, 'investigate', brief(report));
});

test('CPU quota starves the leader: not taken for a disk fault', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const leader = await cluster.leader();
  const load = await putLoad(cluster, { clients: 4, valueBytes: 1024, seconds: 60, rate: 60 });
  const fault = await orSkip(t, () => cpuStarve(cluster, leader.index, { pct: 4 }));
  if (fault === undefined) return;
  const got = await collect(t, cluster);
  await fault.undo();
  await load.stop();
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['cpu-cgroup-throttling'], leader.name);
  assert.ok(!report.diagnosis.causes.some((cause) => cause.rule.startsWith('disk-')), brief(report));
});

test('delay between one member and the others: a network fault', { timeout: 180_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, peerProxy: true });
  t.after(() => cluster.dispose());
  const leader = await cluster.leader();
  const load = await putLoad(cluster, { clients: 4, valueBytes: 1024, seconds: 100, rate: 60 });
  const fault = await orSkip(t, () => netDelay(cluster, leader.index, { ms: 60, jitterMs: 5 }));
  if (fault === undefined) return;
  // The members observe their round trips only every 30 s.
  const got = await collect(t, cluster, ['--window', '40s']);
  await fault.undo();
  await load.stop();
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['peer-rtt-high'], leader.name);
});

test('packet loss on one link: a network fault of that member', { timeout: 180_000 }, async (t) => {
  const obstacle = netnsObstacle();
  if (obstacle !== undefined) return t.skip(obstacle);
  const cluster = await startCluster({ version: line, size: 3, netns: true });
  t.after(() => cluster.dispose());
  const leader = await cluster.leader();
  const load = await putLoad(cluster, { clients: 4, valueBytes: 1024, seconds: 100, rate: 60 });
  const fault = await orSkip(t, () => netLoss(cluster, leader.index, { pct: 15 }));
  if (fault === undefined) return;
  // Loss is chance: a window may show too little of it. Of two collections under the same fault one must name it first.
  let got = await collect(t, cluster, ['--window', '30s']);
  let { report } = await analyse(got.bundle);
  if (report.diagnosis.causes[0]?.rule !== 'peer-packet-loss') {
    t.diagnostic(`first collection:\n${brief(report)}`);
    got = await collect(t, cluster, ['--window', '30s']);
    report = (await analyse(got.bundle)).report;
  }
  await fault.undo();
  await load.stop();
  assertCause(report, got.machine, ['peer-packet-loss'], leader.name);
});

test('a follower cut off from its peers: partition of that member', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, peerProxy: true });
  t.after(() => cluster.dispose());
  const leader = await cluster.leader();
  const victim = cluster.members.find((member) => member.index !== leader.index);
  assert.ok(victim !== undefined);
  const load = await putLoad(cluster, { clients: 2, valueBytes: 1024, seconds: 60, rate: 20 });
  const fault = await orSkip(t, () => partition(cluster, victim.index));
  if (fault === undefined) return;
  const got = await collect(t, cluster);
  await fault.undo();
  await load.stop();
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['member-partitioned'], victim.name);
});

test('one member with different data: inconsistency, urgent, with the odd member', { timeout: 120_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  await diverge(cluster, 1);
  await cluster.waitHealthy();
  const got = await collect(t, cluster);
  const { report } = await analyse(got.bundle);
  assertCause(report, got.machine, ['data-inconsistency-between-members'], cluster.member(1).name);
  assert.equal(report.verdict.kind, 'intervene-now', brief(report));
});
