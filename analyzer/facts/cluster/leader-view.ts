import { absent, defineFact, observed } from '../../fact.js';
import { big, largest, unique } from '../access.js';
import type { LeaderRound, LeaderView } from '../values/index.js';
import { leaderOf, statusRounds, type StatusRoundOfAll } from './rounds.js';

const roundOf = (round: StatusRoundOfAll): LeaderRound => {
  const leaders = [...round.answers].flatMap(([member, answer]) => {
    const leader = leaderOf(answer);
    return leader === undefined ? [] : [[member, leader] as const];
  });
  return {
    bundleId: round.bundleId,
    round: round.round,
    at: round.at,
    leaders: Object.fromEntries(leaders),
    terms: Object.fromEntries([...round.answers].map(([member, answer]) => [member, answer.value.raftTerm])),
    agree: new Set(leaders.map(([, leader]) => leader)).size <= 1,
  };
};

const highestTerm = (round: LeaderRound): bigint => largest(Object.values(round.terms).map((term) => big(term) ?? 0n));

/** The leader most members in the highest term with a leader name. */
const electedIn = (round: LeaderRound): string | null => {
  const votes = new Map<string, { term: bigint; count: number }>();
  for (const [member, leader] of Object.entries(round.leaders)) {
    if (leader === null) continue;
    const term = big(round.terms[member]) ?? 0n;
    const known = votes.get(leader);
    if (known === undefined || term > known.term) votes.set(leader, { term, count: 1 });
    else if (term === known.term) known.count += 1;
  }
  const ranked = [...votes].sort(([idA, a], [idB, b]) =>
    a.term === b.term ? b.count - a.count || (idA < idB ? -1 : 1) : a.term > b.term ? -1 : 1,
  );
  return ranked[0]?.[0] ?? null;
};

const changesOf = (rounds: readonly LeaderRound[]): LeaderView['changes'] => {
  const last = new Map<string, string | null>();
  const changes: LeaderView['changes'][number][] = [];
  for (const round of rounds) {
    for (const [member, leader] of Object.entries(round.leaders)) {
      const before = last.get(member);
      if (before !== undefined && before !== leader)
        changes.push({ member, round: round.round, at: round.at, from: before, to: leader });
      last.set(member, leader);
    }
  }
  return changes;
};

export default defineFact({
  scope: 'cluster',
  id: 'leaderView',
  title: 'Leader and term as every member names them, by round',
  artifacts: ['endpoint-status'],
  derive: (ctx) => {
    const { rounds: all, source } = statusRounds(ctx);
    const rounds = all.map(roundOf);
    const last = rounds.at(-1);
    const first = rounds[0];
    if (last === undefined || first === undefined)
      return absent('endpoint-status', 'endpoint-status: no member answered');
    const leader = electedIn(last);
    const entries = Object.entries(last.leaders);
    const terms = rounds.map(highestTerm);
    const highest = largest(terms);
    return observed(
      {
        rounds,
        leader,
        named: leader === null ? [] : entries.filter(([, named]) => named === leader).map(([member]) => member),
        dissenting: leader === null ? [] : entries.filter(([, named]) => named !== leader).map(([member]) => member),
        withoutLeader: entries.filter(([, named]) => named === null).map(([member]) => member),
        everWithoutLeader: unique(
          rounds.flatMap((round) =>
            Object.entries(round.leaders).flatMap(([member, named]) => (named === null ? [member] : [])),
          ),
        ),
        agree: last.agree,
        highestTerm: highest.toString(),
        termDelta: (highest - (terms[0] ?? highest)).toString(),
        changes: changesOf(rounds),
      },
      source,
    );
  },
});
