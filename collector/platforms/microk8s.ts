import { memberKinds, type PlatformProfile } from './profile.js';

/** MicroK8s keeps its state in dqlite: there is no etcd to collect from. Set up with etcd, `canonical` is recognised by its process. */
export const microk8s: PlatformProfile = {
  name: 'microk8s',
  title: 'MicroK8s (dqlite)',
  runsAs: 'no etcd: the store is dqlite, inside snap.microk8s.daemon-k8s-dqlite',
  etcd: 'none',
  signs: [
    { kind: 'path', path: '/var/snap/microk8s/current/var/kubernetes/backend', points: 4 },
    { kind: 'path', path: '/var/snap/microk8s/current', points: 1 },
    { kind: 'process', pattern: /^k8s-dqlite$/, points: 3 },
  ],
  settings: [],
  dataDirs: ['/var/snap/microk8s/current/var/kubernetes/backend'],
  identities: [],
  logs: [{ kind: 'journal', unit: 'snap.microk8s.daemon-k8s-dqlite.service' }],
  ports: { metrics: [] },
  suppliers: {
    host: { who: 'root on the node', command: 'sudo microk8s inspect' },
    certificate: { who: 'nobody: dqlite has none of etcd', command: 'sudo microk8s inspect' },
    log: { who: 'root on the node', command: 'sudo microk8s inspect' },
  },
  offLimits: [
    {
      what: 'everything about etcd',
      kinds: memberKinds,
      why: 'MicroK8s stores its state in dqlite; no etcd runs here',
      who: 'root on the node, with the tool of MicroK8s',
      command: 'sudo microk8s inspect',
    },
  ],
};
