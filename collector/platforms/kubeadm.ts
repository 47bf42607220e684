import type { PlatformProfile } from './profile.js';

/** kubeadm and what is built on it (Cluster API, kURL): a static pod with kubeadm's paths. */
export const kubeadm: PlatformProfile = {
  name: 'kubeadm',
  title: 'kubeadm',
  runsAs: 'static pod etcd-<node> in kube-system',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/etc/kubernetes/manifests/etcd.yaml', points: 4 },
    { kind: 'path', path: '/etc/kubernetes/pki/etcd', points: 3 },
    { kind: 'path', path: '/etc/kubernetes/manifests/kube-apiserver.yaml', points: 2 },
    { kind: 'path', path: '/etc/kubernetes/admin.conf', points: 1 },
    { kind: 'setting', flag: 'cert-file', pattern: /^\/etc\/kubernetes\/pki\/etcd\//, points: 3 },
    { kind: 'process', pattern: /^kubelet$/, points: 1 },
  ],
  settings: [{ kind: 'manifest', path: '/etc/kubernetes/manifests/etcd.yaml' }],
  dataDirs: ['/var/lib/etcd'],
  identities: [
    {
      ca: '/etc/kubernetes/pki/etcd/ca.crt',
      cert: '/etc/kubernetes/pki/etcd/healthcheck-client.crt',
      key: '/etc/kubernetes/pki/etcd/healthcheck-client.key',
    },
    {
      ca: '/etc/kubernetes/pki/etcd/ca.crt',
      cert: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
      key: '/etc/kubernetes/pki/apiserver-etcd-client.key',
    },
    {
      ca: '/etc/kubernetes/pki/etcd/ca.crt',
      cert: '/etc/kubernetes/pki/etcd/server.crt',
      key: '/etc/kubernetes/pki/etcd/server.key',
    },
  ],
  logs: [{ kind: 'pod', pod: 'kube-system_etcd-', container: 'etcd' }],
  kubeconfigs: ['/etc/kubernetes/admin.conf'],
  ports: { client: 'https://127.0.0.1:2379', peer: '2380', metrics: ['http://127.0.0.1:2381'] },
  suppliers: {
    host: { who: 'root on the control-plane node', command: 'sudo etcd-collect' },
    certificate: {
      who: 'root on the control-plane node',
      command:
        'sudo etcd-collect --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt --key /etc/kubernetes/pki/etcd/healthcheck-client.key',
    },
    log: {
      who: 'root on the control-plane node, or a cluster admin while the API server answers',
      command: 'kubectl -n kube-system logs --all-containers --timestamps --prefix -l component=etcd --tail=-1',
    },
  },
  offLimits: [],
};
