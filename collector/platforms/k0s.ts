import type { PlatformProfile } from './profile.js';

const pki = '/var/lib/k0s/pki';

/** k0s and Embedded Cluster. Every member advertises https://127.0.0.1:2379 (k0s, pkg/component/controller/etcd.go). */
export const k0s: PlatformProfile = {
  name: 'k0s',
  title: 'k0s',
  runsAs: 'child process of k0s controller, unit k0scontroller',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/var/lib/k0s/etcd', points: 4 },
    { kind: 'path', path: `${pki}/etcd`, points: 3 },
    { kind: 'path', path: '/etc/k0s', points: 2 },
    { kind: 'process', pattern: /^k0s$/, points: 3 },
    { kind: 'setting', flag: 'cert-file', pattern: /\/k0s\/pki\/etcd\//, points: 4 },
  ],
  settings: [],
  dataDirs: ['/var/lib/k0s/etcd'],
  identities: [
    { ca: `${pki}/etcd/ca.crt`, cert: `${pki}/apiserver-etcd-client.crt`, key: `${pki}/apiserver-etcd-client.key` },
    { ca: `${pki}/etcd/ca.crt`, cert: `${pki}/etcd/server.crt`, key: `${pki}/etcd/server.key` },
  ],
  logs: [{ kind: 'journal', unit: 'k0scontroller.service' }],
  kubeconfigs: ['/var/lib/k0s/pki/admin.conf'],
  ports: { client: 'https://127.0.0.1:2379', peer: '2380', metrics: ['https://127.0.0.1:2379'] },
  suppliers: {
    host: { who: 'root on the controller node', command: 'sudo etcd-collect' },
    certificate: {
      who: 'root on the controller node',
      command: `sudo etcd-collect --cacert ${pki}/etcd/ca.crt --cert ${pki}/apiserver-etcd-client.crt --key ${pki}/apiserver-etcd-client.key`,
    },
    log: {
      who: 'root on the controller node, or a member of group systemd-journal',
      command: 'sudo journalctl --unit k0scontroller --since -2h --utc --output short-iso-precise',
    },
  },
  offLimits: [
    {
      what: 'the other members over the network',
      kinds: ['endpoint-status', 'metrics', 'hashkv', 'read-latency', 'health', 'version', 'member-list'],
      of: 'others',
      why: 'k0s lets etcd serve clients on the loopback address of its own node only',
      who: 'root on each of the other controller nodes',
      command: 'sudo etcd-collect (on each controller; give all bundles to etcd-analyze)',
    },
  ],
};
