import type { PeerLink } from '../../facts/values/cluster.js';
import type { Latency } from '../../facts/values/common.js';
import type { Network, NetworkScope } from '../../facts/values/host.js';
import { type Pair, pairKey, pairOf } from './peer-links.js';

/** Syncs of the leader below which the members' numbers of syncs are not compared; own estimate. */
const SYNCS = 50;
/** A follower that syncs this much less often than the leader gets its entries in bursts; own estimate, measured 0.1-0.6 under loss, 0.95-1 without. */
const BURSTS = 0.8;

/** Shares of lost segments within this factor are alike; own estimate. */
const SIMILAR = 0.5;

export interface LossLimits {
  readonly share: number;
  readonly retransmitted: number;
  readonly timeouts: number;
}

/** One network stack, with the members in it. */
export interface Stack {
  readonly of: string;
  readonly scope: NetworkScope;
  readonly members: readonly string[];
  readonly lossy: boolean | undefined;
}

const isLossy = (scope: NetworkScope, limits: LossLimits): boolean | undefined => {
  if (scope.retransmitted === null || scope.retransmitShare === null) return undefined;
  // Before TCPTimeouts was counted, a share alone has to do.
  const late = scope.timeouts === null || scope.timeouts >= limits.timeouts;
  return late && (scope.retransmitShare > limits.share || scope.retransmitted >= limits.retransmitted);
};

const same = (a: NetworkScope, b: NetworkScope): boolean =>
  a.retransmitShareSinceBoot !== null &&
  b.retransmitShareSinceBoot !== null &&
  Math.abs(a.retransmitShareSinceBoot - b.retransmitShareSinceBoot) <=
    0.01 * Math.max(1e-6, b.retransmitShareSinceBoot);

/** Network stacks of all hosts: a member in the host's own namespace shows the host's counters, and belongs to that stack. */
export const stacksOf = (
  networks: ReadonlyMap<string, Network>,
  hostOf: (member: string) => string | undefined,
  members: readonly string[],
  limits: LossLimits,
): readonly Stack[] =>
  [...networks].flatMap(([host, network]) => {
    const whole = network.scopes.find((scope) => scope.of === 'host');
    const own = network.scopes.filter((scope) => scope.of !== 'host' && (whole === undefined || !same(scope, whole)));
    const apart = new Set(own.map((scope) => scope.of));
    const inHost = members.filter((id) => hostOf(id) === host && !apart.has(id));
    return [
      ...own.map((scope) => ({ of: scope.of, scope, members: [scope.of], lossy: isLossy(scope, limits) })),
      ...(whole === undefined || inHost.length === 0
        ? []
        : [{ of: host, scope: whole, members: inHost, lossy: isLossy(whole, limits) }]),
    ];
  });

/** `m1: 3.6 % of segments sent again (466), 82 time-outs` */
export const stackText = (stack: Stack, nameOf: (id: string) => string): string =>
  `${nameOf(stack.of)}: ${Math.round((stack.scope.retransmitShare ?? 0) * 1000) / 10} % of segments sent again (${stack.scope.retransmitted ?? 0})${stack.scope.timeouts === null ? '' : `, ${stack.scope.timeouts} time-outs`}`;

/**
 * Followers whose stack sends a similar share of its segments again. Nearly all they send goes to the leader, so that is where it gets
 * lost; a follower with a far smaller share lost its few probes of another follower.
 */
export const heavyFollowers = (lossy: readonly Stack[], leader: string | null): readonly string[] => {
  if (leader === null) return [];
  const followers = lossy.filter((stack) => !stack.members.includes(leader));
  const most = Math.max(0, ...followers.map((stack) => stack.scope.retransmitShare ?? 0));
  return followers
    .filter((stack) => (stack.scope.retransmitShare ?? 0) >= most * SIMILAR)
    .flatMap((stack) => stack.members);
};

interface Extremes {
  readonly slowMs: number;
  readonly usualMs: number;
}

const extremes = (link: PeerLink): Extremes | null => {
  const view = link.rtt?.window;
  if (view === null || view === undefined || view.count === 0 || view.histogram.sumMs === 0) return null;
  const { boundsMs, cumulative } = view.histogram;
  const first = cumulative.findIndex((count) => count > 0);
  const last = cumulative.findIndex((count) => count === view.count);
  return {
    slowMs: last <= 0 ? 0 : (boundsMs[last - 1] ?? 0),
    usualMs: boundsMs[first] ?? boundsMs.at(-1) ?? 0,
  };
};

/** Pairs whose round trips were short at times and very long at others: what a resent segment does, and a steady delay does not. */
export const spikyPairs = (links: readonly PeerLink[], spikeMs: number, spread: number): readonly Pair[] => {
  const seen = new Map<string, { pair: Pair; all: Extremes[] }>();
  for (const link of links) {
    const found = extremes(link);
    if (found === null) continue;
    const pair = pairOf(link.from, link.to);
    const entry = seen.get(pairKey(pair)) ?? { pair, all: [] };
    entry.all.push(found);
    seen.set(pairKey(pair), entry);
  }
  return [...seen.values()]
    .filter(({ all }) => {
      const slow = Math.max(...all.map((each) => each.slowMs));
      const usual = Math.min(...all.map((each) => each.usualMs));
      return slow >= spikeMs && slow >= usual * spread;
    })
    .map(({ pair }) => pair);
};

/**
 * Followers that synced their WAL much less often than the leader: entries reach them in bursts.
 * All followers alike: the leader is what they have in common. Empty when it cannot be told.
 */
export const burstyMembers = (syncs: ReadonlyMap<string, Latency>, leader: string | null): readonly string[] => {
  if (leader === null) return [];
  const count = (id: string): number => syncs.get(id)?.window?.count ?? 0;
  const atLeader = count(leader);
  if (atLeader < SYNCS) return [];
  const followers = [...syncs.keys()].filter((id) => id !== leader);
  const late = followers.filter((id) => count(id) < atLeader * BURSTS);
  return late.length > 1 && late.length === followers.length ? [leader] : late;
};
