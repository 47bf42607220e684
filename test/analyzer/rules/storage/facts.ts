/** Plain fact values for the storage rules. */
import type { Config } from '../../../../analyzer/facts/values/cluster.js';
import type {
  DeviceActivity,
  DiskActivity,
  FilesystemValue,
  Filesystems,
  Writers,
} from '../../../../analyzer/facts/values/host.js';
import type {
  Cgroup,
  CgroupLevel,
  DataFiles,
  HostPressure,
  ProcessSched,
  Proposals,
  Reachability,
  SlowOperations,
} from '../../../../analyzer/facts/values/member.js';
import { counter, gauge, WINDOW } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';

export const config: Config = {
  members: {},
  known: [],
  differences: [],
  timing: { [memberId(1)]: { heartbeatMs: 100, electionMs: 1000, origin: 'default' } },
};

export const device = (more: Partial<DeviceActivity> = {}): DeviceActivity => ({
  name: 'sda',
  device: '8:0',
  readsPerSecond: 0,
  writesPerSecond: 100,
  readBytesPerSecond: 0,
  writeBytesPerSecond: 1_000_000,
  readAwaitMs: null,
  writeAwaitMs: 0.5,
  flushAwaitMs: 1,
  flushesPerSecond: 50,
  utilisation: 0.1,
  queue: 0.1,
  rotational: false,
  model: null,
  sizeBytes: null,
  below: [],
  holds: [{ member: memberId(1), role: 'data' }],
  ...more,
});

export const disk = (more: Partial<DeviceActivity> = {}): DiskActivity => ({
  seconds: 36,
  devices: [device(more)],
  etcdDevices: [device(more)],
});

export const writers = (etcdShare: number | null, others: Readonly<Record<string, number>> = {}): Writers => ({
  seconds: 36,
  ioReadable: true,
  processes: Object.entries(others).map(([command, rate], i) => ({
    pid: 100 + i,
    command,
    member: null,
    writeBytesPerSecond: rate,
    readBytesPerSecond: 0,
    cpuCores: 0.1,
  })),
  etcdWriteBytesPerSecond: 1_000_000,
  otherWriteBytesPerSecond: 0,
  devices: [{ name: 'sda', writeBytesPerSecond: 1_000_000, etcdWriteBytesPerSecond: 1_000_000, etcdShare }],
  truncated: false,
});

export const cgroup = (throttledShare: number | null, ioMax: string | null = null): Cgroup => {
  const level: CgroupLevel = {
    path: '/x',
    quotaCores: throttledShare === null ? null : 0.1,
    periods: 360,
    throttledPeriods: Math.round(360 * (throttledShare ?? 0)),
    throttledShare,
    throttledPercent: 80,
    throttledShareSinceStart: throttledShare,
    memoryLimitBytes: null,
    memoryUsageBytes: null,
    memoryShare: null,
    oomKills: null,
    oomKillsInWindow: null,
    ioMax,
    cpuPressurePercent: null,
    ioPressurePercent: null,
  };
  return {
    version: 2,
    seconds: 36,
    levels: [level],
    worst: throttledShare === null ? null : level,
    quotaCores: null,
    memory: null,
    oomKills: null,
  };
};

export const pressure = (cpu: number): HostPressure => ({
  host: 'h1',
  seconds: 36,
  cpu: { some: { avg10: cpu, avg60: cpu, avg300: cpu, maxAvg10: cpu, windowPercent: cpu }, full: null },
  io: null,
  memory: null,
});

export const sched = (waitOfRunnable: number): ProcessSched => ({
  host: 'h1',
  seconds: 36,
  cpuCores: 0.2,
  runQueueWaitShare: 0.1,
  waitOfRunnable,
  blkioDelayShare: null,
  majorFaultsPerSecond: 0,
  writeBytesPerSecond: null,
  readBytesPerSecond: null,
  states: ['S'],
  stopped: false,
  lastStoppedAt: null,
  zombie: false,
  threads: 10,
  openFds: 20,
  swapBytes: null,
  restarted: false,
});

/** A host whose CPU is free. */
export const calm = { hostPressure: pressure(3), processSched: sched(0.05), cgroup: cgroup(null) };

export const slowApplies = (delta: number): SlowOperations => ({
  apply: counter(delta),
  readIndexSlow: null,
  readIndexFailed: null,
});

export const proposals = (applied: number, pending = 0): Proposals => ({
  pending: gauge(pending, pending),
  failed: null,
  committed: counter(applied),
  applied: counter(applied),
  gap: null,
});

export const filesystem = (more: Partial<FilesystemValue> = {}): Filesystems => ({
  filesystems: [
    {
      member: memberId(1),
      role: 'data',
      path: '/var/lib/etcd',
      mountPoint: '/var/lib/etcd',
      fsType: 'ext4',
      source: '/dev/sda1',
      device: '8:1',
      options: ['rw', 'relatime'],
      readOnly: false,
      totalBytes: '100000000000',
      availableBytes: '60000000000',
      usedShare: 0.4,
      inodesTotal: '1000000',
      inodesFree: '900000',
      inodesUsedShare: 0.1,
      onRoot: false,
      sharedWith: [],
      ...more,
    },
  ],
});

export const reachable = (answered: boolean): Reachability => ({
  kind: answered ? 'answering' : 'refused',
  answered,
  grpc: { asked: 4, answered: answered ? 4 : 0 },
  http: { asked: 4, answered: answered ? 4 : 0 },
  answeredRounds: answered ? [0, 1, 2, 3] : [],
  failedRounds: answered ? [] : [0, 1, 2, 3],
  reasons: {},
  failures: [],
});

export const dataFiles = (more: Partial<DataFiles> = {}): DataFiles => ({
  walFiles: 5,
  walBytes: '320000000',
  snapDbFiles: 0,
  snapDbBytes: '0',
  leftoverFiles: 0,
  leftoverBytes: '0',
  defragTmpAt: null,
  dbBytes: '20000000',
  totalBytes: '340000000',
  truncated: false,
  ...more,
});

export const minutesAgo = (minutes: number): number => WINDOW.to - minutes * 60_000;
