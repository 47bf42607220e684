import type { Copies, CopiesDecision, CopyLoss, CopyStanding, DataCopy, RankedCopy } from '../facts/values/copies.js';
import { comparePoints } from './copy.js';
import { keeps, lostAcksOf, max, proves, wholeLog } from './loss.js';
import { atPlaces, isDetached, mainCluster, type Said, standingOf } from './standing.js';

export interface RankInput {
  readonly copies: readonly DataCopy[];
  /** Cluster ids that members named when they answered. */
  readonly clusterIds: readonly string[];
  /** The membership that members gave; null when none answered. */
  readonly memberList: { readonly voters: readonly string[]; readonly learners: readonly string[] } | null;
  /** Members that answer. */
  readonly answering: readonly string[];
  readonly hasQuorum: boolean | null;
  readonly said: readonly Said[];
  readonly nameOf: (id: string) => string;
}

const rankOf = ({ standing, usable, copy }: RankedCopy): number => {
  const order: readonly CopyStanding[] = ['learner', 'superseded', 'detached', 'removed', 'foreign', 'unidentified'];
  if (copy.state === 'missing') return 10;
  if (usable) return 0;
  if (standing === 'current') return copy.state === 'unknown' ? 1 : 2;
  return 3 + order.indexOf(standing);
};

/** Without a log the database still says how far it got. */
const positionOf = (copy: DataCopy) =>
  copy.last ??
  (copy.applied === null || copy.appliedTerm === null ? null : { term: copy.appliedTerm, index: copy.applied });

const byRank = (a: RankedCopy, b: RankedCopy): number =>
  rankOf(a) - rankOf(b) ||
  -comparePoints(positionOf(a.copy), positionOf(b.copy)) ||
  Number((b.copy.applied ?? -1n) - (a.copy.applied ?? -1n)) ||
  (a.copy.key < b.copy.key ? -1 : 1);

/** Ranks the copies of a case and says whether a quorum can come from them. */
export const rankCopies = (input: RankInput): Copies => {
  const { nameOf } = input;
  const { now, before } = atPlaces(input.copies);
  const clusters = [...new Set(now.flatMap(({ cluster }) => cluster ?? []))].sort();
  const cluster = mainCluster(now, input.clusterIds);
  const own = now.filter((copy) => cluster === null || copy.cluster === null || copy.cluster === cluster);
  const detached = new Set(own.filter((copy) => isDetached(copy, own)));
  const attached = own.filter((copy) => !detached.has(copy));
  // A membership is as old as what was applied to it.
  const newest = [...attached]
    .filter(({ membership }) => membership !== null)
    .sort((a, b) => Number((b.applied ?? -1n) - (a.applied ?? -1n)))[0]?.membership;
  const reference = input.memberList ?? (cluster === null && clusters.length > 1 ? null : (newest ?? null));
  const voters = reference?.voters ?? null;
  const standings = new Map(
    now.map((copy) => [
      copy,
      standingOf(copy, {
        copies: now,
        before,
        cluster,
        clusters,
        detached,
        voters,
        learners: reference?.learners ?? [],
        said: input.said,
        nameOf,
      }),
    ]),
  );
  const standing = (copy: DataCopy): CopyStanding => standings.get(copy)?.standing ?? 'unidentified';
  const usable = (copy: DataCopy): boolean =>
    standing(copy) === 'current' && (copy.state === 'sound' || copy.state === 'repairable');
  const members = now.filter((copy) => ['current', 'learner', 'superseded'].includes(standing(copy)));

  const commits = [
    ...[...members, ...before.filter((copy) => attached.some(({ cluster: id }) => id === copy.cluster))].map(
      (copy) => ({
        index: proves(copy),
        by: copy.member === null ? copy.key : nameOf(copy.member),
      }),
    ),
    ...input.said.map(({ member, commit }) => ({ index: commit as bigint | null, by: nameOf(member) })),
  ];
  const topCommit = max(commits.map(({ index }) => index));
  const revisions = [
    ...members.map(({ revision, member, key }) => ({ revision, by: member === null ? key : nameOf(member) })),
    ...input.said.map(({ member, revision }) => ({ revision, by: nameOf(member) })),
  ];
  const topRevision = max(revisions.map(({ revision }) => revision));

  const needed = Math.floor((voters?.length ?? 0) / 2) + 1;
  const current = now.filter((copy) => standing(copy) === 'current');
  const of = (voter: string): readonly DataCopy[] => current.filter(({ member }) => member === voter);
  const available: string[] = [];
  const lost: string[] = [];
  const unseen: string[] = [];
  for (const voter of voters ?? []) {
    const copies = of(voter);
    const told = now.some(({ member }) => member === voter);
    if (input.answering.includes(voter) || copies.some(usable)) available.push(voter);
    else if (told && copies.every(({ state }) => state === 'damaged' || state === 'missing')) lost.push(voter);
    else unseen.push(voter);
  }

  const acks = lostAcksOf(voters ?? [], needed, topCommit, (voter) => of(voter)[0]);
  const logs = (voters ?? []).filter((voter) => of(voter).some(wholeLog));
  const end = max(members.flatMap(({ last, beyond }) => [last?.index ?? null, beyond?.last?.index ?? null]));
  const lossOf = (copy: DataCopy): CopyLoss => {
    const kept = keeps(copy);
    const below = (top: bigint | null): bigint | null =>
      kept === null || top === null ? null : top > kept ? top - kept : 0n;
    return {
      atLeast: below(topCommit),
      // What is committed is on a majority, and any two majorities share a member.
      atMost: voters !== null && logs.length >= needed && acks === null ? below(max([end, topCommit])) : null,
      revisions:
        topRevision === null || copy.revision === null
          ? null
          : topRevision > copy.revision
            ? topRevision - copy.revision
            : 0n,
    };
  };
  const ranked = now
    .map((copy): RankedCopy => {
      const found = standings.get(copy);
      return {
        copy,
        standing: found?.standing ?? 'unidentified',
        standingText: found?.text ?? '',
        usable: usable(copy),
        loss: lossOf(copy),
      };
    })
    .sort(byRank);
  const holders = acks === null || acks.holders.some((id) => available.includes(id));
  const answering = (voters ?? []).filter((voter) => input.answering.includes(voter)).length;
  // What a majority that answers lacks is not to be found in files.
  const decision: CopiesDecision =
    input.hasQuorum === true || (answering > 0 && answering >= needed)
      ? 'not-needed'
      : voters === null || voters.length === 0
        ? 'cannot-tell'
        : available.length >= needed && holders
          ? 'start'
          : available.length + unseen.length < needed
            ? 'restore'
            : 'cannot-tell';
  return {
    ranked,
    cluster,
    clusters,
    voters: voters ?? [],
    votersFrom: voters === null ? null : input.memberList === null ? 'copy' : 'member-list',
    needed,
    decision,
    available,
    lost,
    unseen,
    newestCommit:
      topCommit === null ? null : { index: topCommit, by: commits.find(({ index }) => index === topCommit)?.by ?? '' },
    newestRevision:
      topRevision === null
        ? null
        : { revision: topRevision, by: revisions.find(({ revision }) => revision === topRevision)?.by ?? '' },
    lostAcks: acks,
  };
};
