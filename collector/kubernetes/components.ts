import type { KubePodsArtifact } from '../../schemas/index.js';

export type Component = KubePodsArtifact['pods'][number]['component'];

/** Where pods of the control plane run: kubeadm and its kin, RKE2; then OpenShift. */
export const places: readonly { readonly namespace: string; readonly labelSelector: string }[] = [
  { namespace: 'kube-system', labelSelector: 'component in (etcd,kube-apiserver)' },
  { namespace: 'openshift-etcd', labelSelector: 'app=etcd' },
  { namespace: 'openshift-kube-apiserver', labelSelector: 'app=openshift-kube-apiserver' },
];

/** What a pod runs, by its name: mirror pods are called after their static pod and the node. */
export const componentOf = (name: string): Component | undefined =>
  /^etcd-(?!operator|manager|guard|backup|defrag)/.test(name)
    ? 'etcd'
    : /^kube-apiserver-(?!operator|guard)/.test(name)
      ? 'kube-apiserver'
      : undefined;
