import { absent, defineFact, type FactContext, observed } from '../../fact.js';
import { big, largest, valueIn } from '../access.js';
import type { Revisions } from '../values/index.js';
import { skewMs, statusRounds, type StatusRoundOfAll } from './rounds.js';

const heartbeatMs = 100;

const spreadOf = (ctx: FactContext, round: StatusRoundOfAll): Revisions['spread'] => {
  const answers = [...round.answers].flatMap(([member, answer]) => {
    const revision = big(answer.value.revision);
    return revision === null ? [] : [{ member, answer, revision }];
  });
  answers.sort((a, b) => (a.revision < b.revision ? -1 : a.revision > b.revision ? 1 : 0));
  const low = answers[0];
  const high = answers.at(-1);
  if (low === undefined || high === undefined || answers.length < 2) return null;
  const rates = answers.flatMap(({ member }) => valueIn(ctx.facts.member(member, 'status'))?.revisionPerSecond ?? []);
  return {
    entries: Number(high.revision - low.revision),
    error:
      rates.length === 0 ? null : Math.ceil((Math.max(...rates) * skewMs(low.answer, high.answer, heartbeatMs)) / 1000),
    lowest: low.member,
    highest: high.member,
  };
};

export default defineFact({
  scope: 'cluster',
  id: 'revisions',
  title: 'Store revisions of the members, their rate and their spread with the error of the sampling skew',
  artifacts: ['endpoint-status'],
  derive: (ctx) => {
    const { rounds, source } = statusRounds(ctx);
    const members = ctx.case.members.flatMap(({ id }): Revisions['members'][number][] => {
      const status = valueIn(ctx.facts.member(id, 'status'));
      const first = status?.first.revision;
      const last = status?.last.revision;
      return status === null || first === undefined || last === undefined
        ? []
        : [
            {
              member: id,
              first,
              last,
              perSecond: status.revisionPerSecond,
            },
          ];
    });
    if (members.length === 0) return absent('endpoint-status', 'endpoint-status: no member told its revision');
    const shared = rounds.filter((round) => round.answers.size > 1).at(-1);
    const highest = largest(members.map((member) => big(member.last) ?? 0n));
    return observed(
      { members, spread: shared === undefined ? null : spreadOf(ctx, shared), highest: highest.toString() },
      source,
    );
  },
});
