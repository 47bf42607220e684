import type { Membership, PeerMatrix, Quorum } from '../../facts/values/cluster.js';

/** Voters that answer and know a leader, or lead: those that keep the quorum. */
export const workingVoters = (quorum: Quorum): readonly string[] =>
  quorum.reachable.filter((id) => !quorum.withoutLeader.includes(id));

/** Working voters beyond the quorum: 0 = the next failure stops writes. */
export const spareOf = (quorum: Quorum): number => workingVoters(quorum).length - quorum.needed;

/** Whether some member holds an active link to it; undefined when no member was asked that exports it. */
export const linkedByPeers = (matrix: PeerMatrix | undefined, id: string): boolean | undefined => {
  const seen = (matrix?.links ?? []).filter((link) => link.to === id && link.active !== null);
  return seen.length === 0 ? undefined : seen.some((link) => (link.active?.last ?? 0) > 0);
};

/** Whether every TCP connect to its client addresses opened, from every vantage that tried. */
export const listens = (matrix: PeerMatrix | undefined, id: string): boolean => {
  const tried = (matrix?.tcp ?? []).filter((each) => each.member === id && each.role === 'client');
  return tried.length > 0 && tried.every(({ stats }) => stats.attempts > 0 && stats.failed === 0);
};

/** Whether a member list has it; undefined without any list. */
export const isListed = (membership: Membership | undefined, id: string): boolean | undefined =>
  membership === undefined ? undefined : membership.members.some((member) => member.id === id);
