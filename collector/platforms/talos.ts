import type { PlatformProfile } from './profile.js';

/** Talos Linux: no shell and no SSH. A collector gets onto a node only as a privileged pod; elsewhere talosctl is the way. */
export const talos: PlatformProfile = {
  name: 'talos',
  title: 'Talos Linux',
  runsAs: 'service etcd of Talos, no pod and no systemd unit',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/system/secrets/etcd', points: 4 },
    { kind: 'path', path: '/system/state', points: 2 },
    { kind: 'process', pattern: /^machined$/, points: 4 },
    { kind: 'text', path: '/etc/os-release', pattern: /^ID="?talos"?$/m, says: 'Talos', points: 4 },
    { kind: 'setting', flag: 'cert-file', pattern: /^\/system\/secrets\/etcd\//, points: 4 },
  ],
  settings: [],
  dataDirs: ['/var/lib/etcd'],
  identities: [
    {
      ca: '/system/secrets/etcd/ca.crt',
      cert: '/system/secrets/etcd/admin.crt',
      key: '/system/secrets/etcd/admin.key',
    },
    {
      ca: '/system/secrets/etcd/ca.crt',
      cert: '/system/secrets/etcd/server.crt',
      key: '/system/secrets/etcd/server.key',
    },
  ],
  logs: [],
  ports: { client: 'https://127.0.0.1:2379', peer: '2380', metrics: ['https://127.0.0.1:2379'] },
  suppliers: {
    host: {
      who: 'whoever has a talosconfig with role os:admin',
      command: 'talosctl -n NODE support',
    },
    certificate: {
      who: 'whoever has a talosconfig with role os:admin',
      command:
        'for f in ca.crt admin.crt admin.key; do talosctl -n NODE read /system/secrets/etcd/$f > $f; done; etcd-collect --endpoints https://NODE:2379 --cacert ca.crt --cert admin.crt --key admin.key',
    },
    log: { who: 'whoever has a talosconfig with role os:reader or os:admin', command: 'talosctl -n NODE logs etcd' },
  },
  offLimits: [
    {
      what: 'a plain metrics port',
      kinds: [],
      why: 'off unless the machine config sets listen-metrics-urls; metrics then need a client certificate on 2379',
      who: 'whoever changes the machine config',
      command:
        'cluster.etcd.extraArgs.listen-metrics-urls in the machine config (takes a reboot: not during an incident)',
    },
    {
      what: 'the log of etcd as a file',
      kinds: ['server-log'],
      why: 'Talos takes the output of its services itself',
      who: 'whoever has a talosconfig with role os:reader or os:admin',
      command: 'talosctl -n NODE logs etcd',
    },
    {
      what: 'kernel messages',
      kinds: ['kernel-log'],
      why: 'no shell on the node',
      who: 'whoever has a talosconfig with role os:reader or os:admin',
      command: 'talosctl -n NODE dmesg',
    },
  ],
};
