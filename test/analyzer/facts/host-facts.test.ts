import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import { FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, valueIn } from './helpers.js';

const m1 = fakeId(0);
const member = { name: 'm1', host: 'h1' };

const caseOf = (artifacts: readonly FakeArtifact[]) =>
  createFacts(
    fakeCase({ members: [member], hosts: ['h1'], artifacts, rounds: [FAKE_START + 1000, FAKE_START + 11_000] }),
  );

const disks = (round: number, lines: readonly string[]): FakeArtifact => ({
  kind: 'diskstats',
  of: 'h1',
  round,
  value: `${lines.join('\n')}\n`,
});
const files = (device: string, role: 'data' | 'wal' = 'data'): FakeArtifact => ({
  kind: 'filesystems',
  of: 'h1',
  value: {
    filesystems: [
      {
        memberId: m1,
        role,
        path: '/var/lib/etcd',
        mountPoint: '/var/lib/etcd',
        fsType: 'xfs',
        source: '/dev/dm-0',
        options: ['rw'],
        device,
        totalBytes: '1000',
        availableBytes: '100',
        freeBytes: '200',
        inodesTotal: '0',
        inodesFree: '0',
      },
    ],
  },
});

test('disk activity: rates and waits between the rounds; data on dm is on the disk below too', () => {
  const facts = caseOf([
    disks(0, [
      '254 0 dm-0 10 0 80 5 100 0 800 50 0 40 60 0 0 0 0 0 0',
      '8 0 sda 10 0 80 5 9007199254740993 0 800 50 0 40 60 0 0 0 0 7 70',
      '8 16 sdb 0 0 0 0 0 0 0 0 0 0 0',
    ]),
    disks(1, [
      '254 0 dm-0 10 0 80 5 300 0 4896 450 0 5040 460 0 0 0 0 0 0',
      '8 0 sda 10 0 80 5 9007199254741193 0 4896 450 0 5040 460 0 0 0 0 27 470',
      '8 16 sdb 0 0 0 0 0 0 0 0 0 0 0',
    ]),
    files('254:0'),
    {
      kind: 'block-devices',
      of: 'h1',
      value: {
        devices: [
          { name: 'dm-0', device: '254:0', slaves: ['sda'], members: [m1] },
          { name: 'sda', device: '8:0', rotational: true, members: [m1] },
        ],
      },
    },
  ]);
  const activity = valueIn(facts.host('h1', 'diskActivity'));
  assert.deepEqual(
    activity.devices.map((device) => device.name).sort(),
    ['dm-0', 'sda'],
    'an idle device without data stays out',
  );
  const sda = activity.etcdDevices.find((device) => device.name === 'sda');
  assert.equal(sda?.writesPerSecond, 20);
  assert.equal(sda.writeBytesPerSecond, (4096 * 512) / 10);
  assert.equal(sda.writeAwaitMs, 2);
  assert.equal(sda.readAwaitMs, null, 'no reads, no wait');
  assert.equal(sda.flushAwaitMs, 20);
  assert.equal(sda.utilisation, 0.5);
  assert.deepEqual(sda.holds, [{ member: m1, role: 'data' }]);
  assert.deepEqual(
    [sda.rotational, activity.etcdDevices.find((device) => device.name === 'dm-0')?.below],
    [true, ['sda']],
  );
});

test('disk activity: one round, counters that went down, nonsense', () => {
  assert.match(
    reasonOf(caseOf([disks(0, ['8 0 sda 1 0 8 5 1 0 8 5 0 4 6'])]).host('h1', 'diskActivity')),
    /two rounds/,
  );
  const facts = caseOf([
    disks(0, ['8 0 sda 100 0 8 5 100 0 8 5 0 4 6', 'x y z']),
    disks(1, ['8 0 sda 1 0 8 5 1 0 8 5 0 4 6', '8 0']),
  ]);
  assert.deepEqual(valueIn(facts.host('h1', 'diskActivity')).devices, []);
});

test('cpu: shares of the time that passed', () => {
  const stat = (round: number, cpu: string, running: number): FakeArtifact => ({
    kind: 'cpu-stat',
    of: 'h1',
    round,
    value: `cpu  ${cpu}\ncpu0 1\ncpu1 1\nctxt ${1000 + round * 500}\nprocs_running ${running}\nprocs_blocked 0\n`,
  });
  const facts = caseOf([stat(0, '100 0 100 700 50 0 0 50 0 0', 3), stat(1, '200 0 200 1200 250 0 0 150 0 0', 9)]);
  const cpu = valueIn(facts.host('h1', 'cpu'));
  assert.deepEqual(
    [
      cpu.busyPercent,
      cpu.iowaitPercent,
      cpu.stealPercent,
      cpu.logicalCpus,
      cpu.maxRunnable,
      cpu.contextSwitchesPerSecond,
    ],
    [30, 20, 10, 2, 9, 50],
  );
});

test('memory and network: rates, kB as bytes, retransmits, errors', () => {
  const net = (round: number, out: number, retrans: number, drops: number): FakeArtifact => ({
    kind: 'net-counters',
    of: 'h1',
    round,
    value: `# /proc/net/dev\nInter-|\n face |\n eth0: ${1000 * (round + 1)} 1 0 ${drops} 0 0 0 0 500 1 0 0 0 0 0 0\n# /proc/net/snmp\nTcp: OutSegs RetransSegs\nTcp: ${out} ${retrans}\n# /proc/net/netstat\nTcpExt: TCPTimeouts ListenDrops\nTcpExt: ${retrans} 0\n`,
  });
  const facts = caseOf([
    { kind: 'meminfo', of: 'h1', round: 0, value: 'MemTotal: 1000 kB\nMemAvailable: 100 kB\n' },
    { kind: 'meminfo', of: 'h1', round: 1, value: 'MemTotal: 1000 kB\nMemAvailable: 250 kB\n' },
    { kind: 'vmstat', of: 'h1', round: 0, value: 'pswpin 5\npswpout 5\npgmajfault 100\noom_kill 1\n' },
    { kind: 'vmstat', of: 'h1', round: 1, value: 'pswpin 5\npswpout 105\npgmajfault 300\noom_kill 2\n' },
    net(0, 1000, 10, 0),
    net(1, 2000, 60, 7),
  ]);
  const memory = valueIn(facts.host('h1', 'memory'));
  assert.deepEqual(
    [memory.availableBytes, memory.minAvailableBytes, memory.availableShare],
    ['256000', '102400', 0.25],
  );
  assert.deepEqual([memory.swapOutPerSecond, memory.majorFaultsPerSecond, memory.oomKillsInWindow], [10, 20, 1]);
  const scope = valueIn(facts.host('h1', 'network')).scopes[0];
  assert.deepEqual(
    [
      scope?.of,
      scope?.retransmitShare,
      scope?.interfaces[0]?.rxDrops,
      scope?.interfaces[0]?.rxBytesPerSecond,
      scope?.timeouts,
    ],
    ['host', 0.05, 7, 100, 50],
  );
});

test('file systems: df’s used share, no inode share where there is no inode limit', () => {
  const fs = valueIn(caseOf([files('254:0')]).host('h1', 'filesystems')).filesystems[0];
  assert.equal(fs?.usedShare, 800 / 900);
  assert.equal(fs.inodesUsedShare, null);
});

test('kernel events: kinds, times and devices; the head line is none', () => {
  const value = [
    '# /dev/kmsg, whole ring',
    '2026-01-02T03:00:00.500Z [100.5] Out of memory: Killed process 77 (etcd) total-vm:1kB',
    '[200.000000] blk_update_request: I/O error, dev sdb, sector 5',
    'EXT4-fs (sdb1): Remounting filesystem read-only',
    'task etcd:77 blocked for more than 120 seconds.',
  ].join('\n');
  const facts = caseOf([
    { kind: 'kernel-log', of: 'h1', value },
    {
      kind: 'host-os',
      of: 'h1',
      value: {
        hostname: 'h1',
        os: 'x',
        kernel: '6',
        arch: 'x64',
        uptimeSeconds: 1000,
        bootId: 'b',
        container: false,
        time: '2026-01-02T03:04:05.000Z',
        timezone: 'UTC',
      },
    },
  ]);
  const { events } = valueIn(facts.host('h1', 'kernelEvents'));
  assert.deepEqual(
    events.map((event) => event.kind),
    ['oom', 'io-error', 'readonly-remount', 'hung-task'],
  );
  assert.equal(events[0]?.at, Date.UTC(2026, 0, 2, 3, 0, 0, 500));
  assert.equal(events[0].etcd, true);
  assert.equal(events[1]?.at, FAKE_START - 800_000);
  assert.deepEqual([events[1].device, events[2]?.device, events[0].line], ['sdb', 'sdb1', 2]);
});

test('pressure and throttling in the window', () => {
  const line = (totalUs: string) => ({ some: { avg10: 1, avg60: 1, avg300: 1, totalUs } });
  const level = (nrPeriods: string, nrThrottled: string) => ({
    version: 2,
    levels: [
      {
        path: '/a/b',
        cpu: { quotaUs: '50000', periodUs: '100000', nrPeriods, nrThrottled, throttledUs: '0' },
        memory: { limitBytes: '9223372036854771712', usageBytes: '5' },
      },
      {
        path: '/a',
        cpu: { quotaUs: null, periodUs: '100000' },
        memory: { limitBytes: '1000', usageBytes: '900', events: { oom_kill: '0' } },
      },
    ],
  });
  const facts = caseOf([
    { kind: 'psi', of: 'h1', round: 0, value: { cpu: line('9007199254740993') } },
    { kind: 'psi', of: 'h1', round: 1, value: { cpu: line('9007199257740993') } },
    { kind: 'cgroup', of: 'm1', round: 0, value: level('100', '0') },
    { kind: 'cgroup', of: 'm1', round: 1, value: level('200', '80') },
  ]);
  assert.equal(valueIn(facts.member(m1, 'hostPressure')).cpu?.some.windowPercent, 30);
  const cgroup = valueIn(facts.member(m1, 'cgroup'));
  assert.deepEqual([cgroup.quotaCores, cgroup.worst?.throttledShare, cgroup.memory?.share], [0.5, 0.8, 0.9]);
  assert.equal(cgroup.levels[0]?.memoryLimitBytes, null, 'the v1 way to write no limit');
});

test('process: CPU, run-queue wait and a stop seen in one round only; writers by device', () => {
  const process = (round: number, state: string, ticks: string, write: string): FakeArtifact => ({
    kind: 'process',
    of: 'm1',
    round,
    value: {
      pid: 7,
      state,
      startTicks: '5',
      clockTicksPerSecond: 100,
      threads: 9,
      utimeTicks: ticks,
      stimeTicks: '0',
      rssBytes: '1',
      majorFaults: '0',
      io: { readBytes: '0', writeBytes: write },
      schedstat: { runNs: String(round * 1e9), waitNs: String(round * 3e9), slices: '1' },
    },
  });
  const hostProcesses = (round: number, other: string): FakeArtifact => ({
    kind: 'host-processes',
    of: 'h1',
    round,
    value: {
      clockTicksPerSecond: 100,
      ioReadable: true,
      truncated: false,
      processes: [
        {
          pid: 7,
          startTicks: '5',
          command: 'etcd',
          cpuTicks: '1',
          rssBytes: '1',
          writeBytes: String(round * 1000),
          readBytes: '0',
        },
        {
          pid: 8,
          startTicks: '6',
          command: 'dd',
          cpuTicks: String(round * 500),
          rssBytes: '1',
          writeBytes: other,
          readBytes: '0',
        },
      ],
    },
  });
  const facts = caseOf([
    process(0, 'T', '100', '0'),
    process(1, 'S', '600', '1024'),
    hostProcesses(0, '0'),
    hostProcesses(1, '9000'),
    disks(0, ['8 0 sda 0 0 0 0 0 0 0 0 0 0 0']),
    disks(1, ['8 0 sda 0 0 0 0 5 0 20 5 0 5 5']),
    files('8:0'),
  ]);
  const sched = valueIn(facts.member(m1, 'processSched'));
  assert.deepEqual(
    [sched.cpuCores, sched.runQueueWaitShare, sched.waitOfRunnable, sched.stopped],
    [0.5, 0.3, 0.75, true],
  );
  assert.deepEqual([sched.states, sched.lastStoppedAt], [['T', 'S'], FAKE_START + 1000], 'the last state comes last');
  const writers = valueIn(facts.host('h1', 'writers'));
  assert.deepEqual(
    [writers.processes[0]?.command, writers.otherWriteBytesPerSecond, writers.etcdWriteBytesPerSecond],
    ['dd', 900, 102.4],
  );
  assert.equal(writers.devices[0]?.etcdShare, 0.1);
});
