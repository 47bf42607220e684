import { absent, defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { growth, nameOf, valueIn } from '../access.js';
import type { ReadLatency } from '../values/index.js';
import { leaderOf, statusRounds, votersOf } from './rounds.js';

/** gRPC codes of a refused login or grant, in both spellings of the status name. */
const refusals: ReadonlySet<string> = new Set([
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'INVALID_ARGUMENT',
  'PermissionDenied',
  'Unauthenticated',
  'InvalidArgument',
]);

/** Members whose last word is that they know a leader; Status first, the metric where Status is missing. */
const leaderKnown = (ctx: FactContext, id: string): boolean | null => {
  const status = valueIn(ctx.facts.member(id, 'status'));
  const last = status?.series.at(-1);
  const leader = last === undefined ? undefined : leaderOf(last);
  if (leader !== undefined) return leader !== null;
  const gauge = valueIn(ctx.facts.member(id, 'leaderState'))?.hasLeader;
  return gauge === null || gauge === undefined ? null : gauge.last > 0;
};

/** The commit index grew between two rounds; null where no member was seen twice. */
const commitsAdvanced = (ctx: FactContext): boolean | null => {
  let advanced: boolean | null = null;
  for (const { id } of ctx.case.members) {
    const status = valueIn(ctx.facts.member(id, 'status'));
    const proposals = valueIn(ctx.facts.member(id, 'proposals'));
    const grown =
      status !== null && status.series.length > 1
        ? growth(status.last.raftIndex, status.first.raftIndex)
        : (proposals?.committed?.delta ?? null);
    if (grown === null) continue;
    advanced = advanced === true || grown > 0;
  }
  return advanced;
};

/** Learners refuse linearizable reads, and a login that is refused says nothing about votes. */
const tellsQuorum = (ctx: FactContext, id: string, latency: ReadLatency): boolean => {
  const learner =
    ctx.case.members.find((member) => member.id === id)?.isLearner === true ||
    valueIn(ctx.facts.member(id, 'status'))?.last.isLearner === true;
  return !learner && Object.keys(latency.linearizable.codes).some((code) => !refusals.has(code));
};

export default defineFact({
  scope: 'cluster',
  id: 'quorum',
  title: 'Whether a majority of the voters commits',
  artifacts: ['member-list', 'endpoint-status', 'read-latency', 'metrics'],
  derive: (ctx) => {
    const voters = votersOf(ctx);
    if (voters.length === 0) return absent('member-list', 'no voter is known: neither a member list nor a target');
    const answered = (id: string): boolean =>
      valueIn(ctx.facts.member(id, 'reachability'))?.answered ??
      ctx.case.members.find((member) => member.id === id)?.reachable ??
      false;
    const known = ctx.case.members.map((member) => member.id);
    const withLeader = known.filter((id) => leaderKnown(ctx, id) === true);
    const withoutLeader = known.filter((id) => leaderKnown(ctx, id) === false);
    const reads = known.flatMap((id) => {
      const latency = valueIn(ctx.facts.member(id, 'readLatency'));
      if (latency === null || latency.linearizable.attempts === 0) return [];
      const ok = latency.linearizable.ok > 0;
      return ok || tellsQuorum(ctx, id, latency) ? [{ id, ok }] : [];
    });
    const linearizableOk = reads.filter(({ ok }) => ok).map(({ id }) => id);
    const linearizableFailed = reads.filter(({ ok }) => !ok).map(({ id }) => id);
    const advanced = commitsAdvanced(ctx);
    const names = (ids: readonly string[]): string => ids.map((id) => nameOf(ctx.case, id)).join(', ');
    const reasons: string[] = [];
    if (withLeader.length > 0) reasons.push(`a leader is known to ${names(withLeader)}`);
    if (withoutLeader.length > 0) reasons.push(`no leader is known to ${names(withoutLeader)}`);
    if (linearizableOk.length > 0) reasons.push(`linearizable reads succeeded through ${names(linearizableOk)}`);
    if (linearizableFailed.length > 0) reasons.push(`linearizable reads failed through ${names(linearizableFailed)}`);
    if (advanced !== null)
      reasons.push(
        advanced ? 'the commit index advanced between rounds' : 'the commit index stood still between rounds',
      );
    // An old leader cut off from its peers may still call itself leader: a known leader alone proves nothing.
    const proven =
      linearizableOk.length > 0 && withLeader.length > 0 ? true : withLeader.length > 0 && advanced === true;
    const refuted = withLeader.length === 0 && withoutLeader.length > 0 && linearizableOk.length === 0;
    const reachable = voters.filter(answered);
    const needed = Math.floor(voters.length / 2) + 1;
    return observed(
      {
        voters,
        needed,
        reachable,
        unreachable: voters.filter((id) => !reachable.includes(id)),
        spare: reachable.length - needed,
        withLeader,
        withoutLeader,
        linearizableOk,
        linearizableFailed,
        commitsAdvanced: advanced,
        hasQuorum: proven ? true : refuted ? false : null,
        reasons,
      },
      [
        ...statusRounds(ctx).source,
        ...reads.flatMap(({ id }): readonly Source[] => {
          const read = ctx.facts.member(id, 'readLatency');
          return read.ok ? read.source : [];
        }),
      ],
    );
  },
});
