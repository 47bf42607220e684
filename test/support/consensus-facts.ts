/** Plain values of the cluster facts that rules about raft and membership read, for a cluster of m1..mN. */
import type {
  LeaderView,
  Membership,
  PeerMatrix,
  Quorum,
  RaftLag,
  RaftLagMember,
} from '../../analyzer/facts/values/cluster.js';
import type {
  MemberLog,
  ProcessValue,
  Proposals,
  Reachability,
  SnapshotTransfers,
} from '../../analyzer/facts/values/member.js';
import type { SignatureStats } from '../../analyzer/logs/types.js';
import { counter, gauge, log, WINDOW } from './fake-facts.js';

const idOf = (n: number): string => n.toString(16).padStart(16, '0');
export const CLUSTER_ID = '00000000000000cc';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** `down`: voters that do not answer; `leaderless`: voters that answer and know no leader. */
export const quorum = (size: number, down: readonly number[] = [], leaderless: readonly number[] = []): Quorum => {
  const voters = range(size).map(idOf);
  const reachable = voters.filter((_, i) => !down.includes(i + 1));
  const withoutLeader = leaderless.map(idOf);
  const withLeader = reachable.filter((id) => !withoutLeader.includes(id));
  const needed = Math.floor(size / 2) + 1;
  return {
    voters,
    needed,
    reachable,
    unreachable: down.map(idOf),
    spare: reachable.length - needed,
    withLeader,
    withoutLeader,
    linearizableOk: withLeader,
    linearizableFailed: withoutLeader,
    commitsAdvanced: withLeader.length > 0,
    hasQuorum: withLeader.length >= needed ? true : withoutLeader.length > 0 ? false : null,
    reasons: [`a leader is known to ${withLeader.length}`],
  };
};

export const membership = (
  size: number,
  options: {
    readonly learners?: readonly number[];
    readonly unstarted?: readonly number[];
    /** Cluster id by member, where it differs. */
    readonly clusterIds?: Readonly<Record<number, string>>;
    readonly strangers?: readonly string[];
  } = {},
): Membership => {
  const numbers = range(size);
  const odd = options.clusterIds ?? {};
  const unstarted = (options.unstarted ?? []).map(idOf);
  const learners = (options.learners ?? []).map(idOf);
  const views = numbers
    .filter((n) => !unstarted.includes(idOf(n)))
    .map((n) => ({
      viewer: idOf(n),
      clusterId: odd[n] ?? CLUSTER_ID,
      raftTerm: '7',
      ids: odd[n] === undefined ? numbers.map(idOf) : [idOf(n)],
    }));
  return {
    members: numbers.map((n) => ({
      id: idOf(n),
      name: unstarted.includes(idOf(n)) ? '' : `m${n}`,
      peerURLs: [`http://10.0.0.${n}:2380`],
      clientURLs: unstarted.includes(idOf(n)) ? [] : [`http://10.0.0.${n}:2379`],
      isLearner: learners.includes(idOf(n)),
      started: !unstarted.includes(idOf(n)),
      seenBy: views.map((view) => view.viewer),
      notSeenBy: [],
    })),
    voters: numbers.map(idOf).filter((id) => !learners.includes(id)),
    learners,
    unstarted,
    views,
    agree: true,
    differences: [],
    clusterIds: [...new Set([CLUSTER_ID, ...Object.values(odd)])],
    strangers: options.strangers ?? [],
  };
};

/** Leader by round as all members name it; `null` = none. */
export const leaderView = (
  leaders: readonly (number | null)[],
  options: { readonly size?: number; readonly withoutLeader?: readonly number[]; readonly termDelta?: string } = {},
): LeaderView => {
  const members = range(options.size ?? 3).map(idOf);
  const without = (options.withoutLeader ?? []).map(idOf);
  const named = leaders.map((n) => (n === null ? null : idOf(n)));
  const last = named.at(-1) ?? null;
  const nobody = last === null ? members : without;
  return {
    rounds: named.map((leader, round) => ({
      bundleId: 'b',
      round,
      at: WINDOW.from + round * 12_000,
      leaders: Object.fromEntries(members.map((id) => [id, without.includes(id) ? null : leader])),
      terms: Object.fromEntries(members.map((id) => [id, '7'])),
      agree: without.length === 0,
    })),
    leader: last,
    named: last === null ? [] : members.filter((id) => !without.includes(id)),
    dissenting: last === null ? [] : without,
    withoutLeader: nobody,
    everWithoutLeader: nobody,
    agree: without.length === 0,
    highestTerm: '7',
    termDelta: options.termDelta ?? '0',
    changes: named.flatMap((to, round) => {
      const from = named[round - 1];
      return round === 0 || from === undefined || from === to
        ? []
        : members.map((member) => ({ member, round, at: WINDOW.from + round * 12_000, from, to }));
    }),
  };
};

/** Entries behind the leader m1, per member and round. */
export const raftLag = (
  entries: Readonly<Record<number, readonly number[]>>,
  options: { readonly error?: number; readonly leaderIndex?: number; readonly applyGap?: number } = {},
): RaftLag => {
  const error = options.error ?? 20;
  const leaderIndex = options.leaderIndex ?? 100_000;
  const at = (n: number, value: number): RaftLagMember => ({
    member: idOf(n),
    raftIndex: String(leaderIndex - value),
    entries: value,
    error,
    applyGap: options.applyGap ?? 0,
  });
  const all = Object.entries(entries).map(([n, values]) => ({ n: Number(n), values }));
  const rounds = Math.max(...all.map(({ values }) => values.length));
  return {
    leader: idOf(1),
    leaderEntriesPerSecond: 500,
    rounds: Array.from({ length: rounds }, (_, round) => ({
      bundleId: 'b',
      round,
      at: WINDOW.from + round * 12_000,
      leaderIndex: String(leaderIndex),
      members: all.flatMap(({ n, values }) => (values[round] === undefined ? [] : [at(n, values[round])])),
    })),
    members: all.map(({ n, values }) => ({
      member: idOf(n),
      last: at(n, values.at(-1) ?? 0),
      minProven: Math.min(...values.map((value) => Math.max(0, value - error))),
      maxProven: Math.max(...values.map((value) => Math.max(0, value - error))),
      maxEntries: Math.max(...values),
      rounds: values.length,
      maxApplyGap: options.applyGap ?? 0,
    })),
  };
};

export const reachability = (kind: Reachability['kind']): Reachability => {
  const answered = kind === 'answering' || kind === 'intermittent';
  return {
    kind,
    answered,
    grpc: { asked: 4, answered: answered ? 4 : 0 },
    http: { asked: 4, answered: answered ? 4 : 0 },
    answeredRounds: answered ? [0, 1, 2, 3] : [],
    failedRounds: answered ? [] : [0, 1, 2, 3],
    reasons: answered ? {} : kind === 'refused' ? { 'connection-refused': 8 } : { 'connection-timeout': 8 },
    failures: [],
  };
};

/** Links of m1..mN; `cut` members are linked to nobody. */
export const peerMatrix = (size: number, cut: readonly number[] = []): PeerMatrix => ({
  links: range(size).flatMap((from) =>
    range(size)
      .filter((to) => to !== from && !cut.includes(from))
      .map((to) => ({
        from: idOf(from),
        to: idOf(to),
        rtt: null,
        sendFailures: null,
        receiveFailures: null,
        disconnects: null,
        active: gauge(cut.includes(to) ? 0 : 1),
        sentBytes: null,
        receivedBytes: null,
      })),
  ),
  tcp: [],
  members: [],
  unattributedReceiveFailures: [],
  advertised: [],
});

/** Metrics of a process that has run for `uptimeSeconds`; `starts` > 1: it was replaced during the collection. */
export const processOf = (uptimeSeconds: number, starts = 1): ProcessValue => ({
  startedAt: WINDOW.to - uptimeSeconds * 1000,
  restartedInWindow: starts > 1,
  starts: Array.from({ length: starts }, (_, i) => WINDOW.to - uptimeSeconds * 1000 - (starts - 1 - i) * 8000),
  uptimeSeconds,
  rssBytes: null,
  heapInuseBytes: null,
  allocBytesPerSecond: null,
  gcPerSecond: null,
  gcMaxPauseSeconds: null,
  goroutines: null,
  threads: null,
  openFds: null,
  maxFds: null,
  fdShare: null,
  cpuCores: null,
  cpuCoresSinceStart: null,
});

/** No snapshot was ever sent or received. */
export const noTransfers: SnapshotTransfers = {
  sent: null,
  sendFailures: null,
  received: null,
  receiveFailures: null,
  sendInflight: null,
  receiveInflight: null,
  applyInProgress: null,
  sendDuration: null,
  receiveDuration: null,
  byPeer: [],
};

export const proposals = (options: {
  readonly pending?: readonly number[];
  readonly gap?: readonly number[];
  readonly committed?: number;
  readonly failed?: number;
}): Proposals => ({
  pending: gauge(...(options.pending ?? [0, 0, 0, 0])),
  failed: counter(options.failed ?? 0),
  committed: counter(options.committed ?? 3600),
  applied: counter(options.committed ?? 3600),
  gap: gauge(...(options.gap ?? [0, 0, 0, 0])),
});

interface Seen {
  /** Seconds relative to the start of the window; negative = before it. */
  readonly at: readonly number[];
  /** Text and id fields, each with its values and counts. */
  readonly fields?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const statsOf = (id: string, seen: Seen): SignatureStats => {
  const times = seen.at.map((second) => WINDOW.from + second * 1000).sort((a, b) => a - b);
  const first = times[0];
  const last = times.at(-1);
  return {
    id,
    group: id,
    count: times.length,
    timed: times.length,
    ...(first === undefined || last === undefined ? {} : { first, last }),
    numbers: new Map(),
    texts: new Map(
      Object.entries(seen.fields ?? {}).map(([name, values]) => [
        name,
        { top: Object.entries(values).map(([value, count]) => ({ value, count })), others: 0, last: '' },
      ]),
    ),
    series: { widthMs: 1000, buckets: [] },
    recent: times,
    recentComplete: true,
    samples: [{ source: 'members/x/logs/server-all.log', line: 7, text: id }],
  };
};

/** A log by the times of its lines; `starts` in seconds relative to the window, each with whether an orderly stop came before. */
export const logAt = (
  lines: Readonly<Record<string, Seen>>,
  starts: readonly { readonly at: number; readonly orderly?: boolean; readonly words?: string }[] = [],
): MemberLog => {
  const base = log({}, {});
  const summaries = [
    {
      path: 'members/x/logs/server-all.log',
      bundleId: 'b',
      instance: null,
      flaws: [],
      summary: {
        fatal: starts.flatMap(({ words }, i) =>
          words === undefined ? [] : [{ source: 'x', line: i * 100 + 50, text: words, level: 'fatal' }],
        ),
        starts: starts.map(({ at, orderly }, i) => ({
          source: 'members/x/logs/server-all.log',
          line: i * 100 + 100,
          time: WINDOW.from + at * 1000,
          before: [],
          ...(orderly === undefined ? {} : { orderlyStopBefore: orderly }),
          config: {},
        })),
      },
    },
  ] as unknown as MemberLog['summaries'];
  return {
    ...base,
    summaries,
    groups: Object.keys(lines),
    count: (id) => {
      const seen = lines[id];
      if (seen === undefined) return null;
      const stats = statsOf(id, seen);
      const inWindow = seen.at.filter((second) => second >= 0 && second <= WINDOW.seconds).length;
      return {
        total: seen.at.length,
        inWindow,
        before: seen.at.filter((second) => second < 0).length,
        elsewhere: 0,
        first: stats.first ?? null,
        last: stats.last ?? null,
        worstSeconds: null,
        stats: [stats],
        paths: ['members/x/logs/server-all.log'],
      };
    },
  };
};
