import type { CertificateChange, Cluster, Member } from '../../cluster/cluster-types.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { type Fault, FaultUnsupported } from '../types.js';

/** Parameters of every fault of a member's certificate. */
export const certificateParams = {
  side: { default: 'peer', about: 'peer: the certificate for other members; client: the one that clients see' },
  restart: { default: true, about: 'start the member anew, so that no connection lives on from before' },
} as const;

type Choice = { readonly side: string; readonly restart: boolean };

/** Put another certificate in the place of that of each member. Undo puts the good one back; etcd reads it by itself. */
export async function changeCertificate(
  cluster: Cluster,
  members: readonly Member[],
  { side, restart }: Choice,
  change: CertificateChange,
): Promise<Fault> {
  const { tls } = cluster;
  if (tls === undefined) throw new FaultUnsupported('a change of certificates', "start the cluster with tls: 'mtls'");
  const use = useOf(side);
  return eachMember(
    members,
    async (member) => {
      const putBack = await tls.replace(member.index, use, change);
      if (restart) await restartWith(member);
      return putBack;
    },
    // Refused by its peers it would never be healthy.
    use === 'server' ? cluster.waitHealthy : undefined,
  );
}

/** `side` in etcd's words; throws on any other. */
export const useOf = (side: string): 'server' | 'peer' => {
  if (side === 'client') return 'server';
  if (side === 'peer') return 'peer';
  throw new Error(`side is peer or client, not ${side}`);
};
