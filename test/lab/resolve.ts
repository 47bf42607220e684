import type { Cluster, Member } from './cluster/cluster-types.js';
import type { Where } from './scenario.js';

/** Roles of a cluster at one moment, so that all steps of a scenario mean the same members. */
export interface Roles {
  readonly leader: Member | undefined;
  readonly followers: readonly Member[];
}

/** Who leads now; without an agreed leader everybody is a follower. */
export const rolesOf = async (cluster: Cluster, timeoutMs = 5_000): Promise<Roles> => {
  const leader = await cluster.leader(timeoutMs).catch(() => undefined);
  return { leader, followers: cluster.members.filter((member) => member !== leader) };
};

/** The members that `where` means; throws when there is none of that kind. */
export const resolve = (cluster: Cluster, roles: Roles, where: Where = 'follower'): readonly Member[] => {
  const need = (member: Member | undefined): readonly Member[] => {
    if (member === undefined) throw new Error(`this cluster of ${cluster.members.length} has no ${where} now`);
    return [member];
  };
  if (typeof where === 'number') return [cluster.member(where)];
  if (where === 'all') return cluster.members;
  if (where === 'leader') return need(roles.leader);
  // A single member is the leader and all there is.
  if (where === 'follower') return need(roles.followers[0] ?? roles.leader);
  if (where === 'other-follower') return need(roles.followers[1]);
  if (where === 'followers') return roles.followers;
  // As many as it takes that fewer than a quorum is left; the first follower lives.
  const lost = cluster.members.length - Math.floor(cluster.members.length / 2);
  const survivor = roles.followers[0];
  return cluster.members.filter((member) => member !== survivor).slice(0, lost);
};
