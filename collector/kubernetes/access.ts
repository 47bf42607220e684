import { apiServerKinds } from '../../schemas/index.js';
import type { ReasonCode } from '../probe.js';

const kinds: ReadonlySet<string> = new Set(apiServerKinds);

export const isApiServerKind = (kind: string): boolean => kinds.has(kind);

/** The same read by hand. */
const commands: Readonly<Record<string, string>> = {
  'apiserver-metrics': 'kubectl get --raw /metrics',
  'apiserver-health': "kubectl get --raw '/readyz?verbose'",
  'kube-nodes': 'kubectl get nodes -l node-role.kubernetes.io/control-plane -o wide',
  'kube-pods': "kubectl -n kube-system get pods -l 'component in (etcd,kube-apiserver)' -o wide",
  'kube-events': 'kubectl -n kube-system get events --field-selector involvedObject.kind=Pod',
  'kube-leases': 'kubectl -n kube-system get leases',
};

/** Who can give what the API server did not give here, and the command for it. */
export const apiServerAccess = (
  kind: string,
  reason: ReasonCode,
): { readonly whoCanSupply?: string; readonly command?: string } => {
  if (reason === 'no-kubeconfig' || reason === 'kubeconfig-unusable')
    return {
      whoCanSupply: 'whoever has a kubeconfig of this cluster with a client certificate or a token in it',
      command: 'etcd-collect run --kubeconfig FILE',
    };
  if (reason === 'file-access') return { whoCanSupply: 'root on this node', command: 'sudo etcd-collect run' };
  const command = commands[kind];
  return {
    whoCanSupply:
      reason === 'permission-denied' || reason === 'auth-failed'
        ? 'a cluster admin, or a user with the ClusterRole system:monitoring for /metrics and view in kube-system'
        : 'whoever can reach the API server with a kubeconfig of this cluster',
    ...(command === undefined ? {} : { command }),
  };
};
