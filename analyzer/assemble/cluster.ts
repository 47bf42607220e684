import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import { memberSubject } from '../run-rule.js';

/** The cluster in a few numbers; what could not be told is null. */
export const clusterSummary = (facts: Facts): Report['cluster'] => {
  const { members, clusterIds } = facts.case;
  const membership = facts.cluster('membership');
  const quorum = facts.cluster('quorum');
  const leaderView = facts.cluster('leaderView');
  const versions = facts.cluster('versions');
  const revisions = facts.cluster('revisions');
  const copies = facts.cluster('copies');
  const voters = membership.ok ? membership.value.voters.length : members.filter((member) => !member.isLearner).length;
  const leader = leaderView.ok ? members.find((member) => member.id === leaderView.value.leader) : undefined;
  return {
    // Where nobody answered, the files of the members name their cluster.
    clusterIds: clusterIds.length > 0 || !copies.ok ? [...clusterIds] : [...copies.value.clusters],
    voters,
    learners: membership.ok ? membership.value.learners.length : members.filter((member) => member.isLearner).length,
    reachable: members.filter((member) => member.reachable === true).length,
    quorum: quorum.ok ? quorum.value.needed : Math.floor(voters / 2) + 1,
    hasQuorum: quorum.ok ? quorum.value.hasQuorum : null,
    leader: leader === undefined ? null : memberSubject(leader),
    ...(leaderView.ok ? { term: leaderView.value.highestTerm } : {}),
    versions: versions.ok ? [...versions.value.server] : [],
    revision: revisions.ok ? revisions.value.highest : null,
  };
};

/** Voters that are known by a list or, without one, every member; a log whose member nobody knows is no further voter. */
export const votersAmong = (facts: Facts): Facts['case']['members'] => {
  const { members, bundles } = facts.case;
  const membership = facts.cluster('membership');
  const imported = bundles.some((bundle) => bundle.imported !== undefined);
  return membership.ok && imported
    ? members.filter(({ id }) => membership.value.voters.includes(id))
    : members.filter((member) => !member.isLearner);
};

/** Voters out of work while the others hold the quorum with none to spare; empty when the quorum itself is lost or not known. */
export const lostWithoutSpare = (facts: Facts): ReadonlySet<string> => {
  const quorum = facts.cluster('quorum');
  if (!quorum.ok || quorum.value.hasQuorum !== true) return new Set();
  const { voters, reachable, withoutLeader, needed } = quorum.value;
  const matrix = facts.cluster('peerMatrix');
  // Shut off from the collector only: its peers hear it.
  const heard = (id: string): boolean =>
    matrix.ok && matrix.value.links.some((link) => link.to === id && (link.receivedBytes?.delta ?? 0) > 0);
  const lost = voters.filter((id) => withoutLeader.includes(id) || (!reachable.includes(id) && !heard(id)));
  return voters.length - lost.length <= needed ? new Set(lost) : new Set();
};
