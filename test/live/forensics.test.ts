import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EtcdPort } from '../../collector/ports/etcd.js';
import { createFilesPort } from '../../collector/ports/files.js';
import type { HttpPort } from '../../collector/ports/http.js';
import type { NetPort } from '../../collector/ports/net.js';
import type { MemberTarget, ProbeContext } from '../../collector/probe.js';
import { localProbes } from '../../collector/probes/local.js';
import {
  type DatadirDbArtifact,
  type DatadirSnapArtifact,
  type DatadirWalArtifact,
  type SchemaTypes,
  validate,
} from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import type { Cluster } from '../lab/cluster/cluster-types.js';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { ensureEtcd } from '../support/etcd-binaries.js';
import { run } from '../support/run.js';
import { collect, line, tempDir } from './harness.js';

/** Values and names that must not come out of any file. */
const CANARY = 'CANARY-b7f3';

interface Truth {
  readonly memberId: string;
  readonly clusterId: string;
  readonly revision: string;
  readonly raftTerm: string;
  readonly raftIndex: string;
}

const hex = (id: string): string => BigInt(id).toString(16).padStart(16, '0');

const truthOf = async (cluster: Cluster): Promise<Truth> => {
  const client = await cluster.member(0).client();
  try {
    const status = (await client.call('Status', {})) as unknown as {
      header: { clusterId: string; memberId: string; revision: string };
      raftTerm: string;
      raftIndex: string;
    };
    const { clusterId, memberId, revision } = status.header;
    return {
      memberId: hex(memberId),
      clusterId: hex(clusterId),
      revision,
      raftTerm: status.raftTerm,
      raftIndex: status.raftIndex,
    };
  } finally {
    client.close();
  }
};

const nowhere = new Proxy({}, { get: () => assert.fail('files only') });

const read = async <K extends 'datadir-wal' | 'datadir-snap' | 'datadir-db'>(
  kind: K,
  dataDir: string,
  pid = 0,
): Promise<SchemaTypes[K]> => {
  const probe = localProbes.find((candidate) => candidate.kind === kind);
  assert.ok(probe !== undefined && probe.scope === 'member');
  const target: MemberTarget = {
    kind: 'member',
    id: 'a',
    endpoint: '127.0.0.1:1',
    tls: false,
    clientUrls: [],
    peerUrls: [],
    isLearner: false,
    discoveredBy: 'flag',
    httpUrls: [],
    local: { pid, startTicks: '0', executable: '', settings: {}, dataDir, matchedBy: 'test' },
  };
  const context: ProbeContext<MemberTarget> = {
    target,
    signal: AbortSignal.timeout(120_000),
    timeoutMs: 120_000,
    etcd: nowhere as EtcdPort,
    http: nowhere as HttpPort,
    net: nowhere as NetPort,
    files: createFilesPort(),
    now: Date.now,
    monotonic: () => performance.now(),
    shared: { members: [] },
    logs: { sinceMs: 0, maxBytes: 0, headBytes: 0 },
  };
  const { parts } = await probe.run(context);
  const content: unknown = parts[0]?.content;
  const checked = validate(kind, content);
  assert.ok(checked.ok, JSON.stringify(checked));
  assert.ok(!JSON.stringify(content).includes(CANARY), `${kind} holds what it must not`);
  return content as SchemaTypes[K];
};

const patch = (path: string, offset: number, bytes: Buffer): void => {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
};

const flip = (path: string, offset: number): void => {
  const descriptor = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, offset);
  closeSync(descriptor);
  patch(path, offset, Buffer.from([(byte[0] as number) ^ 0x40]));
};

describe(`data dir of etcd ${line}`, { timeout: 240_000 }, () => {
  let cluster: Cluster;
  let truth: Truth;
  let dataDir = '';
  let walDir = '';
  let snapDir = '';
  let keysKept = 0;

  before(async () => {
    cluster = await startCluster({ version: line, size: 1, flags: ['--snapshot-count=100', '--max-wals=0'] });
    ({ dataDir } = cluster.member(0));
    walDir = join(dataDir, 'member', 'wal');
    snapDir = join(dataDir, 'member', 'snap');
    const client = await cluster.member(0).client();
    const put = (key: string, size: number) =>
      client.call('Put', { key: Buffer.from(`${CANARY}-${key}`), value: Buffer.alloc(size, CANARY) });
    for (let n = 0; n < 3000; n += 50)
      await Promise.all(Array.from({ length: 50 }, (_, k) => put(`${(n + k) % 700}`, 50 + ((n + k) % 40) * 100)));
    client.close();
    await cluster.etcdctl(['user', 'add', `${CANARY}-user:${CANARY}-password`]);
    await cluster.etcdctl(['del', `${CANARY}-1`]);
    await cluster.etcdctl(['compact', '500']);
    await cluster.etcdctl(['defrag']);
    await cluster.etcdctl(['member', 'add', 'ghost', '--learner', '--peer-urls=http://127.0.0.1:1']);
    truth = await truthOf(cluster);
  });
  after(() => cluster.dispose());

  it('is read beside the running member, under load, without harm', async () => {
    const client = await cluster.member(0).client();
    let going = true;
    let puts = 0;
    const load = (async () => {
      while (going) {
        await client.call('Put', {
          key: Buffer.from(`${CANARY}-load-${puts % 100}`),
          value: Buffer.alloc(3000, CANARY),
        });
        puts += 1;
      }
    })();
    try {
      const { pid } = cluster.member(0);
      for (let round = 0; round < 3; round += 1) {
        const [wal, snap, db] = await Promise.all([
          read('datadir-wal', dataDir, pid),
          read('datadir-snap', dataDir, pid),
          read('datadir-db', dataDir, pid),
        ]);
        assert.ok(['intact', 'in-flight'].includes(wal.chain), JSON.stringify(wal.problems));
        assert.deepEqual([wal.metadata?.nodeId, wal.metadata?.clusterId], [truth.memberId, truth.clusterId]);
        assert.ok(BigInt(wal.lastEntry?.index ?? 0) >= BigInt(truth.raftIndex));
        assert.equal(wal.hardState?.term, truth.raftTerm);
        assert.ok(snap.snapshots.every(({ problem }) => problem === undefined));
        assert.ok(wal.inUse && snap.inUse && db.inUse);
        if (db.consistency.state === 'still') {
          assert.ok(BigInt(db.highestRevision?.main ?? 0) >= BigInt(truth.revision));
          assert.deepEqual(db.members.map(({ id }) => id).includes(truth.memberId), true);
        }
        if (db.consistency.pages === 'still') assert.equal(db.problemCount, 0, JSON.stringify(db.problems));
      }
      const before = puts;
      while (puts < before + 5) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      going = false;
      await load;
      client.close();
    }
    truth = await truthOf(cluster);
  });

  it('is known to be in use by its lock, when no process is named', async () => {
    assert.equal((await read('datadir-db', dataDir)).inUse, true);
  });

  it('stopped: agrees with what the member said just before', async () => {
    // The commit of the last batch.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await cluster.member(0).stop('SIGKILL');
    const wal = await read('datadir-wal', dataDir);
    assert.equal(wal.chain, 'intact', JSON.stringify(wal.problems));
    assert.deepEqual([wal.inUse, wal.coverage.complete, wal.sequenceGaps, wal.entryGaps], [false, true, [], []]);
    assert.deepEqual(wal.metadata, { nodeId: truth.memberId, clusterId: truth.clusterId });
    assert.equal(wal.lastEntry?.index, truth.raftIndex);
    assert.deepEqual(
      [wal.lastEntry?.term, wal.hardState?.term, wal.hardState?.vote],
      [truth.raftTerm, truth.raftTerm, truth.memberId],
    );
    assert.ok(BigInt(truth.raftIndex) - BigInt(wal.hardState?.commit ?? 0) <= 1n, wal.hardState?.commit);
    assert.deepEqual(
      wal.confChanges.map(({ type }) => type),
      ['add-node', 'add-learner'],
    );

    const snap = await read('datadir-snap', dataDir);
    assert.ok(snap.snapshots.length >= 1);
    for (const { problem, index, term, confState } of snap.snapshots) {
      assert.equal(problem, undefined);
      assert.ok(
        wal.snapshots.some((record) => record.index === index && record.term === term),
        `${index} is in the WAL`,
      );
      assert.equal(confState?.voters[0], truth.memberId);
    }
    assert.ok(snap.snapshots[0]?.membership?.members.some(({ id }) => id === truth.memberId) === true);

    const db = await read('datadir-db', dataDir);
    assert.deepEqual(
      [db.inUse, db.coverage.complete, db.truncated, db.problemCount, db.malformed],
      [false, true, false, 0, []],
    );
    assert.deepEqual([db.consistency, db.unknownBuckets], [{ state: 'still', pages: 'still' }, 0]);
    assert.equal(db.highestRevision?.main, truth.revision);
    assert.deepEqual([db.finishedCompactRevision, db.scheduledCompactRevision], ['500', '500']);
    const applied = BigInt(db.consistentIndex ?? 0);
    assert.ok(applied <= BigInt(truth.raftIndex) && BigInt(truth.raftIndex) - applied <= 2n, db.consistentIndex);
    assert.deepEqual(db.members.map(({ id }) => id).includes(truth.memberId), true);
    assert.deepEqual([db.members.length, db.members.filter(({ isLearner }) => isLearner === true).length], [2, 1]);
    assert.deepEqual([db.auth?.users, db.auth?.enabled ?? false], ['1', false]);
    if (line !== '3.4') {
      assert.equal(db.term, truth.raftTerm);
      assert.equal(db.confState?.voters[0], truth.memberId);
      assert.equal(db.confState?.learners.length, 1);
    }
    if (line === '3.6' || line === '3.7') assert.match(db.storageVersion ?? '', /^3\.[67]\.0$/);
    const key = db.buckets.find(({ name }) => name === 'key');
    assert.ok(key?.complete === true && key.leafPagesRead === key.leafPages && key.depth >= 2);
    keysKept = Number(key.keys);
  });

  it('stopped: agrees with etcdutl', async (t) => {
    const { etcdutl } = await ensureEtcd('3.5').catch(() => ({ etcdutl: undefined }));
    if (etcdutl === undefined) return t.skip('no etcdutl 3.5');
    const copy = copyOf(t, dataDir);
    const said = await run(etcdutl, ['snapshot', 'status', join(copy, 'member', 'snap', 'db'), '-w', 'json'], {
      timeoutMs: 30_000,
    });
    const status = JSON.parse(said.stdout) as { revision: number; totalKey: number };
    const db = await read('datadir-db', copy);
    assert.equal(db.highestRevision?.main, String(status.revision));
    // 3.5 counts the keys of all buckets.
    assert.equal(
      db.buckets.reduce((sum, { keys }) => sum + Number(keys), 0),
      status.totalKey,
    );
    assert.ok(keysKept > 0 && keysKept < status.totalKey);
  });

  it('leaves the files as they were', async () => {
    const files = [...readdirSync(walDir).map((name) => join(walDir, name)), join(snapDir, 'db')];
    const print = () =>
      files.map((path) => [path, statSync(path).mtimeMs, statSync(path).atimeMs, statSync(path).size]);
    const before = print();
    await read('datadir-wal', dataDir);
    await read('datadir-db', dataDir);
    assert.deepEqual(print(), before);
  });

  const copyOf = (t: TestContext, from: string): string => {
    const to = join(tempDir(t), 'data');
    // The next segment, still empty, is as large as all others.
    cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.tmp') });
    return to;
  };
  const lastSegment = (wal: DatadirWalArtifact): DatadirWalArtifact['segments'][number] => {
    const segment = wal.segments.at(-1);
    assert.ok(segment !== undefined);
    return segment;
  };

  it('a flipped byte in the WAL is found where it is, and etcd refuses it, too', async (t) => {
    const copy = copyOf(t, dataDir);
    const whole = lastSegment(await read('datadir-wal', copy));
    const path = join(copy, 'member', 'wal', whole.name);
    const at = Math.floor(Number(whole.dataEnd) / 2);
    flip(path, at);
    const wal = await read('datadir-wal', copy);
    assert.equal(wal.chain, 'broken');
    const [problem] = wal.problems;
    assert.ok(problem !== undefined && problem.class === 'corruption');
    assert.ok(Number(problem.offset) <= at && Number(problem.offset) > at - 6000, problem.offset);
    assert.ok(BigInt(wal.lastEntry?.index ?? 0) < BigInt(truth.raftIndex));
    const segment = lastSegment(wal);
    if (problem.kind === 'crc-mismatch') assert.equal(segment.beyond?.lastEntry?.index, truth.raftIndex);
    const { leads, log } = await starts(copy);
    assert.equal(leads, false);
    assert.match(log, /crc mismatch|[Uu]nmarshal|wal: /);
  });

  it('a torn end of the WAL is torn, and etcd repairs it', async (t) => {
    const copy = copyOf(t, dataDir);
    const whole = lastSegment(await read('datadir-wal', copy));
    const path = join(copy, 'member', 'wal', whole.name);
    truncateSync(path, Number(whole.dataEnd) - 5);
    const wal = await read('datadir-wal', copy);
    assert.deepEqual(
      [wal.chain, wal.problems[0]?.kind, wal.problems[0]?.class],
      ['torn-tail', 'frame-beyond-file', 'torn-tail'],
    );
    const { leads, log } = await starts(copy);
    assert.ok(leads, log);
    assert.ok(readdirSync(join(copy, 'member', 'wal')).some((name) => name.endsWith('.broken')));
  });

  it('a flipped byte in a snapshot file', async (t) => {
    const copy = copyOf(t, dataDir);
    const name = (await read('datadir-snap', copy)).snapshots[0]?.name ?? '';
    flip(join(copy, 'member', 'snap', name), 40);
    const snap: DatadirSnapArtifact = await read('datadir-snap', copy);
    assert.equal(snap.snapshots[0]?.problem?.kind, 'crc-mismatch');
    assert.equal(snap.snapshots[1]?.problem, undefined);
  });

  it('a database cut short, without a meta page, or with a page of zeros', async (t) => {
    const copy = copyOf(t, dataDir);
    const path = join(copy, 'member', 'snap', 'db');
    const original = join(dataDir, 'member', 'snap', 'db');
    const sound: DatadirDbArtifact = await read('datadir-db', copy);
    const inForce = sound.inForce ?? 0;

    patch(path, inForce * sound.pageSize, Buffer.alloc(sound.pageSize));
    const older = await read('datadir-db', copy);
    assert.deepEqual([older.inForce, older.metas[inForce]?.valid], [1 - inForce, false]);
    patch(path, (1 - inForce) * sound.pageSize, Buffer.alloc(sound.pageSize));
    const none = await read('datadir-db', copy);
    assert.deepEqual(
      [none.inForce, none.metas.map(({ valid }) => valid), none.buckets],
      [undefined, [false, false], []],
    );

    copyFileSync(original, path);
    const highWater = Number(sound.metas[inForce]?.highWater);
    truncateSync(path, Math.floor((highWater * sound.pageSize) / 2));
    const short = await read('datadir-db', copy);
    assert.equal(short.truncated, true);
    assert.ok(short.problemCount > 0 || short.buckets.length === 0);

    copyFileSync(original, path);
    const root = Number(sound.buckets.find(({ name }) => name === 'key')?.rootPage);
    patch(path, root * sound.pageSize, Buffer.alloc(sound.pageSize));
    const headless = await read('datadir-db', copy);
    assert.deepEqual(
      headless.problems.map(({ kind, page, bucket }) => [kind, page, bucket]),
      [['wrong-id', String(root), 'key']],
    );
    assert.equal(headless.consistentIndex, sound.consistentIndex, 'the small buckets are whole');
  });

  it('an empty data dir is empty, and files of nonsense are told', async (t) => {
    const dir = join(tempDir(t), 'data');
    mkdirSync(join(dir, 'member', 'wal'), { recursive: true });
    const self = fileURLToPath(import.meta.url);
    copyFileSync(self, join(dir, 'member', 'wal', '0000000000000000-0000000000000000.wal'));
    assert.equal(
      (await read('datadir-wal', dir)).chain,
      'torn-tail',
      'text is read as an absurd length, as etcd reads it',
    );
    mkdirSync(join(dir, 'member', 'snap'));
    copyFileSync(self, join(dir, 'member', 'snap', 'db'));
    assert.equal((await read('datadir-db', dir)).inForce, undefined);
  });

  it('is in the bundle of a dead member, and none of its contents', async (t) => {
    const got = await collect(t, cluster, ['--rounds', '1', '--timeout', '30s', '--data-dir', dataDir]);
    for (const kind of ['datadir-wal', 'datadir-snap', 'datadir-db']) {
      const item = got.manifest.items.find((candidate) => candidate.kind === kind);
      assert.equal(item?.state, 'ok', JSON.stringify(item));
      for (const path of item.paths) assert.ok(!got.read(path).includes(CANARY), path);
    }
  });

  /** Whether this line of etcd starts on a data dir, as its log has it. */
  const starts = async (dir: string): Promise<{ readonly leads: boolean; readonly log: string }> => {
    const { name, peerUrl } = cluster.member(0);
    const [client, peer] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')].map(
      (port) => `http://127.0.0.1:${port}`,
    );
    const args = [
      `--name=${name}`,
      `--data-dir=${dir}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=${name}=${peerUrl}`,
    ];
    // 3.4 writes another log by default. etcd takes ETCD_ variables for flags.
    const child = spawn(cluster.binaries.etcd, [...args, '--logger=zap'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '' },
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    let log = '';
    const leads = new Promise<boolean>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
        if (/became leader at term/.test(log)) resolve(true);
      });
    });
    try {
      return { leads: await Promise.race([leads, closed.then(() => false)]), log: log.slice(-3000) };
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  };
});

test(`a WAL of two segments of etcd ${line} is one chain`, { timeout: 180_000 }, async (t) => {
  const cluster = await startCluster({ version: line, size: 1, flags: ['--snapshot-count=1000'] });
  t.after(() => cluster.dispose());
  const client = await cluster.member(0).client();
  // A segment is cut at 64 MB.
  for (let n = 0; n < 50; n += 1)
    await client.call('Put', { key: Buffer.from(`${CANARY}-large`), value: Buffer.alloc(1_400_000, CANARY) }, 30_000);
  client.close();
  const truth = await truthOf(cluster);
  const { dataDir, pid } = cluster.member(0);
  const live = await read('datadir-wal', dataDir, pid);
  assert.deepEqual(
    live.segments.map(({ state }) => state),
    ['not-read', 'read'],
    'of a running member the newest',
  );
  assert.equal(live.lastEntry?.index, truth.raftIndex);
  assert.ok(BigInt(live.coverage.bytesRead) < 66_000_000n);
  await cluster.member(0).stop('SIGKILL');
  const wal = await read('datadir-wal', dataDir);
  assert.deepEqual([wal.segments.length, wal.chain, wal.coverage.complete], [2, 'intact', true]);
  assert.equal(wal.segments[1]?.seedCrc, wal.segments[0]?.finalCrc);
  assert.equal(wal.segments[1]?.startIndex, String(BigInt(wal.segments[0]?.lastEntry?.index ?? 0) + 1n));
  assert.deepEqual([wal.firstEntry?.index, wal.lastEntry?.index], ['1', truth.raftIndex]);
});
