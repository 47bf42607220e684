import type { MemberLog } from '../../facts/values/member.js';
import { timesOf } from './log-lines.js';
import { plannedTimes } from './starts.js';

/** Lines of one election reach the members' logs within this time (clocks apart included); own estimate. */
const ONE_ELECTION_MS = 3000;
/** A stop or transfer just before a lost leader, or a start soon after it (a crashed leader comes back), explains it; own estimate. */
const BEFORE_MS = 15_000;
const AFTER_MS = 60_000;

export interface Elections {
  /** Times at which members lost their leader, one per incident, ascending. */
  readonly unexplained: readonly number[];
  readonly explained: readonly number[];
}

const isExplained = (at: number, planned: readonly number[]): boolean =>
  planned.some((time) => time >= at - BEFORE_MS && time <= at + AFTER_MS);

/** Joins what all logs say about lost leaders into incidents, and sets apart those that a restart or a transfer of any member explains. */
export const electionsOf = (logs: readonly MemberLog[]): Elections => {
  const lost = logs.flatMap((log) => timesOf(log, ['raft-lost-leader', 'raft-changed-leader'])).sort((a, b) => a - b);
  const planned = logs.flatMap((log) => plannedTimes(log));
  const incidents: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const at of lost) {
    if (at - last > ONE_ELECTION_MS) incidents.push(at);
    last = at;
  }
  return {
    unexplained: incidents.filter((at) => !isExplained(at, planned)),
    explained: incidents.filter((at) => isExplained(at, planned)),
  };
};
