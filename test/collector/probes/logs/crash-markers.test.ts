import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { crashMarkers } from '../../../../collector/crash-lines.js';
import type { RunCommand } from '../../../../collector/ports/command.js';
import { type MemberTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import { containerOf, listedContainers, readCrashMarkers } from '../../../../collector/probes/logs/crash-markers.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';
import { fakeMember } from '../../fake-wiring.js';

const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});

const dump =
  '{"level":"info","ts":"2025-01-02T03:04:04.5Z","msg":"x"}\n' +
  '{"level":"panic","ts":"2025-01-02T03:04:05.123Z","caller":"v3@v3.5.16/log.go:237","msg":"tocommit(12) is out of range"}\n' +
  'panic: tocommit(12) is out of range [lastIndex(3)]\n\ngoroutine 173 [running]:\n' +
  'go.uber.org/zap/zapcore.(*CheckedEntry).Write(0xc0000e2300, {0x0, 0x0, 0x0})\n\t/go/pkg/mod/entry.go:234 +0x499\n' +
  'go.etcd.io/etcd/raft/v3.(*raftLog).commitTo(0xc0001, 0xc)\n\t/go/log.go:237 +0x13e\nmain.main()\n\t/x\n' +
  '{"level":"info","ts":"2025-01-02T03:05:00.000Z","msg":"etcd-version"}\n';

describe('crashMarkers', () => {
  test('a zap panic with its dump is one end, with frames', () => {
    assert.deepEqual(crashMarkers(dump), [
      {
        kind: 'panic',
        line: '{"level":"panic","ts":"2025-01-02T03:04:05.123Z","caller":"v3@v3.5.16/log.go:237","msg":"tocommit(12) is out of range"}',
        at: '2025-01-02T03:04:05.123Z',
        frames: [
          'go.uber.org/zap/zapcore.(*CheckedEntry).Write',
          'go.etcd.io/etcd/raft/v3.(*raftLog).commitTo',
          'main.main',
        ],
      },
    ]);
  });

  test('the forms of container runtimes and of the journal', () => {
    const cri = crashMarkers('2025-01-02T03:04:05.6+01:00 stderr F fatal error: runtime: out of memory\n');
    assert.deepEqual(cri, [
      { kind: 'runtime-error', line: 'fatal error: runtime: out of memory', at: '2025-01-02T02:04:05.600Z' },
    ]);
    const docker = crashMarkers('{"log":"panic: a \\"b\\"\\n","stream":"stderr","time":"2025-01-02T03:04:05Z"}\n');
    assert.deepEqual(docker, [{ kind: 'panic', line: 'panic: a "b"', at: '2025-01-02T03:04:05.000Z' }]);
    const journal = crashMarkers('2025-01-02T03:04:05.1+0000 node1 etcd[77]: SIGBUS: bus error\n');
    assert.deepEqual(journal, [{ kind: 'signal', line: 'SIGBUS: bus error', at: '2025-01-02T03:04:05.100Z' }]);
  });

  test('an end without a time of its own lies between the lines around it', () => {
    const text =
      '{"level":"warn","ts":"2025-01-02T03:04:05Z","msg":"x"}\nSIGQUIT: quit\ngoroutine 0 [idle]:\n{"level":"warn","ts":"2025-01-02T09:00:00Z","msg":"y"}\nfatal error: z\n';
    assert.deepEqual(crashMarkers(text), [
      {
        kind: 'signal',
        line: 'SIGQUIT: quit',
        notBefore: '2025-01-02T03:04:05.000Z',
        notAfter: '2025-01-02T09:00:00.000Z',
      },
      { kind: 'runtime-error', line: 'fatal error: z', notBefore: '2025-01-02T09:00:00.000Z' },
    ]);
  });

  test('orderly ends are told apart, and words in messages are no ends', () => {
    const kinds = crashMarkers(
      '{"level":"info","ts":"2025-01-02T03:04:05Z","msg":"received signal; shutting down","signal":"terminated"}\n' +
        '{"level":"fatal","ts":"2025-01-02T03:05:05Z","msg":"discovery failed"}\n' +
        '{"level":"warn","ts":"2025-01-02T03:06:05Z","msg":"panic: not really, a fatal error: no"}\n' +
        '2019-01-02 03:04:05.123456 C | etcdmain: cannot listen\n',
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['stopped', 'fatal', 'fatal']);
  });

  test('many ends: the latest are kept; long lines and hostile text are bounded', () => {
    const many = Array.from({ length: 500 }, (_, at) => `{"level":"fatal","msg":"${at}"}`).join('\n');
    const kept = crashMarkers(many);
    assert.equal(kept.length, 10);
    assert.ok(kept.at(-1)?.line.includes('499'));
    assert.equal(crashMarkers(`panic: ${'x'.repeat(1_000_000)}`)[0]?.line.length, 300);
    assert.deepEqual(crashMarkers(`${'a('.repeat(100_000)}\n\0\n`), []);
    const frames = `panic: x\n${Array.from({ length: 100 }, (_, at) => `main.f${at}()`).join('\n')}`;
    assert.equal(crashMarkers(frames)[0]?.frames?.length, 8);
  });
});

const uid = '11111111-2222-3333-4444-555555555555';
const id = (digit: string): string => digit.repeat(64);
const listed = JSON.stringify({
  containers: [
    {
      id: id('a'),
      metadata: { name: 'etcd' },
      labels: { 'io.kubernetes.pod.uid': uid },
      createdAt: '1735787045000000000',
    },
    {
      id: id('b'),
      metadata: { name: 'etcd' },
      labels: { 'io.kubernetes.pod.uid': uid },
      createdAt: '1735787945000000000',
    },
    {
      id: id('c'),
      metadata: { name: 'etcd' },
      labels: { 'io.kubernetes.pod.uid': 'other' },
      createdAt: '1735787999000000000',
    },
    { id: id('d'), metadata: { name: 'etcdctl' }, labels: { 'io.kubernetes.pod.uid': uid } },
    { id: '--config=/etc/passwd', metadata: { name: 'etcd' }, labels: {} },
    null,
  ],
});

test('containers of the pod of the process, newest first, and never an id that is none', () => {
  const cgroup = `0::/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id('b')}.scope`;
  assert.deepEqual(
    listedContainers(listed, cgroup).map((each) => each.id),
    [id('b'), id('a')],
  );
  assert.deepEqual(listedContainers(listed, ''), [], 'two pods and no hint');
  assert.deepEqual(listedContainers('{}', ''), []);
  assert.deepEqual(listedContainers('not json', ''), []);
});

test('crictl inspect: the status alone', () => {
  const inspect = {
    status: {
      metadata: { attempt: 4, name: 'etcd' },
      state: 'CONTAINER_EXITED',
      startedAt: '2025-01-02T03:00:00.5Z',
      finishedAt: '2025-01-02T03:04:05.1Z',
      exitCode: 137,
      reason: 'OOMKilled',
    },
    info: { config: { envs: [{ key: 'ETCD_ROOT_PASSWORD', value: 'hunter2' }] } },
  };
  const container = containerOf(id('a'), JSON.stringify(inspect));
  assert.deepEqual(container, {
    id: 'aaaaaaaaaaaa',
    state: 'CONTAINER_EXITED',
    attempt: 4,
    exitCode: 137,
    reason: 'OOMKilled',
    startedAt: '2025-01-02T03:00:00.500Z',
    finishedAt: '2025-01-02T03:04:05.100Z',
  });
  const running = {
    status: { ...inspect.status, state: 'CONTAINER_RUNNING', exitCode: 0, finishedAt: '0001-01-01T00:00:00Z' },
  };
  assert.equal(containerOf(id('a'), JSON.stringify(running))?.exitCode, undefined);
  assert.equal(containerOf(id('a'), '[]'), undefined);
});

const contextOf = (host: FakeHost, pid: number): ProbeContext<MemberTarget> =>
  ({
    target: fakeMember(0, { local: { pid, startTicks: '0', executable: 'etcd', settings: {}, matchedBy: 'test' } }),
    signal: new AbortController().signal,
    timeoutMs: 5000,
    files: host.files,
  }) as unknown as ProbeContext<MemberTarget>;

const newHost = (): FakeHost => {
  const host = fakeHost();
  hosts.push(host);
  host.put('/proc/sys/kernel/core_pattern', '|/lib/systemd/systemd-coredump %P\n');
  return host;
};

describe('crash-markers', () => {
  test('a pod: earlier logs, exit codes; the unit of the runtime is not asked', async () => {
    const host = newHost();
    const cgroup = `0::/system.slice/containerd.service/kubepods-pod${uid.replaceAll('-', '_')}.slice:cri-containerd:x`;
    host.put('/proc/77/cgroup', `${cgroup}\n`);
    const dir = `/var/log/pods/kube-system_etcd-m1_${uid}/etcd`;
    host.put(`${dir}/5.log`, '2025-01-02T03:09:00Z stderr F {"level":"info","msg":"ready"}\n');
    host.put(`${dir}/4.log`, dump);
    host.put('/var/lib/systemd/coredump/core.etcd.0.abc.77.1735787045000000.zst', 'xx');
    host.put('/var/lib/systemd/coredump/core.bash.0.abc.78.1735787045000000.zst', 'xx');
    const asked: string[] = [];
    const run: RunCommand = async (file, args) => {
      asked.push(`${file} ${args.join(' ')}`);
      if (file !== 'crictl') throw new ProbeError('failed', 'file-missing', `${file} is not installed here`);
      const status = { status: { state: 'CONTAINER_EXITED', exitCode: 2, metadata: { attempt: 4 } } };
      return { stdout: Buffer.from(args[0] === 'ps' ? listed : JSON.stringify(status)), cut: false };
    };
    const content = await readCrashMarkers(contextOf(host, 77), run);
    assert.deepEqual(validate('crash-markers', content), { ok: true, value: content });
    assert.deepEqual(
      content.markers.map(({ kind, generation, log }) => [kind, generation, log]),
      [['panic', 1, `${dir}/4.log`]],
    );
    assert.deepEqual(
      content.containers.map(({ exitCode }) => exitCode),
      [2, 2],
    );
    assert.deepEqual(content.units, []);
    assert.ok(!asked.some((line) => line.startsWith('systemctl')));
    assert.deepEqual(
      content.coreFiles.map(({ path }) => path.includes('core.etcd')),
      [true],
    );
  });

  test('a unit: chosen properties, and panics in its journal', async () => {
    const host = newHost();
    host.put('/proc/77/cgroup', '0::/system.slice/etcd.service\n');
    host.put('/proc/77/fd/2', '->socket:[1]');
    const run: RunCommand = async (file, args) => {
      if (file === 'journalctl') {
        assert.ok(args.includes('etcd.service'));
        const lines = [
          '2025-01-02T03:05:00.0+0000 n systemd[1]: started',
          '2025-01-02T03:04:05.0+0000 n etcd[7]: panic: x',
        ];
        return { stdout: Buffer.from(`${lines.join('\n')}\n`), cut: false };
      }
      assert.deepEqual([file, args[0], args[1]], ['systemctl', 'show', 'etcd.service']);
      return {
        stdout: Buffer.from(
          'LoadState=loaded\nNRestarts=7\nResult=exit-code\nExecMainStatus=2\nEnvironment=PASSWORD=x\nRestart=\n',
        ),
        cut: false,
      };
    };
    const content = await readCrashMarkers(contextOf(host, 77), run);
    assert.deepEqual(validate('crash-markers', content), { ok: true, value: content });
    assert.deepEqual(content.units, [
      {
        name: 'etcd.service',
        properties: { LoadState: 'loaded', NRestarts: '7', Result: 'exit-code', ExecMainStatus: '2' },
      },
    ]);
    assert.deepEqual(
      content.markers.map(({ kind, log }) => [kind, log]),
      [['panic', 'journal of etcd.service']],
    );
  });

  test('a member that does not run, on a host without tools: said, not thrown', async () => {
    const run: RunCommand = async (file) => {
      throw new ProbeError('failed', 'file-missing', `${file} is not installed here`);
    };
    const content = await readCrashMarkers(contextOf(newHost(), 0), run);
    assert.deepEqual(validate('crash-markers', content), { ok: true, value: content });
    assert.deepEqual([...new Set(content.asked.map(({ state }) => state))], ['missing']);
    assert.equal(content.corePattern, '|/lib/systemd/systemd-coredump %P');
  });
});
