import type { MemberListArtifact } from '../../schemas/index.js';
import type { EtcdPort } from '../ports/etcd.js';
import { type MemberTarget, ProbeError } from '../probe.js';
import { endpointSlug } from '../../schemas/index.js';
import type { Address } from './addresses.js';

const NOBODY = '0000000000000000';

/** A seed and what it said. */
export interface SeedAnswer {
  readonly address: Address;
  readonly list?: MemberListArtifact;
  /** It said so itself, by refusing the list. */
  readonly isLearner?: boolean;
  readonly error?: ProbeError;
}

/** Longest wait for seeds when none answers, ms; a hung one is found again by the probes, with the item timeout. */
const SEED_TIMEOUT_MS = 2_000;
/** How long the other seeds are waited for once one has answered, ms. */
const GRACE_MS = 700;

/** Target of an address whose member is not known yet. */
export const provisional = (address: Address, discoveredBy: MemberTarget['discoveredBy'] = 'seed'): MemberTarget => ({
  kind: 'member',
  id: `endpoint-${endpointSlug(address.hostPort)}`,
  endpoint: address.hostPort,
  tls: address.tls,
  clientUrls: [address.url],
  peerUrls: [],
  isLearner: false,
  discoveredBy,
  httpUrls: [address.url],
});

/** Asks all addresses at once for their member list. Ends early for the silent ones when others have answered. */
export const askSeeds = async (
  addresses: readonly Address[],
  etcd: EtcdPort,
  signal: AbortSignal,
  itemTimeoutMs: number,
): Promise<SeedAnswer[]> => {
  const timeoutMs = Math.min(SEED_TIMEOUT_MS, itemTimeoutMs);
  const stop = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const answers = await Promise.all(
    addresses.map(async (address): Promise<SeedAnswer> => {
      try {
        const { list, isLearner } = await identify(address, etcd, AbortSignal.any([signal, stop.signal]), timeoutMs);
        grace ??= setTimeout(() => stop.abort(), GRACE_MS);
        return { address, list, isLearner };
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        return { address, error };
      }
    }),
  );
  clearTimeout(grace);
  return answers;
};

/**
 * The member list with the id of the member that answered. Status fills in where the list's header lacks the id, and where
 * a learner refuses the list: its own identity is then all it can say, and `members` is empty.
 */
const identify = async (
  address: Address,
  etcd: EtcdPort,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<{ readonly list: MemberListArtifact; readonly isLearner: boolean }> => {
  const target = provisional(address);
  const call = { signal, timeoutMs };
  try {
    const list = await etcd.memberList(target, call);
    if (list.memberId !== NOBODY) return { list, isLearner: false };
    const { memberId, clusterId } = await etcd.status(target, call);
    return { list: { ...list, memberId, clusterId }, isLearner: false };
  } catch (error) {
    if (!(error instanceof ProbeError) || error.reason !== 'not-for-learner') throw error;
    const { memberId, clusterId, raftTerm, elapsedMs } = await etcd.status(target, call);
    return { list: { memberId, clusterId, raftTerm, linearizable: false, members: [], elapsedMs }, isLearner: true };
  }
};
