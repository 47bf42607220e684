import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FileStat, FilesPort } from '../../../../collector/ports/files.js';
import type { AppendLimits, ScratchPort, SyncedAppends } from '../../../../collector/ports/scratch.js';
import { type HostTarget, type LocalMember, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import fsyncProbe, { summarise } from '../../../../collector/probes/host/fsync-probe.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';
import { fakeMember, fakeStatus, memberIds } from '../../fake-wiring.js';

const GIB = 1024n ** 3n;
const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});

const mount = (device: string, root: string, point: string, options = 'rw') =>
  `30 1 ${device} ${root} ${point} ${options},relatime - ext4 /dev/x rw`;

const local = (dataDir: string, more: Partial<LocalMember> = {}): LocalMember => ({
  pid: 0,
  startTicks: '0',
  executable: 'etcd',
  settings: {},
  dataDir,
  matchedBy: 'test',
  ...more,
});

interface World {
  readonly mounts?: readonly string[];
  /** Device number of each path, the longest prefix wins. */
  readonly devs?: Readonly<Record<string, bigint>>;
  readonly free?: bigint;
  readonly total?: bigint;
  readonly errors?: string[];
  readonly locals?: readonly LocalMember[];
  readonly run?: Partial<SyncedAppends>;
}

const probe = async (world: World) => {
  const host = fakeHost();
  hosts.push(host);
  const locals = world.locals ?? [local('/var/lib/etcd')];
  for (const { dataDir, walDir } of locals) {
    host.put(`${dataDir}/member/wal/0.wal`, '');
    if (walDir !== undefined) host.put(`${walDir}/0.wal`, '');
  }
  host.put('/proc/self/mountinfo', (world.mounts ?? [mount('8:1', '/', '/')]).join('\n'));
  const devOf = (path: string): bigint => {
    const [best] = Object.entries(world.devs ?? {})
      .filter(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))
      .sort(([a], [b]) => b.length - a.length);
    return best?.[1] ?? 1n;
  };
  const files: FilesPort = {
    ...host.files,
    stat: async (path, options): Promise<FileStat> => ({ ...(await host.files.stat(path, options)), dev: devOf(path) }),
    statfs: async () => ({
      totalBytes: world.total ?? 100n * GIB,
      availableBytes: world.free ?? 50n * GIB,
      freeBytes: 0n,
      inodesTotal: 0n,
      inodesFree: 0n,
    }),
  };
  const written: { dir: string; limits: AppendLimits }[] = [];
  const scratch: ScratchPort = {
    syncedAppends: async (dir, limits) => {
      written.push({ dir, limits });
      return { syncMs: [1, 2, 3], bytes: 6900, elapsedMs: 6, ended: 'bytes', ...world.run };
    },
  };
  const context = {
    target: {
      kind: 'host',
      id: 'host-1',
      members: locals.map((each, index) => fakeMember(index, { local: each })),
    },
    signal: new AbortController().signal,
    timeoutMs: 7000,
    monotonic: () => 0,
    files,
    etcd: { status: async () => fakeStatus(memberIds[0], { errors: world.errors ?? [] }) },
    scratch,
  } as unknown as ProbeContext<HostTarget>;
  const outcome = await fsyncProbe.run(context).catch((error: unknown) => error as ProbeError);
  if (!(outcome instanceof Error)) {
    const [part] = outcome.parts;
    assert.deepEqual(validate('fsync-probe', part?.content), { ok: true, value: part?.content });
  }
  return { outcome, written };
};

const refuses = async (world: World, text: RegExp): Promise<void> => {
  const { outcome, written } = await probe(world);
  assert.deepEqual(written, []);
  assert.ok(outcome instanceof ProbeError, JSON.stringify(outcome));
  assert.deepEqual([outcome.state, outcome.reason], ['not-applicable', 'load-refused']);
  assert.match(outcome.message, text);
};

describe('fsync-probe', () => {
  test('writes beside the data dir, once for a file system, within its bounds', async () => {
    const { outcome, written } = await probe({});
    assert.ok(!(outcome instanceof Error), String(outcome));
    assert.equal(outcome.state, 'ok');
    assert.deepEqual(
      written.map(({ dir }) => dir),
      ['/var/lib'],
    );
    const [{ limits } = { limits: undefined }] = written;
    assert.ok(limits !== undefined && limits.maxBytes <= 8 * 1024 * 1024 && limits.timeMs <= 5000);
    assert.deepEqual([limits.dev, limits.writeBytes], [1n, 2300]);
    assert.deepEqual(outcome.parts[0]?.content.measurements[0]?.dirs.map(({ role }) => role).sort(), ['data', 'wal']);
  });

  test('a WAL dir of its own is measured first, and no dir of any member is written to', async () => {
    const { written } = await probe({
      mounts: [mount('8:1', '/', '/'), mount('8:2', '/', '/fast')],
      devs: { '/fast': 2n },
      locals: [local('/var/lib/etcd', { walDir: '/fast/etcd/wal' }), local('/fast/etcd')],
    });
    // /fast/etcd is the data dir of the second member, so the place is above it.
    assert.deepEqual(
      written.map(({ dir, limits }) => [dir, limits.dev]),
      [
        ['/fast', 2n],
        ['/var/lib', 1n],
      ],
    );
  });

  test('a disk mounted at the data dir: at its top, and only with a file that never has a name', async () => {
    const { outcome, written } = await probe({
      mounts: [mount('8:1', '/', '/'), mount('8:2', '/', '/var/lib/etcd')],
      devs: { '/var/lib/etcd': 2n },
    });
    assert.ok(!(outcome instanceof Error), String(outcome));
    assert.deepEqual(
      written.map(({ dir, limits }) => [dir, limits.dev, limits.namelessOnly]),
      [['/var/lib/etcd', 2n, true]],
    );
  });

  test('beside the data dir a name for a moment does no harm', async () => {
    const { written } = await probe({});
    assert.equal(written[0]?.limits.namelessOnly, false);
  });

  test('no write near the end of the space, on a read-only file system, or with a NOSPACE alarm', async () => {
    await refuses({ free: GIB - 1n, total: 2n * GIB }, /1 GiB is needed/);
    await refuses({ free: 9n * GIB }, /less than 10 %/);
    await refuses({ mounts: [mount('8:1', '/', '/', 'ro')] }, /read-only/);
    await refuses({ errors: ['memberID:1 alarm:NOSPACE '] }, /NOSPACE/);
  });

  test('a data dir that is gone is refused, not guessed', async () => {
    const { outcome, written } = await probe({ locals: [local('/var/lib/etcd')], mounts: [] });
    assert.deepEqual(written, []);
    assert.ok(outcome instanceof ProbeError);
    assert.match(outcome.message, /no mount found/);
  });

  test('a sync that hangs or fails leaves a partial result that says so', async () => {
    const hung = (await probe({ run: { ended: 'time', pendingMs: 4200 } })).outcome;
    assert.ok(!(hung instanceof Error));
    assert.deepEqual([hung.state, hung.reason], ['partial', 'item-timeout']);
    assert.match(hung.message ?? '', /4200 ms/);
    const broken = (await probe({ run: { ended: 'error', error: 'ENOSPC' } })).outcome;
    assert.ok(!(broken instanceof Error) && broken.state === 'partial' && broken.message?.includes('ENOSPC') === true);
    const usual = (await probe({ run: { ended: 'time', pendingMs: 3 } })).outcome;
    assert.ok(!(usual instanceof Error) && usual.state === 'ok');
  });

  test('without its port it does nothing', async () => {
    await assert.rejects(
      fsyncProbe.run({ target: { members: [] } } as unknown as ProbeContext<HostTarget>),
      (error: unknown) => error instanceof ProbeError && error.state === 'skipped-by-user',
    );
  });

  test('quantiles need enough values', () => {
    const { latency, histogram } = summarise(Array.from({ length: 99 }, (_, at) => at + 1));
    assert.deepEqual(latency, { meanMs: 50, p50Ms: 50, p90Ms: 90, maxMs: 99 });
    assert.deepEqual(
      histogram.slice(0, 8).map(({ count }) => count),
      [1, 2, 4, 8, 16, 32, 64, 99],
    );
    assert.equal(summarise(Array.from({ length: 1000 }, (_, at) => at + 1)).latency.p999Ms, 999);
    assert.deepEqual(summarise([]).latency, {});
  });
});
