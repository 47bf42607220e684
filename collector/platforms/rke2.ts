import type { PlatformProfile } from './profile.js';

const server = '/var/lib/rancher/rke2/server';

export const rke2: PlatformProfile = {
  name: 'rke2',
  title: 'RKE2',
  runsAs: 'static pod etcd-<node> in kube-system, below the unit rke2-server',
  etcd: 'here',
  signs: [
    { kind: 'path', path: `${server}/db/etcd`, points: 4 },
    { kind: 'path', path: `${server}/tls/etcd`, points: 3 },
    { kind: 'path', path: '/var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml', points: 4 },
    { kind: 'path', path: '/etc/rancher/rke2', points: 2 },
    { kind: 'process', pattern: /^rke2(-server)?$/, points: 3 },
    { kind: 'setting', flag: 'data-dir', pattern: /\/rancher\/rke2\//, points: 4 },
  ],
  settings: [
    { kind: 'config', path: `${server}/db/etcd/config` },
    { kind: 'manifest', path: '/var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml' },
  ],
  dataDirs: [`${server}/db/etcd`],
  identities: [
    {
      ca: `${server}/tls/etcd/server-ca.crt`,
      cert: `${server}/tls/etcd/client.crt`,
      key: `${server}/tls/etcd/client.key`,
    },
    {
      ca: `${server}/tls/etcd/server-ca.crt`,
      cert: `${server}/tls/etcd/server-client.crt`,
      key: `${server}/tls/etcd/server-client.key`,
    },
  ],
  logs: [{ kind: 'pod', pod: 'kube-system_etcd-', container: 'etcd' }],
  kubeconfigs: ['/etc/rancher/rke2/rke2.yaml'],
  ports: {
    client: 'https://127.0.0.1:2379',
    peer: '2380',
    metrics: ['http://127.0.0.1:2381', 'https://127.0.0.1:2382'],
  },
  suppliers: {
    host: { who: 'root on the server node', command: 'sudo etcd-collect' },
    certificate: {
      who: 'root on the server node',
      command: `sudo etcd-collect --cacert ${server}/tls/etcd/server-ca.crt --cert ${server}/tls/etcd/client.crt --key ${server}/tls/etcd/client.key`,
    },
    log: {
      who: 'root on the server node',
      command:
        'sudo CRI_CONFIG_FILE=/var/lib/rancher/rke2/agent/etc/crictl.yaml /var/lib/rancher/rke2/bin/crictl logs --timestamps "$(sudo CRI_CONFIG_FILE=/var/lib/rancher/rke2/agent/etc/crictl.yaml /var/lib/rancher/rke2/bin/crictl ps -a --name etcd -q | head -1)"',
    },
  },
  offLimits: [],
};
