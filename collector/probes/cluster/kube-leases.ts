import { at, defined, integerOf, type Json, textOf, timeOf } from '../../kubernetes/json.js';
import { kubernetesOf, listObjects } from '../../kubernetes/lists.js';
import { defineProbe } from '../../probe.js';
import type { KubeLeasesArtifact } from '../../../schemas/index.js';

const MAX_LEASES = 32;
const elected = new Set(['kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager']);
/** Identity leases of API servers, since Kubernetes 1.26. */
const identity = 'apiserver.kubernetes.io/identity';

type Lease = KubeLeasesArtifact['leases'][number];

const leaseOf = (lease: Json): Lease[] => {
  const name = textOf(at(lease, 'metadata', 'name')) ?? '';
  const isServer = at(lease, 'metadata', 'labels', identity) === 'kube-apiserver';
  if (!elected.has(name) && !isServer) return [];
  const spec = lease['spec'];
  const holder = textOf(at(spec, 'holderIdentity'));
  return [
    defined({
      name: isServer ? 'apiserver' : name,
      // `<node>_<uuid>`; an API server calls itself by a hash and a uuid.
      holder: isServer ? undefined : holder?.replace(/_[0-9a-f-]{36}$/, ''),
      transitions: integerOf(at(spec, 'leaseTransitions')),
      durationSeconds: integerOf(at(spec, 'leaseDurationSeconds')),
      acquiredAt: timeOf(at(spec, 'acquireTime')),
      renewedAt: timeOf(at(spec, 'renewTime')),
    }),
  ];
};

export default defineProbe({
  kind: 'kube-leases',
  scope: 'cluster',
  title: 'Leader election of the control plane',
  reads: 'holder, renewal and changes of the leases of scheduler, controller managers and API servers',
  permission: 'network access to the API server; a user with list on leases of kube-system',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  lane: 'kubernetes',
  source: () => 'GET <API server>/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
  run: async (context) => {
    const { server } = kubernetesOf(context);
    const readAt = new Date(context.now()).toISOString();
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
    const { items, serverTime } = await listObjects(context, path);
    const leases = items.flatMap(leaseOf).slice(0, MAX_LEASES);
    return {
      state: leases.length === 0 ? 'empty' : 'ok',
      source: `GET ${server}${path}`,
      parts: [{ content: { readAt, ...(serverTime === undefined ? {} : { serverTime }), leases } }],
    };
  },
});
