import type { PlatformProfile } from './profile.js';

const common = '/var/snap/k8s/common';

/** Canonical's snaps: Canonical Kubernetes (k8s), the etcd snap of Charmed Kubernetes, MicroK8s when it is set up with etcd. */
export const canonical: PlatformProfile = {
  name: 'canonical',
  title: 'Canonical Kubernetes and the etcd snap',
  runsAs: 'snap service: snap.k8s.etcd, snap.etcd.etcd, or snap.microk8s.daemon-etcd',
  etcd: 'here',
  signs: [
    { kind: 'path', path: `${common}/args/etcd`, points: 4 },
    { kind: 'path', path: `${common}/var/lib/etcd`, points: 3 },
    { kind: 'path', path: '/var/snap/etcd/common', points: 4 },
    { kind: 'path', path: '/var/snap/microk8s/current/args/etcd', points: 1 },
    { kind: 'unit', pattern: /^snap\.(k8s|etcd|microk8s)\./, points: 4 },
    { kind: 'setting', flag: 'data-dir', pattern: /^\/var\/snap\//, points: 4 },
  ],
  settings: [
    { kind: 'arguments', path: `${common}/args/etcd` },
    { kind: 'config', path: '/var/snap/etcd/common/etcd.conf.yml' },
  ],
  dataDirs: [`${common}/var/lib/etcd/data`, '/var/snap/etcd/current', '/var/snap/etcd/common'],
  identities: [
    {
      ca: '/etc/kubernetes/pki/etcd/ca.crt',
      cert: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
      key: '/etc/kubernetes/pki/apiserver-etcd-client.key',
    },
    {
      ca: `${common}/var/lib/etcd/ca.crt`,
      cert: `${common}/var/lib/etcd/server.crt`,
      key: `${common}/var/lib/etcd/server.key`,
    },
    {
      ca: '/var/snap/etcd/common/ca.crt',
      cert: '/var/snap/etcd/common/client.crt',
      key: '/var/snap/etcd/common/client.key',
    },
  ],
  logs: [
    { kind: 'journal', unit: 'snap.k8s.etcd.service' },
    { kind: 'journal', unit: 'snap.etcd.etcd.service' },
  ],
  kubeconfigs: ['/etc/kubernetes/admin.conf'],
  ports: { client: 'https://127.0.0.1:2379', peer: '2380', metrics: ['https://127.0.0.1:2379'] },
  suppliers: {
    host: { who: 'root on the node', command: 'sudo etcd-collect' },
    certificate: {
      who: 'root on the node',
      command: `sudo etcd-collect --cacert /var/snap/etcd/common/ca.crt --cert /var/snap/etcd/common/client.crt --key /var/snap/etcd/common/client.key`,
    },
    log: { who: 'root on the node', command: 'sudo snap logs -n=all k8s.etcd' },
  },
  offLimits: [],
};
