/** Plain facts about links between three members, for the tests of network and config rules. */
import type { AttemptStats } from '../../../../analyzer/facts/values/common.js';
import type { LeaderView, PeerLink, PeerMatrix, Quorum } from '../../../../analyzer/facts/values/cluster.js';
import type { NetworkScope } from '../../../../analyzer/facts/values/host.js';
import type { Cgroup, LogCount, ReadLatency, Reachability } from '../../../../analyzer/facts/values/member.js';
import type { Config } from '../../../../analyzer/facts/values/cluster.js';
import { counter, gauge, latency, WINDOW } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';

/** Some of etcd's round-trip buckets, ms. */
const RTT_BOUNDS = [0.1, 0.8, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];

export interface LinkSpec {
  /** Observations in the window by upper bound; `failed` = all probes fail (round trips of zero). */
  readonly rtt?: Readonly<Record<string, number>> | 'failed';
  readonly active?: number;
  readonly received?: number;
  readonly sendFailures?: number;
}

const failed = (count: number): ReturnType<typeof latency> => {
  const made = latency({ '0.1': count }, { bounds: RTT_BOUNDS });
  const zero = (view: typeof made.sinceStart): typeof made.sinceStart => ({
    ...view,
    histogram: { ...view.histogram, sumMs: 0 },
    meanMs: 0,
  });
  return { ...made, window: zero(made.sinceStart), sinceStart: zero(made.sinceStart), best: zero(made.sinceStart) };
};

const linkOf = (from: number, to: number, spec: LinkSpec): PeerLink => ({
  from: memberId(from),
  to: memberId(to),
  rtt: spec.rtt === undefined ? null : spec.rtt === 'failed' ? failed(8) : latency(spec.rtt, { bounds: RTT_BOUNDS }),
  sendFailures: spec.sendFailures === undefined ? null : counter(spec.sendFailures),
  receiveFailures: null,
  disconnects: null,
  active: gauge(spec.active ?? 1, spec.active ?? 1),
  sentBytes: counter(10_000),
  receivedBytes: spec.received === undefined ? null : counter(spec.received),
});

/** Healthy unless said otherwise; keys are `from>to`, m1 is the leader. */
export const matrix = (
  changed: Readonly<Record<string, LinkSpec>> = {},
  options: {
    readonly size?: number;
    readonly tcp?: PeerMatrix['tcp'];
    readonly advertised?: PeerMatrix['advertised'];
  } = {},
): PeerMatrix => {
  const numbers = Array.from({ length: options.size ?? 3 }, (_, i) => i + 1);
  return {
    links: numbers.flatMap((from) =>
      numbers
        .filter((to) => to !== from)
        .map((to) =>
          linkOf(
            from,
            to,
            changed[`${from}>${to}`] ?? { rtt: { '0.8': 3 }, ...(from === 1 || to === 1 ? { received: 20_000 } : {}) },
          ),
        ),
    ),
    tcp: options.tcp ?? [],
    advertised: options.advertised ?? [],
    members: [],
    unattributedReceiveFailures: [],
  };
};

export const leaderView = (lost: readonly number[] = [], leader = 1): LeaderView => ({
  rounds: [
    {
      bundleId: 'b',
      round: 0,
      at: WINDOW.from,
      leaders: Object.fromEntries([1, 2, 3].map((n) => [memberId(n), memberId(leader)])),
      terms: {},
      agree: true,
    },
  ],
  leader: memberId(leader),
  named: [1, 2, 3].filter((n) => !lost.includes(n)).map(memberId),
  dissenting: lost.map(memberId),
  withoutLeader: lost.map(memberId),
  everWithoutLeader: lost.map(memberId),
  agree: lost.length === 0,
  highestTerm: '2',
  termDelta: '0',
  changes: [],
});

export const quorum = (lost: readonly number[] = [], unreachable: readonly number[] = []): Quorum => {
  const voters = [1, 2, 3].map(memberId);
  const withoutLeader = lost.map(memberId);
  const reachable = voters.filter((id) => !unreachable.map(memberId).includes(id));
  return {
    voters,
    needed: 2,
    reachable,
    unreachable: unreachable.map(memberId),
    spare: reachable.length - 2,
    withLeader: reachable.filter((id) => !withoutLeader.includes(id)),
    withoutLeader,
    linearizableOk: reachable.filter((id) => !withoutLeader.includes(id)),
    linearizableFailed: withoutLeader,
    commitsAdvanced: true,
    hasQuorum: reachable.length - lost.length >= 2,
    reasons: ['as the test says'],
  };
};

export const answering = (kind: Reachability['kind'] = 'answering'): Reachability => {
  const ok = kind === 'answering';
  return {
    kind,
    answered: ok,
    grpc: { asked: 10, answered: ok ? 10 : 0 },
    http: { asked: 10, answered: ok ? 10 : 0 },
    answeredRounds: ok ? [0, 1, 2, 3] : [],
    failedRounds: ok ? [] : [0, 1, 2, 3],
    reasons: ok ? {} : { 'connection-timeout': 20 },
    failures: [],
  };
};

/** A count of log lines with values of text fields. */
export const said = (
  inWindow: number,
  texts: Readonly<Record<string, readonly string[]>> = {},
  before = 0,
): { inWindow: number; before: number; stats: LogCount['stats'] } => ({
  inWindow,
  before,
  stats: [
    {
      id: 'fake',
      group: 'fake',
      count: inWindow + before,
      timed: inWindow + before,
      first: WINDOW.from,
      last: WINDOW.to - 1000,
      numbers: new Map(),
      texts: new Map(
        Object.entries(texts).map(([field, values]) => [
          field,
          { top: values.map((value) => ({ value, count: inWindow + before })), others: 0, last: values[0] ?? '' },
        ]),
      ),
      series: { widthMs: 1000, buckets: [] },
      recent: [],
      recentComplete: true,
      samples: [{ source: 'm.log', line: 7, text: 'line' }],
    },
  ],
});

/** Lines at these seconds after the start of the window (negative: before it). */
export const saidAt = (
  seconds: readonly number[],
  texts: Readonly<Record<string, readonly string[]>> = {},
): ReturnType<typeof said> => {
  const recent = seconds.map((at) => WINDOW.from + at * 1000);
  const inWindow = recent.filter((at) => at >= WINDOW.from).length;
  const plain = said(inWindow, texts, recent.length - inWindow);
  return { ...plain, stats: plain.stats.map((stats) => ({ ...stats, recent })) };
};

const attempts = (ms: readonly number[]): AttemptStats => {
  const sorted = [...ms].sort((a, b) => a - b);
  return {
    attempts: ms.length,
    ok: ms.length,
    failed: 0,
    minMs: sorted[0] ?? null,
    medianMs: sorted[Math.floor(ms.length / 2)] ?? null,
    maxMs: sorted.at(-1) ?? null,
    codes: {},
    ms,
  };
};

export const reads = (linearizable: readonly number[]): ReadLatency => ({
  connectMs: 1,
  serializable: attempts([2, 3, 4]),
  linearizable: attempts(linearizable),
});

export const connects = (n: number, ms: readonly number[], vantage = 'v'): PeerMatrix['tcp'][number] => ({
  endpoint: `10.0.0.${n}:2380`,
  member: memberId(n),
  role: 'peer',
  stats: attempts(ms),
  bundleId: 'b',
  vantage,
});

/** CPU that nobody withholds, or that a quota withholds most of the time. */
export const cgroup = (throttledShare = 0): Cgroup => ({
  version: 2,
  seconds: WINDOW.seconds,
  levels: [],
  worst: {
    path: '/x',
    quotaCores: 1,
    periods: 360,
    throttledPeriods: Math.round(360 * throttledShare),
    throttledShare,
    throttledPercent: throttledShare * 100,
    throttledShareSinceStart: throttledShare,
    memoryLimitBytes: null,
    memoryUsageBytes: null,
    memoryShare: null,
    oomKills: null,
    oomKillsInWindow: null,
    ioMax: null,
    cpuPressurePercent: null,
    ioPressurePercent: null,
  },
  quotaCores: 1,
  memory: null,
  oomKills: null,
});

/** Timers `heartbeat/election` and other settings by member number; members not named run with defaults nobody saw. */
export const config = (
  timers: Readonly<Record<number, readonly [number, number]>>,
  more: Readonly<Record<number, Readonly<Record<string, string>>>> = {},
): Config => ({
  members: Object.fromEntries(
    Object.entries(more).map(([n, settings]) => [
      memberId(Number(n)),
      Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { value, origin: 'flag' as const }])),
    ]),
  ),
  known: [...new Set([...Object.keys(timers), ...Object.keys(more)])].map((n) => memberId(Number(n))),
  differences: [],
  timing: Object.fromEntries(
    Object.entries(timers).map(([n, [heartbeatMs, electionMs]]) => [
      memberId(Number(n)),
      { heartbeatMs, electionMs, origin: 'flag' as const },
    ]),
  ),
});

export const sameTimers = (heartbeat: number, election: number): Config =>
  config({ 1: [heartbeat, election], 2: [heartbeat, election], 3: [heartbeat, election] });

export const scope = (of: string, retransmitted: number, share: number, timeouts: number): NetworkScope => ({
  of,
  seconds: WINDOW.seconds,
  interfaces: [],
  segmentsOutPerSecond: 400,
  retransmitted,
  retransmitShare: share,
  retransmitShareSinceBoot: share,
  synRetransmits: 0,
  listenOverflows: 0,
  listenDrops: 0,
  timeouts,
});

/** The same facts for all three members. */
export const everyone = <T>(value: T): { readonly m1: T; readonly m2: T; readonly m3: T } => ({
  m1: value,
  m2: value,
  m3: value,
});
