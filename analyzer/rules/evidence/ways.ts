import type { PeerMatrix } from '../../facts/values/cluster.js';
import type { MemberLog } from '../../facts/values/member.js';
import { timesOf, valuesOf } from './log-lines.js';
import { pairKey, pairOf } from './peer-links.js';

interface Placed {
  readonly id: string;
  readonly host?: string | undefined;
}

/**
 * Median (or fastest) TCP connect from the host of one member to another member, ms, by `pairKey`; the larger of both directions.
 * Members that share a host are left out: nothing between them is a network.
 */
export const connectsBetween = (
  tcp: PeerMatrix['tcp'],
  members: readonly Placed[],
  which: 'medianMs' | 'minMs' = 'medianMs',
): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  for (const { vantage, member, stats } of tcp) {
    const ms = stats[which];
    if (vantage === null || member === null || ms === null) continue;
    if (members.find(({ id }) => id === member)?.host === vantage) continue;
    for (const { id, host } of members) {
      if (host !== vantage || id === member) continue;
      const key = pairKey(pairOf(id, member));
      found.set(key, Math.max(found.get(key) ?? 0, ms));
    }
  }
  return found;
};

/** Whether a TCP connect from the host of `from` to the peer port of `to` succeeded; undefined when none was tried. */
export const reachesPeerPort = (
  tcp: PeerMatrix['tcp'],
  members: readonly Placed[],
  from: string,
  to: string,
): boolean | undefined => {
  const hostOf = (id: string): string | undefined => members.find((member) => member.id === id)?.host;
  if (hostOf(from) === hostOf(to)) return undefined;
  const tried = tcp.filter(
    ({ role, member, vantage, stats }) =>
      role === 'peer' && stats.attempts > 0 && member === to && vantage !== null && vantage === hostOf(from),
  );
  return tried.length === 0 ? undefined : tried.some(({ stats }) => stats.ok > 0);
};

/** The same, either way. */
export const peerConnects = (
  tcp: PeerMatrix['tcp'],
  members: readonly Placed[],
  a: string,
  b: string,
): boolean | undefined => {
  const ways = [reachesPeerPort(tcp, members, a, b), reachesPeerPort(tcp, members, b, a)];
  return ways.every((way) => way === undefined) ? undefined : ways.some((way) => way === true);
};

const signs = [
  ['stream-lost', 'remote-peer-id'],
  ['peer-inactive', 'peer-id'],
  ['prober-unhealthy', 'remote-peer-id'],
] as const;

/** Members at either end of a link that a log says broke after `since` (epoch ms). */
export const troubledMembers = (logs: ReadonlyMap<string, MemberLog>, since: number): ReadonlySet<string> =>
  new Set(
    [...logs].flatMap(([id, log]) => {
      const broke = signs.filter(([sign]) => timesOf(log, [sign]).some((at) => at >= since));
      const peers = broke.flatMap(([sign, field]) => [...valuesOf(log, sign, field).keys()]);
      return peers.length === 0 ? [] : [id, ...peers];
    }),
  );
