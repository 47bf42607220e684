import type { CaseMember } from '../../bundle/case.js';
import type { ProcessSched } from '../../facts/values/member.js';

export interface PeerWait {
  /** Run-queue waiting of this member over the median of the others on the same host; null without such others or without waiting. */
  readonly ratio: number | null;
  /** Others on the same host that were observed. */
  readonly peers: number;
}

/** Compares how long a member waits for a CPU with the other members on its host: competition for the host hits all alike. */
export const peerWait = (
  member: CaseMember | undefined,
  members: readonly CaseMember[],
  sched: ReadonlyMap<string, ProcessSched>,
): PeerWait => {
  const own = member === undefined ? undefined : (sched.get(member.id)?.runQueueWaitShare ?? undefined);
  const others = members
    .filter((other) => other.id !== member?.id && other.host !== undefined && other.host === member?.host)
    .flatMap((other) => sched.get(other.id)?.runQueueWaitShare ?? [])
    .sort((a, b) => a - b);
  // A peer that waited for nothing still leaves a floor of 1 % to compare with.
  const median = Math.max(0.01, others[Math.floor((others.length - 1) / 2)] ?? 0);
  return { ratio: own === undefined || others.length === 0 ? null : own / median, peers: others.length };
};
