import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findLocalMembers, hostToken, readConfiguration } from '../../collector/local.js';
import { findLogSources } from '../../collector/log-sources.js';
import { processIds } from '../../collector/ports/process.js';
import { ProbeError } from '../../collector/probe.js';
import { watchForMembers } from '../../collector/watch-processes.js';
import { type FakeHost, fakeHost } from './fake-files.js';
import { fakeMember } from './fake-wiring.js';

const STAT = (pid: number, comm: string, state = 'S'): string =>
  `${pid} (${comm}) ${state} 1 1 1 0 -1 0 0 0 7 0 50 25 0 0 20 0 9 0 4242 1000 333 ${'0 '.repeat(17)}0 0 11 0 0\n`;

const addProcess = (
  host: FakeHost,
  pid: number,
  comm: string,
  argv: readonly string[],
  more: { env?: readonly string[]; exe?: string; state?: string; mnt?: string } = {},
): void => {
  host.put(`/proc/${pid}/stat`, STAT(pid, comm, more.state));
  host.put(`/proc/${pid}/comm`, `${comm}\n`);
  host.put(`/proc/${pid}/cmdline`, argv.length === 0 ? '' : `${argv.join('\0')}\0`);
  host.put(`/proc/${pid}/environ`, `${(more.env ?? []).join('\0')}\0`);
  host.put(`/proc/${pid}/cwd`, '->/work-dir');
  host.put(`/proc/${pid}/exe`, `->${more.exe ?? `/usr/bin/${comm}`}`);
  host.put(`/proc/${pid}/ns/mnt`, `->${more.mnt ?? 'mnt:[1]'}`);
};

describe('local etcd processes', { skip: process.platform !== 'linux' }, () => {
  let host: FakeHost;
  before(() => {
    host = fakeHost();
    host.put('/proc/self/ns/mnt', '->mnt:[1]');
  });
  after(() => host.remove());

  it('may be many: one deadline for all of them raises no warning', async () => {
    const many = fakeHost();
    const warnings: string[] = [];
    const note = (warning: Error): unknown => warnings.push(warning.message);
    process.on('warning', note);
    try {
      many.put('/proc/self/ns/mnt', '->mnt:[1]');
      for (let pid = 100; pid < 120; pid += 1) addProcess(many, pid, 'etcd', ['etcd', `--name=m${pid}`]);
      assert.equal((await findLocalMembers(many.files)).members.length, 20);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(warnings, []);
    } finally {
      process.removeListener('warning', note);
      many.remove();
    }
  });

  it('are found with their settings; proxies, tools and zombies are not', async () => {
    addProcess(host, 10, 'etcd', ['etcd', '--name=a', '--wal-dir', '/wal'], { env: ['ETCD_DATA_DIR=/data/a'] });
    addProcess(host, 11, 'etcd', ['/usr/local/bin/etcd', '--name=b'], {});
    addProcess(host, 12, 'etcd', ['etcd', 'grpc-proxy', 'start'], {});
    addProcess(host, 13, 'etcdctl', ['etcdctl', 'watch', ''], {});
    addProcess(host, 14, 'etcd', [], { state: 'Z' });
    addProcess(host, 15, 'etcd-v3.5.16', ['./etcd-v3.5.16'], {});
    const { members, notes } = await findLocalMembers(host.files);
    assert.deepEqual(
      members.map(({ pid, executable, dataDir, walDir, startTicks }) => ({
        pid,
        executable,
        dataDir,
        walDir,
        startTicks,
      })),
      [
        { pid: 10, executable: 'etcd', dataDir: '/data/a', walDir: '/wal', startTicks: '4242' },
        { pid: 11, executable: 'etcd', dataDir: '/work-dir/b.etcd', walDir: undefined, startTicks: '4242' },
        {
          pid: 15,
          executable: 'etcd-v3.5.16',
          dataDir: '/work-dir/default.etcd',
          walDir: undefined,
          startTicks: '4242',
        },
      ],
    );
    assert.equal(members[0]?.settings['listen-client-urls'], 'http://localhost:2379');
    assert.deepEqual(notes, ['etcd (pid 14) is a zombie']);
  });

  it('with a config file are told by it alone, through their root when in another mount namespace', async () => {
    addProcess(host, 20, 'etcd', ['etcd', '--config-file=/etc/etcd.yml', '--name=ignored'], { mnt: 'mnt:[2]' });
    host.put('/proc/20/root/etc/etcd.yml', 'name: inside\ndata-dir: /data\ninitial-cluster-token: canary\n');
    const found = await readConfiguration(host.files, 20, AbortSignal.timeout(60_000));
    assert.equal(found?.settings['name'], 'inside');
    assert.equal(found.dataDir, '/data');
    assert.equal(found.view.prefix, '/proc/20/root');
    assert.deepEqual(found.file?.omitted, ['initial-cluster-token']);
    assert.ok(!JSON.stringify(found).includes('canary'));
  });

  it('with an unreadable config file have no settings rather than wrong ones', async () => {
    addProcess(host, 21, 'etcd', ['etcd', '--config-file=/gone.yml', '--name=ignored', '--data-dir=/ignored']);
    const found = await readConfiguration(host.files, 21, AbortSignal.timeout(60_000));
    assert.deepEqual(found?.settings, {});
    assert.equal(found.dataDir, undefined);
    assert.equal(found.problems.length, 1);
  });

  it('are found in k3s only when it runs etcd', async () => {
    addProcess(host, 30, 'k3s-server', ['/usr/local/bin/k3s server'], { exe: '/var/lib/rancher/k3s/data/x/bin/k3s' });
    assert.equal(await readConfiguration(host.files, 30, AbortSignal.timeout(60_000)), undefined);
    host.put(
      '/var/lib/rancher/k3s/server/db/etcd/config',
      'data-dir: /var/lib/rancher/k3s/server/db/etcd\nlisten-metrics-urls: http://127.0.0.1:2381\nname: n1-abc\n',
    );
    const found = await readConfiguration(host.files, 30, AbortSignal.timeout(60_000));
    assert.equal(found?.executable, 'k3s');
    assert.equal(found.settings['name'], 'n1-abc');
    assert.equal(found.settings['listen-metrics-urls'], 'http://127.0.0.1:2381');
  });

  it('that hang are still listed, without settings', async () => {
    addProcess(host, 40, 'etcd', ['etcd', '--name=stuck']);
    const hanging = {
      ...host.files,
      readText: async (path: string, options?: { maxBytes?: number; signal?: AbortSignal }) => {
        if (path === '/proc/40/cmdline' || path === '/proc/40/environ')
          throw new ProbeError('timeout', 'item-timeout', 'hangs');
        return host.files.readText(path, options);
      },
    };
    const { members, notes } = await findLocalMembers(hanging);
    const stuck = members.find(({ pid }) => pid === 40);
    assert.deepEqual([stuck?.executable, stuck?.settings, stuck?.dataDir], ['etcd', {}, undefined]);
    assert.ok(notes.some((note) => note.includes('pid 40') && note.includes('hangs')));
  });

  it('leave the place of their log behind when they end', async () => {
    addProcess(host, 50, 'etcd', ['etcd', '--name=short', '--data-dir=/data/short']);
    host.put('/var/log/short.log', '{"level":"fatal","ts":"2026-01-02T03:04:05.000Z","msg":"walpb: crc mismatch"}\n');
    host.put('/proc/50/fd/2', '->/var/log/short.log');
    const local = (await findLocalMembers(host.files)).members.find(({ pid }) => pid === 50);
    assert.deepEqual(local?.logPlaces, [{ kind: 'file', path: '/var/log/short.log' }]);
    rmSync(join(host.root, 'proc/50'), { recursive: true });
    const { sources } = await findLogSources(
      host.files,
      { ...fakeMember(0), ...(local === undefined ? {} : { local }) },
      AbortSignal.timeout(60_000),
    );
    assert.deepEqual(sources, [{ type: 'file', path: '/var/log/short.log', previous: [] }]);
  });

  it('that live shortly are seen by whoever waits for them', async () => {
    addProcess(host, 60, 'etcd', ['etcd', '--name=known', '--data-dir=/data/known']);
    const known = new Set(await processIds(host.files));
    const waiting = watchForMembers(host.files, known, AbortSignal.timeout(5_000));
    await new Promise((resolve) => setTimeout(resolve, 120));
    addProcess(host, 61, 'etcd', ['etcd', '--name=short', '--data-dir=/data/short']);
    const { members } = await waiting;
    assert.deepEqual(
      members.map(({ pid, settings }) => [pid, settings['name']]),
      [[61, 'short']],
    );
    const nothing = await watchForMembers(host.files, known.add(61), AbortSignal.timeout(150));
    assert.deepEqual(nothing.members, []);
  });

  it('have a stable host token', () => {
    assert.match(hostToken(), /^host-[0-9a-f]{8}$/);
    assert.equal(hostToken(), hostToken());
    host.put('/etc/machine-id', '00000000000000000000000000000001\n');
    assert.equal(hostToken(host.root), 'host-e0cca296');
  });
});
