import type { PlatformProfile } from './profile.js';

const certs = '/etc/kubernetes/static-pod-resources/etcd-certs';

/** OpenShift 4. The pod sees `static-pod-resources/etcd-certs` of the node as `static-pod-certs` (cluster-etcd-operator, bindata/etcd/pod.yaml). */
export const openshift: PlatformProfile = {
  name: 'openshift',
  title: 'OpenShift 4',
  runsAs: 'static pod etcd-<node> in openshift-etcd, containers etcd, etcdctl, etcd-metrics, etcd-readyz',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/etc/kubernetes/static-pod-resources', points: 4 },
    { kind: 'path', path: '/etc/kubernetes/manifests/etcd-pod.yaml', points: 4 },
    { kind: 'path', path: certs, points: 2 },
    { kind: 'setting', flag: 'cert-file', pattern: /^\/etc\/kubernetes\/static-pod-certs\//, points: 4 },
    { kind: 'text', path: '/etc/os-release', pattern: /^ID="?rhcos"?$/m, says: 'Red Hat CoreOS', points: 2 },
  ],
  settings: [{ kind: 'manifest', path: '/etc/kubernetes/manifests/etcd-pod.yaml' }],
  dataDirs: ['/var/lib/etcd'],
  identities: [
    {
      ca: `${certs}/configmaps/etcd-all-bundles/server-ca-bundle.crt`,
      cert: `${certs}/secrets/etcd-all-certs/etcd-peer-*.crt`,
      key: `${certs}/secrets/etcd-all-certs/etcd-peer-*.key`,
    },
    {
      ca: `${certs}/configmaps/etcd-serving-ca/ca-bundle.crt`,
      cert: `${certs}/secrets/etcd-all-certs/etcd-peer-*.crt`,
      key: `${certs}/secrets/etcd-all-certs/etcd-peer-*.key`,
    },
  ],
  logs: [{ kind: 'pod', pod: 'openshift-etcd_etcd-', container: 'etcd' }],
  kubeconfigs: [
    '/etc/kubernetes/static-pod-resources/kube-apiserver-certs/secrets/node-kubeconfigs/localhost.kubeconfig',
  ],
  ports: {
    client: 'https://127.0.0.1:2379',
    peer: '2380',
    metrics: ['https://127.0.0.1:9978', 'https://127.0.0.1:9979'],
  },
  suppliers: {
    host: {
      who: 'a cluster admin while the API server answers (oc debug node), else whoever has the SSH key of user core',
      command: 'oc debug node/NODE -- chroot /host etcd-collect -o -',
    },
    certificate: {
      who: 'root on the control-plane node',
      command: 'ssh core@NODE sudo etcd-collect -o -',
    },
    log: {
      who: 'a cluster admin while the API server answers, else whoever has the SSH key of user core',
      command: 'oc -n openshift-etcd logs -c etcd --timestamps etcd-NODE',
    },
  },
  offLimits: [],
};
