import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { DatadirDbArtifact, Report } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import type { Cluster, Member } from '../lab/cluster/cluster-types.js';
import { flip, overwrite } from '../lab/faults/integrity/support/flip.js';
import { tear } from '../lab/faults/integrity/torn-wal.js';
import { HEAD, newestSegment } from '../lab/faults/integrity/support/wal-file.js';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { analyseAll, brief, type Collected, collect, line, tempDir } from './harness.js';

type Section = NonNullable<Report['copies']>;

const hostPort = ({ clientUrl }: Member): string => clientUrl.replace(/^https?:\/\//, '');

/** Collected on the nodes of members that do not run, with the data dir named for each. */
const collectDirs = (t: TestContext, cluster: Cluster, dirs: ReadonlyMap<Member, string>): Promise<Collected> =>
  collect(
    t,
    cluster,
    [
      ...['--rounds', '1', '--window', '1s', '--timeout', '20s'],
      ...[...dirs].flatMap(([member, dir]) => ['--data-dir', `${hostPort(member)}=${dir}`]),
    ],
    { endpoints: [...dirs.keys()].map(({ clientUrl }) => clientUrl) },
  );

const sectionOf = (report: Report): Section => {
  assert.ok(report.copies !== undefined, brief(report));
  return report.copies;
};

const rowOf = (section: Section, { id }: Member): Section['rows'][number] => {
  const row = section.rows.find(({ member }) => member.id === id);
  assert.ok(row !== undefined, JSON.stringify(section.rows.map(({ member }) => member)));
  return row;
};

/** Rules that say something about a member. */
const saidOf = (report: Report, { id }: Member): string[] => {
  const { causes, risks, notices } = report.diagnosis;
  const about = (subjects: readonly { readonly id: string }[]): boolean => subjects.some((each) => each.id === id);
  return [...causes, ...risks, ...notices].flatMap(({ rule, subjects, explains }) => [
    ...(about(subjects) ? [rule] : []),
    ...explains.filter((each) => about(each.subjects)).map((each) => each.rule),
  ]);
};

/** What a collection says of the files of a member that was read under its endpoint. */
const databaseOf = (got: Collected | undefined, member: Member): DatadirDbArtifact => {
  assert.ok(got !== undefined);
  const item = got.manifest.items.find(
    (each) => each.kind === 'datadir-db' && each.target.id.endsWith(hostPort(member).replace(/:/, '_')),
  );
  assert.ok(item?.paths[0] !== undefined, `${member.name}: ${item?.state} ${item?.message}`);
  return JSON.parse(got.read(item.paths[0])) as DatadirDbArtifact;
};

/** Lets a member go on alone on a copy of its data, as somebody does in a hurry. */
const forceNewCluster = async (cluster: Cluster, member: Member, dir: string): Promise<void> => {
  const [client, peer] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')].map(
    (port) => `http://127.0.0.1:${port}`,
  );
  const args = [
    ...[`--name=${member.name}`, `--data-dir=${dir}`, '--force-new-cluster', '--logger=zap'],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${member.name}=${peer}`,
    ],
  ];
  const child = spawn(cluster.binaries.etcd, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '' },
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  let log = '';
  const serves = new Promise<boolean>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
      if (/published local member to cluster/.test(log)) resolve(true);
    });
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const went = await Promise.race([serves, closed.then(() => false)]);
  clearTimeout(late);
  // The next commit of the database, with the new membership.
  await new Promise((resolve) => setTimeout(resolve, 500));
  child.kill('SIGKILL');
  await closed;
  assert.ok(went, log.slice(-2000));
};

test(`copies of a dead cluster of etcd ${line}: ranked, judged, and the decision holds when it is followed`, {
  timeout: 240_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3, flags: ['--snapshot-count=100'] });
  t.after(() => cluster.dispose());
  const m1 = await cluster.leader();
  const [m2, m3] = cluster.members.filter((member) => member !== m1);
  assert.ok(m2 !== undefined && m3 !== undefined);
  const client = await m1.client();
  let acknowledged = 0;
  const put = async (n: number) => {
    await client.call('Put', { key: Buffer.from('last'), value: Buffer.from(String(n)) }, 20_000);
    acknowledged = Math.max(acknowledged, n);
  };
  const puts = async (from: number, count: number) => {
    for (let n = from; n < from + count; n += 25) {
      const batch = () => Promise.all(Array.from({ length: 25 }, (_, k) => put(n + k)));
      // A busy machine may elect another leader meanwhile.
      await batch().catch(batch);
    }
  };
  await puts(1, 300);
  const kept = tempDir(t);
  const copyTo = (name: string, member: Member): string => {
    const to = join(kept, name);
    cpSync(member.dataDir, to, { recursive: true, filter: (path) => !path.endsWith('.tmp') });
    return to;
  };
  await m2.stop('SIGKILL');
  const old = copyTo('old-m2', m2);
  await puts(301, 100);
  await m2.start();
  await cluster.waitHealthy();
  const alive = await collect(t, cluster, ['--rounds', '1', '--window', '1s']);
  assert.equal(sectionOf((await analyseAll([alive.bundle])).report).decision, 'not-needed');

  // The members die one after the other, under load.
  let going = true;
  const load = (async () => {
    for (let n = 401; going; n += 1) await put(n).catch(() => new Promise((resolve) => setTimeout(resolve, 20)));
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await m3.stop('SIGKILL');
  const then = acknowledged;
  while (acknowledged < then + 5) await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all([m1.stop('SIGKILL'), m2.stop('SIGKILL')]);
  going = false;
  await load;
  client.close();

  /** What was collected on each node. */
  const nodes = new Map<Member, Collected>();
  await t.test('one bundle per node: three sound copies, the oldest last, and a quorum to start', async () => {
    for (const member of [m1, m2, m3])
      nodes.set(member, await collectDirs(t, cluster, new Map([[member, member.dataDir]])));
    const bundles = [...nodes.values()].map(({ bundle }) => bundle);
    const { report } = await analyseAll(bundles);
    const section = sectionOf(report);
    assert.equal(section.decision, 'start', JSON.stringify([section.text, section.rows.map((row) => row.reasons)]));
    assert.deepEqual(
      section.rows.map(({ usable, inUse, standing }) => [usable, inUse, standing]),
      Array(3).fill([true, false, 'current']),
      JSON.stringify(section.rows, null, 1),
    );
    assert.equal(section.rows.at(-1)?.member.id, m3.id);
    assert.deepEqual([...section.rows.map(({ member }) => member.name)].sort(), ['m1', 'm2', 'm3']);
    const [first, second] = section.rows;
    assert.ok(BigInt(first?.lastEntry?.index ?? 0) >= BigInt(second?.lastEntry?.index ?? 0));
    const { atLeast, atMost } = rowOf(section, m3).lossEntries ?? {};
    assert.ok(BigInt(atLeast ?? 0) > 0n && BigInt(atMost ?? 0) >= BigInt(atLeast ?? 0), `${atLeast} ${atMost}`);
    assert.deepEqual([report.verdict.recovery.justified, report.cluster.voters], [false, 3]);
    assert.ok(report.actions.every(({ tag }) => tag !== 'destructive'));
    // A node that was not looked at is asked for, and nothing is decided without it.
    const alone = sectionOf((await analyseAll(bundles.slice(2))).report);
    assert.equal(alone.decision, 'cannot-tell');
    assert.equal(alone.nextEvidence.filter(({ command }) => command?.includes('--data-dir')).length, 2);
  });

  await t.test('a torn log, a damaged log, a damaged database: one is left, no quorum', async () => {
    const dirs = new Map([m1, m2, m3].map((member) => [member, copyTo(`damaged-${member.name}`, member)]));
    const dir = (member: Member): string => dirs.get(member) as string;
    await tear({ name: m1.name, dataDir: dir(m1) });
    const damaged = newestSegment({ name: m2.name, dataDir: dir(m2) });
    // In the middle of what a client wrote, not of what etcd put around it.
    const record = damaged.records
      .slice(Math.floor(damaged.records.length / 2))
      .find(({ dataBytes }) => dataBytes > 40);
    assert.ok(record !== undefined);
    await flip(damaged.path, record.offset + HEAD + Math.floor(record.dataBytes / 2), 2);
    const { pageSize, buckets } = databaseOf(nodes.get(m3), m3);
    const root = Number(buckets.find(({ name }) => name === 'key')?.rootPage);
    await overwrite(join(dir(m3), 'member', 'snap', 'db'), root * pageSize, Buffer.alloc(pageSize));
    const { report } = await analyseAll([(await collectDirs(t, cluster, dirs)).bundle]);
    const section = sectionOf(report);
    assert.deepEqual(
      [m1, m2, m3].map((member) => rowOf(section, member).state),
      ['repairable', 'damaged', 'damaged'],
    );
    assert.equal(section.decision, 'restore', section.text);
    assert.ok(section.text.includes(`copy of ${m1.name}`), section.text);
    // What stands behind the damage in the log of m2 still proves what was committed.
    const { commit, beyond } = rowOf(section, m2);
    assert.ok(BigInt(beyond?.index ?? 0) > BigInt(commit ?? 0));
    assert.ok(BigInt(section.newestCommit?.index ?? 0) > BigInt(commit ?? 0));
    assert.ok(saidOf(report, m2).includes('wal-corrupt-crc'), brief(report));
    assert.ok(saidOf(report, m3).includes('bbolt-corruption'), brief(report));
    assert.ok(saidOf(report, m1).includes('wal-torn-tail'), brief(report));
    assert.ok(!saidOf(report, m1).includes('wal-corrupt-crc') && !saidOf(report, m3).includes('wal-corrupt-crc'));
    assert.equal(report.verdict.kind, 'intervene-now', brief(report));
    assert.equal(report.verdict.recovery.justified, true);
  });

  await t.test('set back, gone on alone, and one with a damaged snapshot', async () => {
    const alone = copyTo('alone-m3', m3);
    await forceNewCluster(cluster, m3, alone);
    const first = copyTo('snap-m1', m1);
    const snaps = readdirSync(join(first, 'member', 'snap')).filter((name) => name.endsWith('.snap'));
    await flip(join(first, 'member', 'snap', snaps.sort().at(-1) as string), 40, 1);
    const dirs = new Map([
      [m1, first],
      [m2, old],
      [m3, alone],
    ]);
    const { bundle } = await collectDirs(t, cluster, dirs);
    // While it ran the member had said how far it was.
    const { report } = await analyseAll([alive.bundle, bundle]);
    const section = sectionOf(report);
    const stopped = section.rows.filter(({ inUse }) => inUse !== true);
    const standing = ({ id }: Member) => stopped.filter(({ member }) => member.id === id).map((row) => row.standing);
    assert.deepEqual([standing(m1), standing(m2), standing(m3)], [['current'], ['superseded'], ['detached']]);
    const alike = sectionOf((await analyseAll([bundle])).report);
    assert.equal(rowOf(alike, m3).standing, 'detached');
    assert.equal(rowOf(alike, m1).state, 'repairable');
    assert.ok(saidOf((await analyseAll([bundle])).report, m1).includes('snap-file-corrupt'));
  });

  // What the report said to do.
  await m1.start();
  await m2.start();
  await cluster.waitHealthy(30_000, [m1.index, m2.index]);
  const again = await m1.client();
  const { kvs } = (await again.call('Range', { key: Buffer.from('last') })) as unknown as { kvs: { value: Buffer }[] };
  again.close();
  assert.ok(Number(kvs[0]?.value.toString()) >= acknowledged, `${kvs[0]?.value.toString()} of ${acknowledged}`);
});
