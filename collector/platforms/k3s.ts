import type { PlatformProfile } from './profile.js';

const server = '/var/lib/rancher/k3s/server';

/** k3s with embedded etcd (`--cluster-init`). With SQLite or an external database there is no etcd in it. */
export const k3s: PlatformProfile = {
  name: 'k3s',
  title: 'k3s',
  runsAs: 'inside the k3s process, unit k3s',
  etcd: 'here',
  signs: [
    { kind: 'path', path: `${server}/db/etcd`, points: 4 },
    { kind: 'path', path: `${server}/tls/etcd`, points: 2 },
    { kind: 'path', path: '/etc/rancher/k3s', points: 2 },
    { kind: 'process', pattern: /^k3s(-server)?$/, points: 3 },
  ],
  settings: [{ kind: 'config', path: `${server}/db/etcd/config` }],
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
  logs: [
    { kind: 'journal', unit: 'k3s.service' },
    { kind: 'file', path: '/var/log/k3s.log' },
  ],
  kubeconfigs: ['/etc/rancher/k3s/k3s.yaml'],
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
      who: 'root on the server node, or a member of group systemd-journal',
      command: 'sudo journalctl --unit k3s --since -2h --utc --output short-iso-precise',
    },
  },
  offLimits: [
    {
      what: 'a process, cgroup and log of etcd alone',
      kinds: [],
      why: 'etcd shares process, cgroup, metrics registry and journal with all other parts of k3s: their figures are of the whole',
      who: 'nobody',
      command: 'none; read CPU, memory and descriptors of this member as those of k3s',
    },
  ],
};
