import { memberKinds, nodeKinds, type PlatformProfile } from './profile.js';

/** EKS, GKE, AKS: the vendor runs the control plane; only the API server can be asked. Recognised on a worker node. */
export const managed: PlatformProfile = {
  name: 'managed',
  title: 'managed control plane (EKS, GKE, AKS)',
  runsAs: 'on machines of the vendor',
  etcd: 'hidden',
  signs: [
    { kind: 'path', path: '/etc/eks', points: 3 },
    { kind: 'path', path: '/etc/kubernetes/azure.json', points: 3 },
    { kind: 'path', path: '/home/kubernetes/bin', points: 3 },
  ],
  settings: [],
  dataDirs: [],
  identities: [],
  logs: [],
  ports: { metrics: [] },
  suppliers: {
    host: { who: 'support of the vendor', command: 'open a case with the vendor' },
    certificate: { who: 'nobody: no customer gets a certificate of this etcd', command: 'open a case with the vendor' },
    log: {
      who: 'whoever set up the control-plane logs of the vendor',
      command: 'control-plane logs: CloudWatch (EKS), Cloud Logging (GKE), diagnostic settings (AKS)',
    },
  },
  offLimits: [
    {
      what: 'status, metrics and membership of etcd',
      kinds: memberKinds,
      why: 'the vendor lets nobody near etcd; its API server tells of it',
      who: 'whoever may read /metrics of the API server',
      command:
        "kubectl get --raw /metrics | grep -E '^(apiserver_storage_size_bytes|apiserver_storage_db_total_size_in_bytes|etcd_db_total_size_in_bytes|etcd_request_duration_seconds|apiserver_storage_objects)'",
    },
    {
      what: 'nodes, logs and data dir of etcd',
      kinds: nodeKinds,
      why: 'they are machines of the vendor',
      who: 'support of the vendor',
      command: 'open a case with the vendor, with the times (UTC) and the figures of the API server',
    },
  ],
};
