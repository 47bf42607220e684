/** Plain values of the facts about connections, history and set-up of hosts. */
import type { History, HistorySeries } from '../../analyzer/facts/values/cluster.js';
import type { BlockDevice, BlockDevices, FsyncProbe, NetConfig, TimeSync } from '../../analyzer/facts/values/host.js';
import type { PeerSockets, Sockets } from '../../analyzer/facts/values/member.js';
import { WINDOW } from './fake-facts.js';
import { memberId } from './rule-tester.js';

const peer = (n: number, more: Partial<PeerSockets>): PeerSockets => ({
  peer: memberId(n),
  established: 4,
  diallingRounds: 0,
  segmentsOut: 1000,
  resent: 0,
  receivedOverOwnCalls: 20_000,
  steady: true,
  timeouts: 0,
  rttMs: 0.3,
  unreadBytes: 0,
  unackedBytes: 0,
  pmtu: 1500,
  ...more,
});

/** Connections of m`n` with the other two of three members, sound unless said otherwise by peer number. */
export const sockets = (
  n: number,
  peers: Readonly<Record<number, Partial<PeerSockets>>> = {},
  more: Partial<Sockets> = {},
): Sockets => ({
  rounds: 4,
  seconds: WINDOW.seconds,
  own: true,
  tcpInfo: true,
  peers: [1, 2, 3].filter((other) => other !== n).map((other) => peer(other, peers[other] ?? {})),
  clients: { sockets: 20, unreadBytes: 0, unackedBytes: 0 },
  unreadBytes: 0,
  waiting: 0,
  ...more,
});

const STEP_MS = 60_000;

/** One series of m`n` that ends with the window, a value each minute. */
export const series = (name: string, n: number, values: readonly (number | null)[]): HistorySeries => ({
  name,
  unit: '',
  type: 'gauge',
  member: memberId(n),
  labels: {},
  start: WINDOW.to - (values.length - 1) * STEP_MS,
  stepMs: STEP_MS,
  values,
  path: `cluster/history/${name}.json`,
  bundleId: 'b',
});

export const history = (...all: readonly HistorySeries[]): History => ({
  from: Math.min(...all.map(({ start }) => start)),
  to: WINDOW.to,
  series: all,
  of: (name, member) => all.filter((each) => each.name === name && (member === undefined || each.member === member)),
});

/** So many minutes of a line from one value to another. */
export const line = (minutes: number, from: number, to: number): number[] =>
  Array.from({ length: minutes }, (_, i) => from + ((to - from) * i) / Math.max(1, minutes - 1));

export const netConfig = (more: Partial<NetConfig> = {}): NetConfig => ({
  interfaces: [{ name: 'eth0', virtual: false, mtu: 1500, operState: 'up', carrier: true, errors: {} }],
  routes: [],
  resolver: { nameservers: ['10.0.0.53'], search: [], options: [] },
  hosts: [],
  ...more,
});

/** Routes to these members over eth0 with this MTU; `null` = there is none. */
export const routes = (mtus: Readonly<Record<number, number | null>>): NetConfig['routes'] =>
  Object.entries(mtus).map(([n, mtu]) => ({
    memberId: memberId(Number(n)),
    address: `10.0.0.${n}`,
    via: mtu === null ? 'none' : 'link',
    ...(mtu === null ? {} : { interface: 'eth0', mtu }),
  }));

export const timeSync = (synchronised: boolean | null, more: Partial<TimeSync> = {}): TimeSync => ({
  synchronised,
  by: 'kernel',
  offsetMs: null,
  stratum: null,
  server: null,
  daemons: synchronised === false ? [] : ['chronyd'],
  clocksource: 'tsc',
  ...more,
});

export const blockDevices = (...devices: readonly Partial<BlockDevice>[]): BlockDevices => ({
  devices: devices.map((device, i) => ({
    name: `sd${'abc'[i] ?? 'z'}`,
    device: `8:${i}`,
    members: i === 0 ? [memberId(1)] : [],
    ...device,
  })),
});

export const fsyncProbe = (p50Ms: number, p99Ms: number): FsyncProbe => ({
  role: 'wal',
  writes: 1000,
  meanMs: p50Ms,
  p50Ms,
  p99Ms,
  maxMs: p99Ms * 2,
  pendingMs: null,
  ended: 'bytes',
  device: '8:0',
});
