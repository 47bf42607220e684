import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgroupDir, parseCgroupFile, pathsUpwards, readCgroups } from '../../collector/cgroups.js';
import { formatKernelLine, isInteresting, parseKernelLogLine, parseKmsgRecord } from '../../collector/kernel-lines.js';
import { mountOf, parseMountInfo } from '../../collector/mounts.js';
import { kibibytes, parseColonLines, parseStat } from '../../collector/ports/process.js';
import { parseCpuInfo } from '../../collector/probes/host/host-cpu.js';
import { parsePressure } from '../../collector/probes/host/psi.js';
import { parseLimits } from '../../collector/probes/server/server-limits.js';
import { validate } from '../../schemas/index.js';
import { fakeHost } from './fake-files.js';

const MOUNTS_V1 = `30 25 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
`;
const MOUNTS_V2 = '31 30 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n';

describe('process files', () => {
  it('reads a stat line whose command holds blanks and parentheses', () => {
    const tail = Array.from({ length: 41 }, (_, index) => String(index + 4)).join(' ');
    const row = parseStat(`77 (a) b (c) S ${tail}`);
    assert.deepEqual([row?.pid, row?.command, row?.state, row?.parent], [77, 'a) b (c', 'S', 4]);
    // Field numbers of proc_pid_stat(5): every number stands at its own place here.
    assert.deepEqual(
      [
        row?.majorFaults,
        row?.utimeTicks,
        row?.stimeTicks,
        row?.nice,
        row?.threads,
        row?.startTicks,
        row?.rssPages,
        row?.blkioDelayTicks,
      ],
      ['12', '14', '15', 19, 20, '22', '24', '42'],
    );
    assert.equal(parseStat('nonsense'), undefined);
  });

  it('keeps counters above 2^53', () => {
    assert.equal(kibibytes('9007199254740993 kB'), (9007199254740993n * 1024n).toString());
    assert.equal(kibibytes('12 MB'), undefined);
    assert.equal(parseColonLines('read_bytes: 18446744073709551615\n')['read_bytes'], '18446744073709551615');
  });

  it('reads the table of limits', () => {
    const limits = parseLimits(
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \nMax nice priority         0                    0                    \n',
    );
    assert.deepEqual(limits, [
      { name: 'Max open files', soft: '1024', hard: '524288', unit: 'files' },
      { name: 'Max nice priority', soft: '0', hard: '0', unit: '' },
    ]);
  });

  it('reads pressure with and without the full line', () => {
    const some = 'some avg10=1.50 avg60=0.20 avg300=0.00 total=18446744073709551615\n';
    assert.deepEqual(parsePressure(some), {
      some: { avg10: 1.5, avg60: 0.2, avg300: 0, totalUs: '18446744073709551615' },
    });
    assert.equal(parsePressure(`${some}full avg10=0.10 avg60=0.00 avg300=0.00 total=5`)?.full?.totalUs, '5');
    assert.equal(parsePressure(''), undefined);
  });

  it('reads processors of x86 and arm64', () => {
    assert.deepEqual(
      parseCpuInfo('processor\t: 0\nmodel name\t: Big\ncpu MHz\t\t: 2000.5\n\nprocessor\t: 1\nmodel name\t: Big\n'),
      {
        logicalCpus: 2,
        model: 'Big',
        mhz: 2000.5,
      },
    );
    assert.deepEqual(parseCpuInfo('processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n'), {
      logicalCpus: 1,
      model: 'implementer 0x41 part 0xd0c',
    });
  });
});

describe('mounts', () => {
  const mounts = parseMountInfo(`27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
28 27 8:1 / /var/lib/etcd rw shared:1 master:2 - xfs /dev/sda1 rw,noquota
29 27 8:2 / /var/lib/etcd-other rw - xfs /dev/sda2 rw
30 27 8:3 / /with\\040blank rw - ext4 /dev/sda3 rw
31 28 0:40 / /var/lib/etcd rw - tmpfs tmpfs rw
broken line
`);
  it('are found by the longest mount point on a path boundary, the last one on top', () => {
    assert.equal(mountOf(mounts, '/var/lib/etcd/member/wal')?.device, '0:40');
    assert.equal(mountOf(mounts, '/var/lib/etcd-other')?.device, '8:2');
    assert.equal(mountOf(mounts, '/var/lib/etcdx')?.device, '254:0');
    assert.equal(mountOf(mounts, '/with blank/a')?.device, '8:3');
    assert.deepEqual(mounts[1]?.superOptions, ['rw', 'noquota']);
  });
});

describe('cgroups', () => {
  it('are not followed out of our namespace or mount', () => {
    const [cpu] = parseMountInfo(MOUNTS_V2);
    assert.ok(cpu !== undefined);
    assert.equal(cgroupDir(cpu, '/a/b'), '/sys/fs/cgroup/a/b');
    assert.equal(cgroupDir(cpu, '/'), '/sys/fs/cgroup');
    assert.equal(cgroupDir(cpu, '/../etcd.service'), undefined);
    const inner = { ...cpu, root: '/docker/x' };
    assert.equal(cgroupDir(inner, '/docker/x/y'), '/sys/fs/cgroup/y');
    assert.equal(cgroupDir(inner, '/docker/xy'), undefined);
    assert.deepEqual(pathsUpwards('/a/b'), ['/a/b', '/a', '/']);
    assert.deepEqual(parseCgroupFile('4:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n'), [
      { controller: 'cpu', path: '/a' },
      { controller: 'unified', path: '/c' },
    ]);
  });

  it('v2: limits and throttling of every level, leaf first', () => {
    const host = fakeHost();
    try {
      const leaf = '/sys/fs/cgroup/system.slice/etcd.service';
      host.put(`${leaf}/cpu.max`, '150000 100000\n');
      host.put(`${leaf}/cpu.stat`, 'usage_usec 5\nnr_periods 10\nnr_throttled 4\nthrottled_usec 12345\n');
      host.put(`${leaf}/memory.max`, 'max\n');
      host.put(`${leaf}/memory.events`, 'low 0\noom_kill 2\n');
      host.put(`${leaf}/io.pressure`, 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n');
      host.put('/sys/fs/cgroup/system.slice/memory.max', '1073741824\n');
      const { artifact, hidden } = readCgroups(host.files, '0::/system.slice/etcd.service\n', MOUNTS_V2);
      assert.deepEqual(hidden, []);
      assert.equal(artifact.version, 2);
      assert.deepEqual(
        artifact.levels.map(({ path }) => path),
        ['/system.slice/etcd.service', '/system.slice', '/'],
      );
      assert.deepEqual(artifact.levels[0]?.cpu, {
        quotaUs: '150000',
        periodUs: '100000',
        nrPeriods: '10',
        nrThrottled: '4',
        throttledUs: '12345',
      });
      assert.deepEqual(artifact.levels[0].memory, { limitBytes: null, events: { low: '0', oom_kill: '2' } });
      assert.equal(artifact.levels[1]?.memory?.limitBytes, '1073741824');
      assert.ok(validate('cgroup', artifact));
    } finally {
      host.remove();
    }
  });

  it('v1: controllers in different groups become levels of their own; nanoseconds become microseconds', () => {
    const host = fakeHost();
    try {
      host.put('/sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_quota_us', '20000\n');
      host.put('/sys/fs/cgroup/cpu,cpuacct/pod/cpu.cfs_period_us', '100000\n');
      host.put('/sys/fs/cgroup/cpu,cpuacct/pod/cpu.stat', 'nr_periods 7\nnr_throttled 3\nthrottled_time 5000999\n');
      host.put('/sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
      const { artifact } = readCgroups(host.files, '4:cpu,cpuacct:/pod\n3:memory:/\n', MOUNTS_V1);
      assert.equal(artifact.version, 1);
      assert.deepEqual(artifact.levels[0], {
        path: '/pod',
        cpu: { quotaUs: '20000', periodUs: '100000', nrPeriods: '7', nrThrottled: '3', throttledUs: '5000' },
      });
      assert.equal(artifact.levels.at(-1)?.memory?.limitBytes, null);
    } finally {
      host.remove();
    }
  });

  it('says which hierarchies cannot be seen', () => {
    const host = fakeHost();
    try {
      const { artifact, hidden } = readCgroups(host.files, '0::/../../x\n', MOUNTS_V2);
      assert.deepEqual([artifact.levels, hidden], [[], ['unified']]);
    } finally {
      host.remove();
    }
  });
});

describe('kernel messages', () => {
  it('come from kmsg records of the kernel only', () => {
    assert.deepEqual(parseKmsgRecord('6,339,5140900,-;nvme nvme0: I/O 1 timeout\n SUBSYSTEM=x\n'), {
      bootSeconds: 5.1409,
      text: 'nvme nvme0: I/O 1 timeout',
    });
    assert.equal(parseKmsgRecord('14,340,5140900,-;user: Out of memory'), undefined);
  });

  it('come from log files with and without the bracket', () => {
    const line = parseKernelLogLine('Nov 22 10:05:02 n1 kernel: [ 12.345678] Out of memory: Killed process 1 (etcd)');
    assert.deepEqual(line, {
      bootSeconds: 12.345678,
      prefix: 'Nov 22 10:05:02 n1',
      text: 'Out of memory: Killed process 1 (etcd)',
    });
    assert.equal(parseKernelLogLine('Nov 22 10:05:02 n1 etcd[1]: Out of memory'), undefined);
  });

  it('get wall time when the boot is known, and cannot forge lines', () => {
    const bootMs = Date.parse('2026-11-22T10:00:00Z');
    assert.equal(
      formatKernelLine({ bootSeconds: 1.5, text: 'a\nb\u001b[0m' }, bootMs),
      '2026-11-22T10:00:01.500Z [1.500000] a b [0m',
    );
    assert.equal(formatKernelLine({ prefix: 'Nov 22', text: 'x' }, undefined), 'Nov 22 x');
  });

  for (const text of [
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)',
    'Memory cgroup out of memory: Killed process 9 (etcd)',
    'I/O error, dev sda, sector 5 op 0x1:(WRITE)',
    'EXT4-fs error (device sda1): ext4_find_entry:1234',
    'EXT4-fs (sda1): Remounting filesystem read-only',
    'INFO: task etcd:12 blocked for more than 120 seconds.',
    'watchdog: BUG: soft lockup - CPU#1 stuck for 22s!',
    'clocksource: timekeeping watchdog on CPU0: Marking clocksource tsc as unstable',
  ]) {
    it(`keeps: ${text}`, () => assert.ok(isInteresting({ text })));
  }
  it('drops the rest', () => assert.ok(!isInteresting({ text: 'usb 1-1: new high-speed USB device' })));
});
