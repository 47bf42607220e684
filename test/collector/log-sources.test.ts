import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findLogSources, unitOf } from '../../collector/log-sources.js';
import { createFilesPort } from '../../collector/ports/files.js';
import { rootedFiles } from '../../collector/ports/rooted-files.js';
import type { LocalMember, MemberTarget } from '../../collector/probe.js';
import { type FakeHost, fakeHost } from './fake-files.js';

const target = (local: Partial<LocalMember> | undefined, logFiles?: readonly string[]): MemberTarget => ({
  kind: 'member',
  id: '0000000000000001',
  endpoint: '127.0.0.1:2379',
  tls: false,
  clientUrls: [],
  peerUrls: [],
  isLearner: false,
  discoveredBy: 'seed',
  httpUrls: [],
  ...(local === undefined
    ? {}
    : { local: { pid: 5, startTicks: '1', executable: 'etcd', settings: {}, matchedBy: 'test', ...local } }),
  ...(logFiles === undefined ? {} : { logFiles }),
});

const find = async (prepare: (host: FakeHost) => void, member: MemberTarget, denied: readonly string[] = []) => {
  const host = fakeHost(denied);
  try {
    host.put('/proc/self/ns/mnt', '->mnt:[1]');
    host.put('/proc/5/ns/mnt', '->mnt:[1]');
    prepare(host);
    return await findLogSources(host.files, member, AbortSignal.timeout(60_000));
  } finally {
    host.remove();
  }
};

const UID = '0123456789abcdef0123456789abcdef';
const ID = 'c'.repeat(64);

describe('log sources', () => {
  it('are the files that were named, with their rotated forms, newest first', async () => {
    const { sources } = await find(
      (host) => {
        host.put('/l/etcd.log', 'x');
        host.put('/l/etcd.log.1', 'x');
        host.put('/l/etcd.log.2.gz', 'x');
        host.put('/l/other.log', 'x');
      },
      target({}, ['/l/etcd.log']),
    );
    assert.equal(sources.length, 1);
    const [source] = sources;
    assert.ok(source?.type === 'file');
    assert.equal(source.path, '/l/etcd.log');
    assert.deepEqual([...source.previous].sort(), ['/l/etcd.log.1', '/l/etcd.log.2.gz']);
  });

  it('are a file in log-outputs before the standard streams', async () => {
    const { sources } = await find(
      (host) => {
        host.put('/var/log/etcd.log', 'x');
        host.put('/proc/5/fd/2', 'x');
      },
      target({ settings: { 'log-outputs': 'stderr,/var/log/etcd.log' } }),
    );
    assert.deepEqual(sources, [{ type: 'file', path: '/var/log/etcd.log', previous: [] }]);
  });

  it('are the current container of the pod in the cgroup, with the previous one', async () => {
    const { sources } = await find((host) => {
      host.put('/proc/5/fd/2', '->pipe:[1]');
      host.put('/proc/5/fd/1', '->pipe:[2]');
      host.put(
        '/proc/5/cgroup',
        `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID}.slice/cri-containerd-${ID}.scope\n`,
      );
      host.put(`/var/log/pods/kube-system_etcd-n1_${UID}/etcd/9.log`, 'x');
      host.put(`/var/log/pods/kube-system_etcd-n1_${UID}/etcd/10.log`, 'x');
      host.put('/var/log/pods/other_etcd-n1_ffffffffffffffffffffffffffffffff/etcd/0.log', 'x');
    }, target({}));
    const dir = `/var/log/pods/kube-system_etcd-n1_${UID}/etcd`;
    assert.deepEqual(sources, [{ type: 'file', path: `${dir}/10.log`, previous: [`${dir}/9.log`] }]);
  });

  it('are the journal of the unit when the streams are sockets, on v1 and v2', async () => {
    for (const cgroup of [
      '0::/system.slice/etcd.service\n',
      '4:memory:/\n1:name=systemd:/system.slice/etcd.service\n',
    ]) {
      const { sources } = await find((host) => {
        host.put('/proc/5/fd/2', '->socket:[1]');
        host.put('/proc/5/fd/1', '->socket:[1]');
        host.put('/proc/5/cgroup', cgroup);
      }, target({}));
      assert.deepEqual(sources, [{ type: 'journal', unit: 'etcd.service' }]);
    }
  });

  it('do not guess a pod for a process that is in none', async () => {
    const { sources, tried } = await find((host) => {
      host.put('/proc/5/fd/2', '->/dev/null');
      host.put('/proc/5/fd/1', '->/dev/null');
      host.put('/proc/5/cgroup', '0::/user.slice\n');
      host.put(`/var/log/pods/kube-system_etcd-n1_${UID}/etcd/0.log`, 'x');
    }, target({}));
    assert.deepEqual(sources, []);
    assert.ok(tried.length > 0);
  });

  it('say what was denied', async () => {
    const { sources, denied } = await find((host) => host.put('/proc/5/cgroup', '0::/\n'), target({}), ['/proc/5/fd']);
    assert.deepEqual(sources, []);
    assert.equal(denied?.state, 'denied');
  });

  it('of a member that does not run are where its platform keeps them: the newest pod, a file, the journal of a known unit', async () => {
    const stopped = (logPlaces: LocalMember['logPlaces']): MemberTarget =>
      target({ pid: 0, ...(logPlaces === undefined ? {} : { logPlaces }) });
    const pod = { kind: 'pod' as const, pod: 'kube-system_etcd-', container: 'etcd' };
    const pods = await find(
      (host) => {
        for (const [uid, time] of [
          ['old', 1_000],
          ['new', 2_000],
        ] as const) {
          host.put(`/var/log/pods/kube-system_etcd-n1_${uid}/etcd/1.log`, 'x');
          utimesSync(`${host.root}/var/log/pods/kube-system_etcd-n1_${uid}/etcd/1.log`, time, time);
        }
        host.put('/var/log/pods/app_etcd-0_other/etcd/0.log', 'x');
      },
      stopped([pod]),
    );
    assert.deepEqual(
      pods.sources.map((source) => source.type === 'file' && source.path),
      ['/var/log/pods/kube-system_etcd-n1_new/etcd/1.log'],
    );
    const unit = { kind: 'journal' as const, unit: 'k3s.service' };
    const journal = await find((host) => host.put('/etc/systemd/system/k3s.service', 'x'), stopped([pod, unit]));
    assert.deepEqual(journal.sources, [{ type: 'journal', unit: 'k3s.service' }]);
    const file = await find(
      (host) => host.put('/var/log/k3s.log', 'x'),
      stopped([unit, { kind: 'file', path: '/var/log/k3s.log' }]),
    );
    assert.equal(file.sources[0]?.type, 'file');
    assert.ok(file.tried.some((text) => text.includes('no unit k3s.service')));
  });

  it('of a host whose root is mounted elsewhere are in the journal directory of that host', async () => {
    const host = fakeHost();
    try {
      host.put('/etc/systemd/system/k3s.service', 'x');
      host.put('/var/log/journal/0123/system.journal', 'x');
      const places = [{ kind: 'journal' as const, unit: 'k3s.service' }];
      const files = rootedFiles(host.root, createFilesPort());
      const { sources } = await findLogSources(
        files,
        target({ pid: 0, logPlaces: places }),
        AbortSignal.timeout(60_000),
      );
      assert.deepEqual(sources, [{ type: 'journal', unit: 'k3s.service', directory: `${host.root}/var/log/journal` }]);
    } finally {
      host.remove();
    }
  });

  it('take the innermost service as the unit', () => {
    assert.equal(unitOf(['/user.slice/user-0.slice/user@0.service/app.slice/etcd@a.service']), 'etcd@a.service');
    assert.equal(unitOf(['/kubepods/x', '/']), undefined);
    assert.equal(unitOf(['/system.slice/--help.service']), undefined);
  });
});
