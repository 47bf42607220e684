import type { MemberLog } from '../../facts/values/member.js';
import { dialErrorTimes } from './dial-errors.js';
import { timesOf } from './log-lines.js';
import { startsOf } from './starts.js';

/** Stream timeouts of rafthttp are 5 s, and a broken link may be noticed only when it heals; own estimate. */
const LINK_TROUBLE_MS = 30_000;

const trouble = ['stream-lost', 'peer-inactive', 'prober-unhealthy'];

/** A time in which a member had no leader and campaigned, by its own log and clock. */
export interface Leaderless {
  readonly from: number;
  readonly to: number;
  readonly campaigns: number;
}

/** All times between a lost leader and the next one, without those in which the member was started. */
export const leaderlessTimes = (log: MemberLog): readonly Leaderless[] => {
  const found = timesOf(log, ['raft-elected', 'raft-changed-leader']);
  const campaigns = timesOf(log, ['raft-new-election']);
  const starts = startsOf(log);
  const times: Leaderless[] = [];
  for (const from of timesOf(log, ['raft-lost-leader'])) {
    const to = found.find((at) => at > from);
    if (to === undefined || from < (times.at(-1)?.to ?? 0)) continue;
    if (starts.some(({ at }) => at >= from && at <= to)) continue;
    times.push({ from, to, campaigns: campaigns.filter((at) => at >= from && at <= to).length });
  }
  return times;
};

/** How long of `time` the member of `log` had no leader itself, ms. */
const leaderlessWithin = (log: MemberLog, time: Leaderless): number =>
  leaderlessTimes(log).reduce(
    (sum, own) => sum + Math.max(0, Math.min(own.to, time.to) - Math.max(own.from, time.from)),
    0,
  );

const near =
  (time: Leaderless) =>
  (at: number): boolean =>
    at >= time.from - LINK_TROUBLE_MS && at <= time.to + LINK_TROUBLE_MS;

export interface Isolation extends Leaderless {
  /** Another member had a leader most of that time; undefined without another log. */
  readonly othersLed: boolean | undefined;
  /** Links to or from the member broke at that time. */
  readonly linksBroke: boolean;
  /** Certificates, identities or names are blamed at that time: the network is not it. */
  readonly otherwiseBlamed: boolean;
}

/** Times before `until` in which a member campaigned in vain at least `least` times, latest last. */
export const isolationsOf = (
  id: string,
  logs: ReadonlyMap<string, MemberLog>,
  least: number,
  until: number,
): readonly Isolation[] => {
  const own = logs.get(id);
  if (own === undefined) return [];
  const others = [...logs].flatMap(([other, log]) => (other === id ? [] : [log]));
  return leaderlessTimes(own)
    .filter((time) => time.campaigns >= least && time.to < until)
    .map((time) => ({
      ...time,
      othersLed:
        others.length === 0 ? undefined : others.some((log) => leaderlessWithin(log, time) < (time.to - time.from) / 2),
      linksBroke: [own, ...others].some((log) => timesOf(log, trouble).some(near(time))),
      otherwiseBlamed: [own, ...others].some((log) => dialErrorTimes(log, ['tls', 'identity', 'dns']).some(near(time))),
    }));
};
