import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EtcdPort } from '../../../collector/ports/etcd.js';
import type { FilesPort } from '../../../collector/ports/files.js';
import type { HttpPort } from '../../../collector/ports/http.js';
import type { NetPort } from '../../../collector/ports/net.js';
import { type LocalMember, type MemberTarget, ProbeError, type ProbeResult } from '../../../collector/probe.js';
import { localProbes } from '../../../collector/probes/local.js';
import {
  type ArtifactKind,
  type DatadirDbArtifact,
  type DatadirSnapArtifact,
  type DatadirWalArtifact,
  validate,
} from '../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../fake-files.js';
import { nodeId, preallocated, walSegment } from '../forensics/wal-bytes.js';

const hostOf = (t: TestContext, denied: readonly string[] = []): FakeHost => {
  const host = fakeHost(denied);
  t.after(host.remove);
  return host;
};

const nowhere = new Proxy({}, { get: () => assert.fail('files only') });

const run = async (
  kind: 'datadir-wal' | 'datadir-snap' | 'datadir-db',
  files: FilesPort,
  over: Partial<LocalMember> = {},
  signal = AbortSignal.timeout(20_000),
): Promise<ProbeResult<ArtifactKind>> => {
  const probe = localProbes.find((candidate) => candidate.kind === kind);
  assert.ok(probe !== undefined && probe.scope === 'member');
  const local = { pid: 0, startTicks: '0', executable: '', settings: {}, dataDir: '/data', matchedBy: 'test', ...over };
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
    local,
  };
  const result = (await probe.run({
    target,
    signal,
    timeoutMs: 20_000,
    etcd: nowhere as EtcdPort,
    http: nowhere as HttpPort,
    net: nowhere as NetPort,
    files,
    now: Date.now,
    monotonic: () => performance.now(),
    shared: { members: [] },
    logs: { sinceMs: 0, maxBytes: 0, headBytes: 0 },
  })) as ProbeResult<ArtifactKind>;
  for (const { content } of result.parts) {
    const checked = validate(kind, content);
    assert.ok(checked.ok, JSON.stringify(checked));
  }
  return result;
};

const contentOf = <T>({ parts }: ProbeResult<ArtifactKind>): T => parts[0]?.content as unknown as T;

const names = ['0000000000000000-0000000000000000.wal', '0000000000000001-0000000000000003.wal'] as const;
const first = walSegment().entry(1, 1).entry(2, 1);
const second = walSegment(first.crc()).state(1, nodeId, 2).entry(3, 1);

const withWal = (host: FakeHost, dir: string): void => {
  host.put(`${dir}/${names[0]}`, first.bytes());
  host.put(`${dir}/${names[1]}`, preallocated(second.bytes(), 100_000));
  host.put(`${dir}/1.tmp`, '');
  host.put(`${dir}/${names[0]}.broken`, 'x');
};

test('a separate WAL dir is read in the place of the usual one', async (t) => {
  const host = hostOf(t);
  withWal(host, '/wal');
  const { state, source, ...result } = await run('datadir-wal', host.files, { walDir: '/wal' });
  const wal = contentOf<DatadirWalArtifact>({ state, source, ...result });
  assert.deepEqual([state, source, wal.dir, wal.chain], ['ok', '/wal', '/wal', 'intact']);
  assert.deepEqual(wal.files, { segments: 2, temporary: 1, broken: 1, other: 0 });
  assert.deepEqual([wal.firstEntry?.index, wal.lastEntry?.index, wal.hardState?.commit], ['1', '3', '2']);
});

test('a segment that may not be read is denied, and the others are read', async (t) => {
  const host = hostOf(t, [`/data/member/wal/${names[0]}`]);
  withWal(host, '/data/member/wal');
  const result = await run('datadir-wal', host.files);
  const wal = contentOf<DatadirWalArtifact>(result);
  assert.deepEqual([result.state, result.reason], ['partial', 'file-access']);
  assert.deepEqual(
    wal.segments.map(({ state }) => state),
    ['denied', 'read'],
  );
  assert.deepEqual([wal.coverage.complete, wal.lastEntry?.index, wal.chain], [false, '3', 'intact']);
});

test('a data dir that may not be read is denied, for each of its parts', async (t) => {
  const host = hostOf(t, ['/data']);
  for (const kind of ['datadir-wal', 'datadir-snap', 'datadir-db'] as const)
    await assert.rejects(
      run(kind, host.files),
      (error: unknown) =>
        error instanceof ProbeError && error.state === 'denied' && error.detail.permission !== undefined,
      kind,
    );
});

test('without a WAL, a snapshot directory or a database there is nothing to read', async (t) => {
  const host = hostOf(t);
  host.put('/data/other', '');
  for (const kind of ['datadir-wal', 'datadir-snap', 'datadir-db'] as const) {
    const { state, parts, message } = await run(kind, host.files);
    assert.deepEqual([state, parts.length], ['empty', 0], kind);
    assert.match(message ?? '', /there is no/);
  }
});

test('files that etcd removes while they are listed are no failure', async (t) => {
  const host = hostOf(t);
  withWal(host, '/data/member/wal');
  const files: FilesPort = {
    ...host.files,
    list: async (path, signal) => [...(await host.files.list(path, signal)), '0000000000000002-0000000000000009.wal'],
  };
  const result = await run('datadir-wal', files);
  assert.deepEqual([result.state, contentOf<DatadirWalArtifact>(result).segments.length], ['ok', 2]);
});

test('files that are none of etcd are told from those that are broken', async (t) => {
  const host = hostOf(t);
  host.put('/data/member/snap/0000000000000001-0000000000000005.snap', 'nonsense');
  host.put('/data/member/snap/0000000000000001-0000000000000004.snap.broken', '');
  host.put('/data/member/snap/0000000000000009.snap.db', 'nonsense');
  host.put('/data/member/snap/db.tmp.123', '');
  host.put('/data/member/snap/db', Buffer.alloc(20_000, 7));
  const snap = contentOf<DatadirSnapArtifact>(await run('datadir-snap', host.files));
  assert.deepEqual(snap.files, { snapshots: 1, broken: 1, databases: 1, temporary: 1, other: 0 });
  assert.deepEqual(
    snap.snapshots.map(({ setAside, problem }) => [setAside, problem?.kind]),
    [
      [false, 'malformed'],
      [true, 'empty'],
    ],
  );
  assert.deepEqual(snap.databases, [{ name: '0000000000000009.snap.db', size: '8', index: '9', readable: false }]);
  const db = contentOf<DatadirDbArtifact>(await run('datadir-db', host.files));
  assert.deepEqual([db.inForce, db.metas.map(({ problem }) => problem)], [undefined, ['magic', 'magic']]);
});

test('a read that never ends is over with the item', async (t) => {
  const host = hostOf(t);
  withWal(host, '/data/member/wal');
  const stop = new AbortController();
  const files: FilesPort = {
    ...host.files,
    open: async (path, signal) => {
      const file = await host.files.open(path, signal);
      const read = () =>
        new Promise<Buffer>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
      return { ...file, read };
    },
  };
  setTimeout(() => stop.abort(), 50);
  const result = await run('datadir-wal', files, {}, stop.signal);
  const wal = contentOf<DatadirWalArtifact>(result);
  assert.deepEqual([result.state, wal.chain, wal.coverage.complete], ['partial', 'not-read', false]);
});
