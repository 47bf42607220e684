/** Fact values of a quiet, healthy member and host; tests change what they are about. */
import type { PeerMatrix, Quorum } from '../../../../analyzer/facts/values/cluster.js';
import type { HostCpu, HostMemory, KernelEvents } from '../../../../analyzer/facts/values/host.js';
import type {
  Cgroup,
  CgroupLevel,
  HostPressure,
  Leases,
  PressureView,
  ProcessSched,
  ProcessValue,
  Proposals,
  Puts,
  Reachability,
  Requests,
  SlowOperations,
  Traffic,
  Watchers,
} from '../../../../analyzer/facts/values/member.js';
import { counter, gauge, WINDOW } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';

const view = (percent: number): PressureView => ({
  avg10: percent,
  avg60: percent,
  avg300: percent,
  maxAvg10: percent,
  windowPercent: percent,
});

export const pressure = (of: { cpu?: number; memory?: number; memoryFull?: number }): HostPressure => ({
  host: 'h1',
  seconds: WINDOW.seconds,
  cpu: { some: view(of.cpu ?? 5), full: null },
  io: { some: view(1), full: null },
  memory: { some: view(of.memory ?? 0), full: view(of.memoryFull ?? 0) },
});

export const sched = (more: Partial<ProcessSched> = {}): ProcessSched => ({
  host: 'h1',
  seconds: WINDOW.seconds,
  cpuCores: 0.1,
  runQueueWaitShare: 0.05,
  waitOfRunnable: 0.3,
  blkioDelayShare: 0,
  majorFaultsPerSecond: 0,
  writeBytesPerSecond: 100_000,
  readBytesPerSecond: 0,
  states: ['S'],
  stopped: false,
  lastStoppedAt: null,
  zombie: false,
  threads: 9,
  openFds: 40,
  swapBytes: '0',
  restarted: false,
  ...more,
});

const level = (more: Partial<CgroupLevel>): CgroupLevel => ({
  path: '/etcd',
  quotaCores: null,
  periods: null,
  throttledPeriods: null,
  throttledShare: null,
  throttledPercent: null,
  throttledShareSinceStart: null,
  memoryLimitBytes: null,
  memoryUsageBytes: null,
  memoryShare: null,
  oomKills: null,
  oomKillsInWindow: null,
  ioMax: null,
  cpuPressurePercent: null,
  ioPressurePercent: null,
  ...more,
});

/** A cgroup whose leaf was throttled in this share of its periods; null = no quota. */
export const cgroup = (throttled: number | null, more: Partial<CgroupLevel> = {}): Cgroup => {
  const leaf = level({
    ...(throttled === null
      ? {}
      : { quotaCores: 0.5, periods: 360, throttledPeriods: Math.round(360 * throttled), throttledShare: throttled }),
    ...more,
  });
  return {
    version: 2,
    seconds: WINDOW.seconds,
    levels: [leaf],
    worst: throttled === null || throttled === 0 ? null : leaf,
    quotaCores: leaf.quotaCores,
    memory: null,
    oomKills: leaf.oomKills,
  };
};

export const reach = (
  kind: Reachability['kind'],
  reason?: string,
  rounds: { answered?: readonly number[]; failed?: readonly number[] } = {},
): Reachability => {
  const answered = kind === 'answering' ? 8 : kind === 'intermittent' ? 4 : 0;
  return {
    kind,
    answered: answered > 0,
    grpc: { asked: 8, answered },
    http: { asked: 8, answered },
    answeredRounds: rounds.answered ?? (answered === 8 ? [0, 1, 2, 3] : []),
    failedRounds: rounds.failed ?? (answered === 0 ? [0, 1, 2, 3] : []),
    reasons: reason === undefined ? {} : { [reason]: 16 - 2 * answered },
    failures: [],
  };
};

/** Of five voters (spare) or three (no spare) all but m1 answer; `lost`: no majority. */
export const quorum = (state: 'spare' | 'no-spare' | 'lost'): Quorum => {
  const voters = (state === 'spare' ? [1, 2, 3, 4, 5] : [1, 2, 3]).map(memberId);
  const reachable = state === 'lost' ? voters.slice(2) : voters.slice(1);
  const needed = Math.floor(voters.length / 2) + 1;
  return {
    voters,
    needed,
    reachable,
    unreachable: voters.filter((id) => !reachable.includes(id)),
    spare: reachable.length - needed,
    withLeader: state === 'lost' ? [] : reachable,
    withoutLeader: state === 'lost' ? reachable : [],
    linearizableOk: [],
    linearizableFailed: [],
    commitsAdvanced: state !== 'lost',
    hasQuorum: state !== 'lost',
    reasons: [],
  };
};

/** TCP connects to m1 that work, and probes between the members (ms): from the others to m1, and among the others. */
export const peers = (fromOthersMs: number, amongOthersMs: number): PeerMatrix => ({
  links: [],
  tcp: [
    {
      endpoint: '10.0.0.1:2379',
      member: memberId(1),
      role: 'client',
      stats: {
        attempts: 4,
        ok: 4,
        failed: 0,
        minMs: 0.1,
        medianMs: 0.1,
        maxMs: 0.2,
        codes: {},
        ms: [0.1, 0.1, 0.2, 0.1],
      },
      bundleId: 'b',
      vantage: 'v',
    },
  ],
  members: [{ member: memberId(1), toOthersMs: 0.3, fromOthersMs, amongOthersMs, activePeers: 2, expectedPeers: 2 }],
  unattributedReceiveFailures: [],
  advertised: [],
});

export const hostCpu = (more: Partial<HostCpu> = {}): HostCpu => ({
  seconds: WINDOW.seconds,
  logicalCpus: 2,
  busyPercent: 40,
  userPercent: 30,
  systemPercent: 10,
  iowaitPercent: 0,
  stealPercent: 0,
  softirqPercent: 0,
  contextSwitchesPerSecond: 5000,
  maxRunnable: 3,
  maxBlocked: 0,
  load1: 1,
  load1PerCpu: 0.5,
  ...more,
});

export const memory = (more: Partial<HostMemory> = {}): HostMemory => ({
  totalBytes: '16000000000',
  availableBytes: '4000000000',
  availableShare: 0.25,
  minAvailableBytes: '4000000000',
  dirtyBytes: '0',
  writebackBytes: '0',
  swapTotalBytes: '0',
  swapFreeBytes: '0',
  swapInPerSecond: 0,
  swapOutPerSecond: 0,
  majorFaultsPerSecond: 0,
  oomKills: 0,
  oomKillsInWindow: 0,
  ...more,
});

export const process = (more: Partial<ProcessValue> = {}): ProcessValue => ({
  startedAt: WINDOW.from - 3_600_000,
  restartedInWindow: false,
  starts: [WINDOW.from - 3_600_000],
  uptimeSeconds: 3636,
  rssBytes: gauge(60e6, 60e6),
  heapInuseBytes: gauge(30e6, 30e6),
  allocBytesPerSecond: 1e6,
  gcPerSecond: 0.05,
  gcMaxPauseSeconds: 0.0005,
  goroutines: gauge(100, 100),
  threads: gauge(9, 9),
  openFds: gauge(40, 40),
  maxFds: 65_536,
  fdShare: 40 / 65_536,
  cpuCores: 0.1,
  cpuCoresSinceStart: 0.1,
  ...more,
});

export const slowOps = (apply: number): SlowOperations => ({
  apply: counter(apply),
  readIndexSlow: counter(0),
  readIndexFailed: counter(0),
});

export const proposals = (applied: number, more: Partial<Proposals> = {}): Proposals => ({
  pending: gauge(0, 1),
  failed: counter(0),
  committed: counter(applied),
  applied: counter(applied),
  gap: gauge(0, 0),
  ...more,
});

export const puts = (count: number, bytes: number | null = 256, more: Partial<Puts> = {}): Puts => ({
  puts: counter(count),
  deletes: counter(0),
  txns: counter(0),
  ranges: counter(100),
  bytesPerPut: count === 0 ? null : bytes,
  bytesPerPutSinceStart: bytes,
  sentBytesPerRange: 500,
  ...more,
});

export const traffic = (more: Partial<Traffic> = {}): Traffic => ({
  clientSent: counter(50_000),
  clientReceived: counter(50_000),
  peerSent: counter(50_000),
  peerReceived: counter(50_000),
  streamFailures: [],
  bytesPerSecond: 5000,
  ...more,
});

export const requests = (
  rates: readonly { method: string; code: string; delta: number }[],
  more: Partial<Requests> = {},
): Requests => ({
  byMethod: rates.map(({ method, code, delta }) => ({
    service: 'etcdserverpb.KV',
    method,
    code,
    type: 'unary',
    counter: counter(delta),
  })),
  total: counter(rates.reduce((sum, { delta }) => sum + delta, 0)),
  errors: counter(0),
  errorShare: 0,
  errorShareBasis: 'window',
  byCode: {},
  clients: [],
  streamMessages: [],
  ...more,
});

export const watchers = (more: Partial<Watchers> = {}): Watchers => ({
  watchers: gauge(200, 200, 200),
  streams: gauge(10, 10, 10),
  slow: gauge(0, 0, 0),
  pendingEvents: gauge(0, 0, 0),
  events: counter(1000),
  ...more,
});

export const leases = (more: Partial<Leases> = {}): Leases => ({
  granted: counter(36),
  revoked: counter(36),
  renewed: counter(360),
  expired: counter(0),
  balance: 50,
  ...more,
});

export const kernel = (
  ...events: readonly {
    kind: KernelEvents['events'][number]['kind'];
    at: number | null;
    text: string;
    etcd?: boolean;
  }[]
): KernelEvents => ({
  events: events.map((event, i) => ({ line: i + 1, device: null, etcd: event.etcd ?? false, ...event })),
  counts: {},
  truncated: false,
});
