import type { PeerLink } from '../../facts/values/cluster.js';
import type { AttemptStats } from '../../facts/values/common.js';
import type { ReadLatency } from '../../facts/values/member.js';
import { shareAbove } from '../../metrics/histogram.js';
import { type Pair, pairKey, pairOf } from './peer-links.js';

/** Fewer attempts have no floor worth the name; own estimate. */
const ATTEMPTS = 3;

export interface RoundTrip {
  readonly pair: Pair;
  /** By the members' own probes: the smaller of both directions, ms. A delay lengthens both alike, a lost packet only one. */
  readonly probe: number | null;
  /** By the fastest of several quorum reads, ms. */
  readonly read: number | null;
  /** The larger of both; a probe longer than the fastest read or the connects that had to cross the link is a stale average, and counts as these. */
  readonly ms: number;
}

/** Least extra time of a read that asks the quorum, over one that does not, ms; null with too few successful attempts. */
const quorumFloor = (linearizable: AttemptStats, serializable: AttemptStats): number | null =>
  linearizable.ok < ATTEMPTS || linearizable.minMs === null
    ? null
    : Math.max(0, linearizable.minMs - (serializable.medianMs ?? 0));

/** Mean round trip of a link in the window, else since start when most of it was above the limit; null = not measured, or failing. */
const probed = (link: PeerLink, limitMs: number): number | null => {
  if (link.rtt === null) return null;
  const { window, sinceStart } = link.rtt;
  if (window !== null && window.count > 0) return window.histogram.sumMs === 0 ? null : window.meanMs;
  if (sinceStart.count === 0 || sinceStart.histogram.sumMs === 0) return null;
  const slow = shareAbove(sinceStart.histogram, limitMs)?.atLeast ?? 0;
  return slow > 0.5 ? sinceStart.meanMs : Math.min(sinceStart.meanMs ?? 0, limitMs / 2);
};

/** What else is known of the ways between members. */
export interface Ways {
  /** Median TCP connect between the hosts of a pair, ms, by `pairKey`: the kernels alone answer, so the round trip is no longer. */
  readonly connects?: ReadonlyMap<string, number>;
  /** Members with a link that broke shortly before: the averages of their probes still hold what waited for it to heal. */
  readonly troubled?: ReadonlySet<string>;
}

/** Round trips of all pairs that were measured one way or the other. */
export const roundTrips = (
  links: readonly PeerLink[],
  reads: ReadonlyMap<string, ReadLatency>,
  leader: string | null,
  limitMs: number,
  { connects, troubled }: Ways = {},
): readonly RoundTrip[] => {
  const pairs = new Map<string, { pair: Pair; values: number[] }>();
  for (const link of links) {
    const value = probed(link, limitMs);
    const pair = pairOf(link.from, link.to);
    const known = pairs.get(pairKey(pair)) ?? { pair, values: [] };
    if (value !== null) known.values.push(value);
    pairs.set(pairKey(pair), known);
  }
  const floors = new Map(
    [...reads].flatMap(([id, read]) => {
      const floor = quorumFloor(read.linearizable, read.serializable);
      return floor === null ? [] : [[id, floor] as const];
    }),
  );
  const byRead = (pair: Pair): number | null => {
    if (leader === null || !pair.includes(leader)) return null;
    const atLeader = floors.get(leader) ?? null;
    const other = floors.get(pair[0] === leader ? pair[1] : pair[0]) ?? null;
    if (atLeader === null) return null;
    // The leader asks its nearest majority; a follower asks the leader first, which then does the same.
    if (atLeader > limitMs) return other === null || other > limitMs ? atLeader : null;
    return other === null ? null : Math.max(0, other - atLeader);
  };
  // A follower has to ask the leader before it answers: its fastest read is no shorter than their round trip.
  const crossing = (pair: Pair): number | null =>
    leader === null || !pair.includes(leader) ? null : (floors.get(pair[0] === leader ? pair[1] : pair[0]) ?? null);
  return [...pairs.values()].flatMap(({ pair, values }) => {
    const connect = connects?.get(pairKey(pair));
    // A connect tells what a troubled link's average cannot.
    const shorter = values.length === 0 ? null : Math.min(...values);
    const doubtful = connect === undefined && pair.some((id) => troubled?.has(id) === true);
    const probe = doubtful && (shorter ?? 0) > limitMs ? null : shorter;
    const read = byRead(pair);
    const current =
      probe === null
        ? 0
        : Math.min(probe, crossing(pair) ?? Number.POSITIVE_INFINITY, connect ?? Number.POSITIVE_INFINITY);
    return probe === null && read === null ? [] : [{ pair, probe, read, ms: Math.max(current, read ?? 0) }];
  });
};
