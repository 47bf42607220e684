import type { Case } from '../../bundle/case.js';
import type { FactContext, Source } from '../../fact.js';
import type { StatusRound } from '../values/index.js';

/** Status answers of one sampling round of one bundle, by member. */
export interface StatusRoundOfAll {
  readonly bundleId: string;
  readonly round: number;
  /** Start of the earliest read, epoch ms. */
  readonly at: number;
  readonly answers: ReadonlyMap<string, StatusRound>;
}

/** Groups the members' status answers by round, oldest first. Bundles keep their rounds apart: only within one are members sampled together. */
export const statusRounds = (ctx: FactContext): { rounds: StatusRoundOfAll[]; source: Source[] } => {
  const rounds = new Map<string, { bundleId: string; round: number; at: number; answers: Map<string, StatusRound> }>();
  const source: Source[] = [];
  for (const member of ctx.case.members) {
    const status = ctx.facts.member(member.id, 'status');
    if (!status.ok) continue;
    source.push(...status.source);
    for (const answer of status.value.series) {
      const key = `${answer.bundleId} ${answer.round ?? 0}`;
      const round = rounds.get(key) ?? {
        bundleId: answer.bundleId,
        round: answer.round ?? 0,
        at: answer.at,
        answers: new Map(),
      };
      round.at = Math.min(round.at, answer.at);
      round.answers.set(member.id, answer);
      rounds.set(key, round);
    }
  }
  return { rounds: [...rounds.values()].sort((a, b) => a.at - b.at || a.round - b.round), source };
};

/** The leader that a member names; null = it knows none (raft proposes nothing under leader id 0), undefined = the answer does not show it. */
export const leaderOf = ({ value: { leader } }: StatusRound): string | null | undefined =>
  leader !== undefined && /^0*$/.test(leader) ? null : leader;

/** Member ids of voters; without any member list, every known member that is no learner. */
export const votersOf = (ctx: FactContext): readonly string[] => {
  const membership = ctx.facts.cluster('membership');
  return membership.ok ? membership.value.voters : fallbackVoters(ctx.case);
};

const fallbackVoters = (input: Case): string[] =>
  input.members.filter((member) => !member.isLearner).map((member) => member.id);

/**
 * How far apart two answers may have been read, ms: the server read its state at some moment between start and end of each request,
 * and a follower learns the commit index with the next append or heartbeat.
 */
export const skewMs = (a: StatusRound, b: StatusRound, heartbeatMs: number): number =>
  Math.max(a.at + a.durationMs - b.at, b.at + b.durationMs - a.at, 0) + heartbeatMs;
