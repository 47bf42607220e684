import { absent, defineFact, type FactContext, observed } from '../../fact.js';
import { big, growth, valueIn } from '../access.js';
import type { RaftLag, RaftLagMember, StatusRound } from '../values/index.js';
import { skewMs, statusRounds, type StatusRoundOfAll } from './rounds.js';

/** Index differences are far below 2^53; the indexes themselves need not be. */
const difference = (a: string, b: string): number => Number((big(a) ?? 0n) - (big(b) ?? 0n));

const leaderRate = (rounds: readonly StatusRoundOfAll[], leader: string): number | null => {
  const answers = rounds.flatMap((round) => round.answers.get(leader) ?? []);
  const first = answers[0];
  const last = answers.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  const grown = growth(last.value.raftIndex, first.value.raftIndex);
  return grown === null ? null : grown / ((last.at - first.at) / 1000);
};

/** The highest rate between two neighbouring rounds: the error bar must hold in a burst too. */
const peakRate = (rounds: readonly StatusRoundOfAll[], leader: string): number | null => {
  const answers = rounds.flatMap((round) => round.answers.get(leader) ?? []);
  const rates = answers.flatMap((answer, i) => {
    const before = answers[i - 1];
    const grown = before === undefined ? null : growth(answer.value.raftIndex, before.value.raftIndex);
    return before === undefined || grown === null || answer.at <= before.at
      ? []
      : [grown / ((answer.at - before.at) / 1000)];
  });
  return rates.length === 0 ? null : Math.max(...rates);
};

const memberOf = (
  member: string,
  answer: StatusRound,
  leader: StatusRound,
  rate: number | null,
  heartbeatMs: number,
): RaftLagMember => ({
  member,
  raftIndex: answer.value.raftIndex,
  entries: difference(leader.value.raftIndex, answer.value.raftIndex),
  error: rate === null ? null : Math.ceil((rate * skewMs(leader, answer, heartbeatMs)) / 1000),
  applyGap:
    answer.value.raftAppliedIndex === undefined
      ? null
      : Math.max(0, difference(answer.value.raftIndex, answer.value.raftAppliedIndex)),
});

const heartbeatOf = (ctx: FactContext, leader: string): number =>
  valueIn(ctx.facts.cluster('config'))?.timing[leader]?.heartbeatMs ?? 100;

export default defineFact({
  scope: 'cluster',
  id: 'raftLag',
  title: 'Commit index of every member against the leader’s, with the error of the sampling skew',
  artifacts: ['endpoint-status', 'server-config'],
  derive: (ctx) => {
    const view = ctx.facts.cluster('leaderView');
    if (!view.ok) return view;
    const { leader } = view.value;
    if (leader === null) return absent('fact', 'no leader is known: there is nothing to lag behind');
    const { rounds: all, source } = statusRounds(ctx);
    const peak = peakRate(all, leader);
    const rounds = all.flatMap((round): RaftLag['rounds'][number][] => {
      const own = round.answers.get(leader);
      if (own === undefined) return [];
      const members = [...round.answers].flatMap(([member, answer]) =>
        member === leader ? [] : [memberOf(member, answer, own, peak, heartbeatOf(ctx, leader))],
      );
      return [
        { bundleId: round.bundleId, round: round.round, at: round.at, leaderIndex: own.value.raftIndex, members },
      ];
    });
    if (rounds.length === 0) return absent('endpoint-status', `endpoint-status: the leader ${leader} did not answer`);
    const followers = [...new Set(rounds.flatMap((round) => round.members.map(({ member }) => member)))];
    const members = followers.flatMap((member): RaftLag['members'][number][] => {
      const own = rounds.flatMap((round) => round.members.filter((each) => each.member === member));
      const last = own.at(-1);
      if (last === undefined) return [];
      // Without a rate the skew cannot be turned into entries: nothing is proven then.
      const proven = own.map((each) => (each.error === null ? 0 : Math.max(0, each.entries - each.error)));
      const gaps = own.flatMap((each) => (each.applyGap === null ? [] : [each.applyGap]));
      return [
        {
          member,
          last,
          minProven: Math.min(...proven),
          maxProven: Math.max(...proven),
          maxEntries: Math.max(...own.map((each) => each.entries)),
          rounds: own.length,
          maxApplyGap: gaps.length === 0 ? null : Math.max(...gaps),
        },
      ];
    });
    return observed({ leader, leaderEntriesPerSecond: leaderRate(all, leader), rounds, members }, source);
  },
});
