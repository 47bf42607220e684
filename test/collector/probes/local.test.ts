import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLocalMembers, hostToken } from '../../../collector/local.js';
import type { EtcdPort } from '../../../collector/ports/etcd.js';
import { createFilesPort } from '../../../collector/ports/files.js';
import type { HttpPort } from '../../../collector/ports/http.js';
import type { NetPort } from '../../../collector/ports/net.js';
import {
  type HostTarget,
  type LocalMember,
  type MemberTarget,
  type ProbeContext,
  ProbeError,
  type ProbeResult,
} from '../../../collector/probe.js';
import { localProbes } from '../../../collector/probes/local.js';
import { type ArtifactKind, catalog, type SchemaTypes, validate } from '../../../schemas/index.js';
import { startCluster } from '../../lab/cluster/cluster.js';
import type { Cluster } from '../../lab/cluster/cluster-types.js';
import { ensureEtcd } from '../../support/etcd-binaries.js';

const files = createFilesPort();
const unused = (): never => assert.fail('local probes ask no network');
const nowhere = new Proxy({}, { get: unused });

const targetOf = (id: string, local: LocalMember | undefined): MemberTarget => ({
  kind: 'member',
  id,
  endpoint: '127.0.0.1:1',
  tls: false,
  clientUrls: [],
  peerUrls: [],
  isLearner: false,
  discoveredBy: 'process',
  httpUrls: [],
  ...(local === undefined ? {} : { local }),
});

const contextOf = <T>(target: T): ProbeContext<T> => ({
  target,
  round: 0,
  signal: AbortSignal.timeout(30_000),
  timeoutMs: 30_000,
  etcd: nowhere as EtcdPort,
  http: nowhere as HttpPort,
  net: nowhere as NetPort,
  files,
  now: Date.now,
  monotonic: () => performance.now(),
  shared: { members: [] },
  logs: { sinceMs: 3_600_000, maxBytes: 4_000_000, headBytes: 65_536 },
});

const probeOf = (kind: ArtifactKind) => {
  const probe = localProbes.find((candidate) => candidate.kind === kind);
  assert.ok(probe !== undefined, `no probe for ${kind}`);
  return probe;
};

const run = (kind: ArtifactKind, member: MemberTarget): Promise<ProbeResult<ArtifactKind>> => {
  const probe = probeOf(kind);
  const host: HostTarget = { kind: 'host', id: hostToken(), members: [member] };
  return probe.scope === 'host' ? probe.run(contextOf(host)) : probe.run(contextOf(member));
};

const json = async <K extends keyof SchemaTypes & ArtifactKind>(
  kind: K,
  member: MemberTarget,
): Promise<SchemaTypes[K]> => {
  const { parts } = await run(kind, member);
  return parts[0]?.content as unknown as SchemaTypes[K];
};

const localWith = async (pid: number): Promise<LocalMember> => {
  const { members } = await findLocalMembers(files);
  const found = members.find((member) => member.pid === pid);
  assert.ok(found !== undefined, `process ${pid} was not found`);
  return found;
};

describe('local probes on real etcd', { skip: process.platform !== 'linux' }, () => {
  let cluster: Cluster;
  let members: MemberTarget[];
  before(async () => {
    cluster = await startCluster({
      size: 2,
      tls: 'mtls',
      env: { ETCD_SNAPSHOT_COUNT: '4321', ETCD_FAKE_PASSWORD: 'canary' },
    });
    members = await Promise.all(cluster.members.map(async ({ id, pid }) => targetOf(id, await localWith(pid))));
  });
  after(() => cluster.dispose());

  const first = (): MemberTarget => {
    const [member] = members;
    assert.ok(member !== undefined);
    return member;
  };

  it('tell the members of one host apart', () => {
    assert.deepEqual(
      members.map(({ local }) => [local?.settings['name'], local?.dataDir]),
      cluster.members.map(({ name, dataDir }) => [name, dataDir]),
    );
  });

  // There are no static pods here; they have a test of their own.
  for (const { kind } of localProbes.filter(({ kind }) => kind !== 'static-pods')) {
    it(`${kind} gives an artifact that fits its schema`, async () => {
      const { parts, source } = await run(kind, first());
      assert.ok(source !== '' && parts.length > 0);
      for (const { content } of parts) {
        if (catalog[kind].mediaType !== 'application/json') assert.ok(Buffer.byteLength(content as Buffer) > 0);
        else validate(kind as keyof SchemaTypes, content);
      }
    });
  }

  it('server-config has flags and environment, and no secret', async () => {
    const config = await json('server-config', first());
    assert.equal(config.flags['name'], cluster.member(0).name);
    assert.equal(config.env['ETCD_SNAPSHOT_COUNT'], '4321');
    assert.ok(config.omitted.includes('ETCD_FAKE_PASSWORD'));
    assert.ok(!JSON.stringify(config).includes('canary'));
    assert.ok(Math.abs(Date.parse(config.startedAt ?? '') - Date.now()) < 600_000);
  });

  it('server-certificates has the chain and never a key', async () => {
    const { files: found } = await json('server-certificates', first());
    assert.deepEqual(
      [...new Set(found.map(({ flag }) => flag))],
      ['cert-file', 'trusted-ca-file', 'peer-cert-file', 'peer-trusted-ca-file'],
    );
    assert.ok(found.every(({ chain, error }) => chain.length === 1 && error === undefined));
    assert.ok(!JSON.stringify(found).includes('PRIVATE'));
  });

  it('server-certificates refuses a file that holds a key', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'certificates-'));
    try {
      const both = join(dir, 'both.pem');
      writeFileSync(both, '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n');
      const local = { ...first().local, settings: { 'cert-file': both } } as LocalMember;
      await assert.rejects(
        run('server-certificates', targetOf('a', local)),
        (error: unknown) =>
          error instanceof ProbeError && error.state === 'denied' && !error.message.includes('canary'),
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('process counters move between rounds, and a stopped process shows as T', async () => {
    const before = await json('process', first());
    await cluster.etcdctl(['put', 'a', 'b']);
    const after = await json('process', first());
    assert.ok(BigInt(after.schedstat?.runNs ?? '0') > BigInt(before.schedstat?.runNs ?? '0'));
    assert.ok((after.openFds ?? 0) > 5 && BigInt(after.rssBytes) > 1_000_000n);
    await cluster.member(1).stop('SIGSTOP');
    try {
      // The signal reaches a busy process a little later than the call that sent it returns.
      let { state } = await json('process', members[1] ?? first());
      for (let tries = 0; state !== 'T' && tries < 30; tries++) {
        await sleep(100);
        ({ state } = await json('process', members[1] ?? first()));
      }
      assert.equal(state, 'T');
    } finally {
      await cluster.member(1).stop('SIGCONT');
    }
  });

  it('datadir-listing has the WAL and the database, with sizes', async () => {
    const { entries } = await json('datadir-listing', first());
    assert.ok(entries.some(({ path, size }) => path.startsWith('member/wal/') && BigInt(size) > 0n));
    assert.ok(entries.some(({ path, type }) => path === 'member/snap/db' && type === 'file'));
  });

  it('server-log is the log file behind stderr', async () => {
    const { parts, source } = await run('server-log', first());
    assert.equal(source, `/proc/${cluster.member(0).pid}/fd/2`);
    assert.equal(parts[0]?.instance, 'all');
    const text = String(parts[0].content);
    assert.ok(readFileSync(cluster.member(0).logFile, 'utf8').startsWith(text));
    assert.ok(text.includes('"msg":'));
  });

  it('server-log takes the file that --log names for a member elsewhere', async () => {
    const elsewhere = { ...targetOf('b', undefined), logFiles: [cluster.member(1).logFile] };
    const probe = probeOf('server-log');
    assert.ok(probe.scope === 'member');
    assert.equal(probe.appliesTo?.(elsewhere), true);
    assert.ok((await run('server-log', elsewhere)).parts.length > 0);
  });

  it('do not apply to members elsewhere, nor to the process of a member that has none', () => {
    for (const probe of localProbes) {
      if (probe.scope !== 'member') continue;
      const answer = probe.appliesTo?.(targetOf('b', undefined));
      assert.ok(answer !== undefined && answer !== true && answer.reason === 'not-local', probe.kind);
    }
  });

  it('work on the data dir of a member that does not run', async () => {
    const { dataDir } = cluster.member(0);
    const dead = targetOf('c', {
      pid: 0,
      startTicks: '0',
      executable: '',
      settings: {},
      dataDir,
      matchedBy: '--data-dir',
    });
    assert.ok((await json('datadir-listing', dead)).entries.length > 3);
    assert.equal((await json('filesystems', dead)).filesystems.length, 2);
  });

  it('notice that a process was replaced', async () => {
    const local = { ...first().local, startTicks: '1' } as LocalMember;
    for (const kind of ['process', 'cgroup', 'server-limits', 'server-config'] as const) {
      await assert.rejects(
        run(kind, targetOf('d', local)),
        (error: unknown) => error instanceof ProbeError && error.reason === 'no-such-process',
      );
    }
  });
});

describe('local probes on etcd in another mount namespace', {
  skip: process.getuid?.() !== 0 || !existsSync('/usr/bin/unshare'),
}, () => {
  let dir = '';
  let child: ChildProcess;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'namespace-'));
    mkdirSync(join(dir, 'inside'));
    const { etcd } = await ensureEtcd('3.5');
    const log = openSync(join(dir, 'log'), 'a');
    const inside = join(dir, 'inside');
    // unshare and exec keep the pid, so the process found is the child itself; it dies with this test.
    const script = `mount -t tmpfs -o size=200m,mode=755 inside ${inside} && exec setpriv --pdeathsig KILL ${etcd} --name=apart --data-dir=${inside}/data --listen-client-urls=unix://${dir}/c:0 --advertise-client-urls=http://127.0.0.1:1 --listen-peer-urls=unix://${dir}/p:0 --initial-advertise-peer-urls=http://127.0.0.1:2 --initial-cluster=apart=http://127.0.0.1:2`;
    child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
      stdio: ['ignore', log, log],
    });
    for (let tries = 0; tries < 300; tries += 1) {
      if (existsSync(`/proc/${child.pid}/root${inside}/data/member/snap/db`)) return;
      await sleep(100);
    }
    assert.fail(`etcd did not start: ${readFileSync(join(dir, 'log'), 'utf8').slice(-500)}`);
  });
  after(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.kill('SIGKILL')) await ended;
    rmSync(dir, { recursive: true, force: true });
  });

  it('read its files and mounts through its root', async () => {
    const member = targetOf('e', await localWith(child.pid ?? 0));
    const listing = await run('datadir-listing', member);
    assert.equal(listing.source, `/proc/${child.pid}/root${dir}/inside/data`);
    const { filesystems } = await json('filesystems', member);
    assert.deepEqual(
      filesystems.map(({ fsType, totalBytes }) => [fsType, totalBytes]),
      [
        ['tmpfs', String(200 * 1024 * 1024)],
        ['tmpfs', String(200 * 1024 * 1024)],
      ],
    );
    assert.equal((await run('block-devices', member)).state, 'empty');
  });
});

describe('local probes without rights', { skip: process.getuid?.() !== 0 }, () => {
  it('say what is denied and give the rest', async (t) => {
    const cluster = await startCluster({ size: 1 });
    try {
      const script = `
        const at = (path) => import(${JSON.stringify(new URL('../../../', import.meta.url).href)} + path);
        const { createFilesPort } = await at('collector/ports/files.js');
        const { findLocalMembers } = await at('collector/local.js');
        const { localProbes } = await at('collector/probes/local.js');
        const files = createFilesPort();
        const { members, notes } = await findLocalMembers(files);
        const local = members.find(({ pid }) => pid === ${cluster.member(0).pid});
        const target = { kind: 'member', id: 'a', endpoint: '', clientUrls: [], peerUrls: [], local };
        const states = { name: local.settings.name, noted: notes.some((note) => note.includes('environment')) };
        for (const probe of localProbes.filter(({ scope }) => scope === 'member')) {
          const context = { target, shared: { members: [target] }, files, now: Date.now, monotonic: () => performance.now(), signal: AbortSignal.timeout(20000), timeoutMs: 20000,
            logs: { sinceMs: 1000, maxBytes: 1000000, headBytes: 1000 } };
          states[probe.kind] = await probe.run(context).then(({ state }) => state, ({ state, detail, message }) => state === undefined ? message : state + ':' + typeof detail.permission);
        }
        process.stdout.write(JSON.stringify(states));`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        uid: 65534,
        gid: 65534,
        cwd: '/',
      });
      let output = '';
      let complaint = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      if (/ERR_MODULE_NOT_FOUND|EACCES/.test(complaint)) return t.skip('another user may not read this checkout');
      assert.ok(output !== '', complaint);
      const { 'server-certificates': _, ...states } = JSON.parse(output) as Record<string, unknown>;
      assert.deepEqual(states, {
        name: cluster.member(0).name,
        noted: true,
        process: 'partial',
        cgroup: 'ok',
        'server-config': 'partial',
        'datadir-listing': 'denied:string',
        'datadir-wal': 'denied:string',
        'datadir-snap': 'denied:string',
        'datadir-db': 'denied:string',
        sockets: 'ok',
        'crash-markers': 'ok',
        'server-limits': 'ok',
        'server-log': 'denied:string',
      });
    } finally {
      await cluster.dispose();
    }
  });
});
