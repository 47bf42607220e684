import type { KubernetesDoor } from '../kubernetes/open.js';
import apiserverHealth from './cluster/apiserver-health.js';
import apiserverMetrics from './cluster/apiserver-metrics.js';
import kubeEvents from './cluster/kube-events.js';
import kubeLeases from './cluster/kube-leases.js';
import kubeNodes from './cluster/kube-nodes.js';
import kubePods from './cluster/kube-pods.js';

/** Every probe that asks an API server, the precious first. */
export const allKubernetesProbes = [
  apiserverMetrics,
  apiserverHealth,
  kubePods,
  kubeNodes,
  kubeLeases,
  kubeEvents,
] as const;

/** None with `--no-kubernetes`; without a kubeconfig they are planned as not applicable, so that the gap is told. */
export const kubernetesProbes = (door: KubernetesDoor | undefined) => {
  if (door === undefined) return [];
  if ('port' in door) return [...allKubernetesProbes];
  const appliesTo = () => ({ reason: 'no-kubeconfig' as const, message: door.none });
  return allKubernetesProbes.map((probe) => ({ ...probe, appliesTo }));
};
