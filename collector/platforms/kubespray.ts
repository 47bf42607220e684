import type { PlatformProfile } from './profile.js';

/** Kubespray, and any etcd that systemd runs on the host from an environment file or a config file. */
export const kubespray: PlatformProfile = {
  name: 'kubespray',
  title: 'Kubespray, or etcd as a systemd unit',
  runsAs: 'systemd unit etcd on the host',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/etc/etcd.env', points: 4 },
    { kind: 'path', path: '/etc/ssl/etcd/ssl', points: 3 },
    { kind: 'path', path: '/etc/systemd/system/etcd.service', points: 3 },
    { kind: 'path', path: '/lib/systemd/system/etcd.service', points: 2 },
    { kind: 'path', path: '/usr/lib/systemd/system/etcd.service', points: 2 },
    { kind: 'path', path: '/etc/default/etcd', points: 2 },
    { kind: 'unit', pattern: /^etcd\d*\.service$/, points: 3 },
    { kind: 'setting', flag: 'cert-file', pattern: /^\/etc\/ssl\/etcd\/ssl\//, points: 3 },
  ],
  settings: [
    { kind: 'environment', path: '/etc/etcd.env' },
    { kind: 'environment', path: '/etc/default/etcd' },
    { kind: 'environment', path: '/etc/etcd/etcd.conf' },
    { kind: 'config', path: '/etc/etcd/etcd.conf.yml' },
  ],
  dataDirs: ['/var/lib/etcd'],
  identities: [
    {
      ca: '/etc/ssl/etcd/ssl/ca.pem',
      cert: '/etc/ssl/etcd/ssl/admin-*.pem',
      key: '/etc/ssl/etcd/ssl/admin-*-key.pem',
    },
    {
      ca: '/etc/ssl/etcd/ssl/ca.pem',
      cert: '/etc/ssl/etcd/ssl/member-*.pem',
      key: '/etc/ssl/etcd/ssl/member-*-key.pem',
    },
    {
      ca: '/etc/ssl/etcd/ssl/ca.pem',
      cert: '/etc/ssl/etcd/ssl/node-*.pem',
      key: '/etc/ssl/etcd/ssl/node-*-key.pem',
    },
  ],
  logs: [{ kind: 'journal', unit: 'etcd.service' }],
  kubeconfigs: ['/etc/kubernetes/admin.conf'],
  ports: {
    client: 'https://127.0.0.1:2379',
    peer: '2380',
    metrics: ['https://127.0.0.1:2379', 'http://127.0.0.1:2381'],
  },
  suppliers: {
    host: { who: 'root on the etcd host', command: 'sudo etcd-collect' },
    certificate: {
      who: 'root on the etcd host',
      command:
        "sudo sh -c 'etcd-collect --cacert /etc/ssl/etcd/ssl/ca.pem --cert /etc/ssl/etcd/ssl/admin-$(hostname).pem --key /etc/ssl/etcd/ssl/admin-$(hostname)-key.pem'",
    },
    log: {
      who: 'root on the etcd host, or a member of group systemd-journal',
      command: 'sudo journalctl --unit etcd --since -2h --utc --output short-iso-precise',
    },
  },
  offLimits: [],
};
