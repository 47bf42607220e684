import type { LeaderView, PeerLink, PeerMatrix } from '../../facts/values/cluster.js';
import type { LatencyView } from '../../facts/values/common.js';
import type { MemberLog, Reachability } from '../../facts/values/member.js';
import { valuesOf } from './log-lines.js';

/** While a peer is unhealthy its prober logs every 5 s (etcd rafthttp, statusErrorInterval); so late in the window it goes on. */
const STILL_MS = 15_000;

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** Two members, the smaller id first. */
export type Pair = readonly [string, string];

export const pairOf = (a: string, b: string): Pair => (a < b ? [a, b] : [b, a]);
export const pairKey = (pair: Pair): string => pair.join(' ');

/** What `from` knows of its link to `to`. */
export interface LinkState {
  readonly from: string;
  readonly to: string;
  /** Its probes of `to` fail at the end of the window: it cannot reach it. Undefined when neither metrics nor log tell. */
  readonly fails: boolean | undefined;
  /** Probes of `to` came back in the window. */
  readonly works: boolean;
  /** It heard no raft message from `to` in the window, although one of them leads. */
  readonly silent: boolean | undefined;
  /** What that rests on, for people. */
  readonly observed: string;
}

/** A failing prober observes a round trip of exactly zero (probing resets its average). */
const allFailed = (view: LatencyView | null | undefined): boolean | undefined =>
  view === null || view === undefined || view.count === 0 ? undefined : view.histogram.sumMs === 0;

/** A healthy peer's round trip is observed this often by each of two probers (etcd rafthttp, statusMonitoringInterval); an unhealthy one's every 5 s. */
const HEALTHY_MS = 30_000;

/**
 * Observed more often than two healthy probers do: one of them finds the peer unhealthy. What it observes then is its last average,
 * so that a sum above zero does not prove that a probe came back.
 */
const someUnhealthy = (view: LatencyView | null | undefined): boolean => {
  if (view === null || view === undefined || (view.perSecond ?? 0) === 0) return false;
  const ms = (view.count / (view.perSecond ?? 1)) * 1000;
  return view.count > 2 * (Math.floor(ms / HEALTHY_MS) + 1);
};

const failsByLog = (log: MemberLog | undefined, to: string, windowTo: number): boolean | undefined => {
  if (log?.coversWindow !== true) return undefined;
  const lines = log.count('prober-unhealthy');
  if (lines === null || lines.inWindow < 2 || (lines.last ?? 0) < windowTo - STILL_MS) return false;
  return (valuesOf(log, 'prober-unhealthy', 'remote-peer-id').get(to) ?? 0) >= 2;
};

const stateOf = (
  link: PeerLink,
  log: MemberLog | undefined,
  leaders: ReadonlySet<string>,
  windowTo: number,
): LinkState => {
  const zero = allFailed(link.rtt?.window);
  const logged = failsByLog(log, link.to, windowTo);
  const inactive = link.active === null ? undefined : link.active.last === 0;
  const received = link.receivedBytes?.delta ?? null;
  const talks = leaders.has(link.from) || leaders.has(link.to);
  const silent = !talks || received === null ? undefined : received === 0;
  // A lossy link is unhealthy at times as well, but its messages arrive; a log that covers the window knows better.
  const byMetrics = zero === true || (logged === undefined && silent !== false && someUnhealthy(link.rtt?.window));
  // Nothing heard where one side leads: an average that stands is no answer.
  const doubtful = logged === undefined && silent === true;
  const fails =
    inactive === true || logged === true || byMetrics
      ? true
      : (logged === undefined && zero === undefined && inactive === undefined) || doubtful
        ? undefined
        : false;
  return {
    from: link.from,
    to: link.to,
    fails,
    works: fails === false && (link.rtt?.window?.meanMs ?? 0) > 0,
    silent,
    observed: [
      fails === true ? 'probes fail' : zero === false ? 'probes answered' : undefined,
      inactive === true ? 'link inactive' : undefined,
      received === null || !talks ? undefined : `${received} B received in the window`,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
  };
};

/** States of all directed links that the members' own metrics name. */
export const linkStates = (
  matrix: PeerMatrix,
  logs: ReadonlyMap<string, MemberLog>,
  leaderView: LeaderView | undefined,
  windowTo: number,
): readonly LinkState[] => {
  const leaders = new Set(
    (leaderView?.rounds ?? []).flatMap((round) => Object.values(round.leaders).filter((id) => id !== null)),
  );
  return matrix.links.map((link) => stateOf(link, logs.get(link.from), leaders, windowTo));
};

export const linkBetween = (states: readonly LinkState[], from: string, to: string): LinkState | undefined =>
  states.find((state) => state.from === from && state.to === to);

/** Neither direction works and at least one is known to fail. */
export const isCut = (states: readonly LinkState[], a: string, b: string): boolean => {
  const both = [linkBetween(states, a, b), linkBetween(states, b, a)];
  return (
    both.some((state) => state?.fails === true) &&
    both.every((state) => state === undefined || state.fails !== false) &&
    both.every((state) => state === undefined || state.silent !== false)
  );
};

/** Members that answered the collector in the last round they were asked in. */
export const aliveMembers = (ids: readonly string[], each: ReadonlyMap<string, Reachability>): readonly string[] =>
  ids.filter((id) => {
    const seen = each.get(id);
    if (seen === undefined || seen.answered !== true) return false;
    const lastAnswer = seen.answeredRounds.at(-1) ?? -1;
    return (seen.failedRounds.at(-1) ?? -1) <= lastAnswer;
  });

/**
 * Who the bad pairs have in common: one member when it is part of each (and of at least two), else as few as cover them all;
 * a single bad pair blames both ends, and when every known pair is bad it is everybody.
 */
export const blame = (bad: readonly Pair[], known: readonly Pair[]): readonly string[] => {
  if (bad.length === 0) return [];
  const everyone = [...new Set(known.flat())].sort(byText);
  const badKeys = new Set(bad.map(pairKey));
  if (bad.length > 1 && known.length > 2 && known.every((pair) => badKeys.has(pairKey(pair)))) return everyone;
  let left = [...bad];
  const blamed: string[] = [];
  while (left.length > 0) {
    const count = new Map<string, number>();
    for (const id of left.flat()) count.set(id, (count.get(id) ?? 0) + 1);
    const most = Math.max(...count.values());
    const top = [...count].filter(([, value]) => value === most).map(([id]) => id);
    // A pair alone says nothing about which end it is.
    const chosen = most === 1 ? top : top.slice(0, 1);
    blamed.push(...chosen);
    left = left.filter((pair) => !pair.some((id) => chosen.includes(id)));
  }
  return [...new Set(blamed)].sort(byText);
};
