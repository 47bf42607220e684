import type { PlatformProfile } from './profile.js';

/** etcd in ordinary pods: charts (Bitnami), operators (Gardener etcd-druid), hosted control planes (HyperShift), etcd of an application. */
export const helm: PlatformProfile = {
  name: 'helm',
  title: 'etcd in pods of a chart or operator',
  runsAs: 'StatefulSet',
  etcd: 'here',
  signs: [
    { kind: 'path', path: '/opt/bitnami/etcd', points: 4 },
    { kind: 'path', path: '/etc/etcd/tls/etcd-ca', points: 4 },
    { kind: 'setting', flag: 'data-dir', pattern: /^\/bitnami\/etcd\//, points: 4 },
    { kind: 'setting', flag: 'data-dir', pattern: /^\/var\/etcd\/data/, points: 3 },
    { kind: 'setting', flag: 'cert-file', pattern: /^\/etc\/etcd\/tls\//, points: 3 },
    { kind: 'setting', flag: 'advertise-client-urls', pattern: /\.svc(\.|:|\/|$)/, points: 3 },
  ],
  settings: [],
  dataDirs: ['/bitnami/etcd/data', '/var/etcd/data', '/var/lib/data'],
  identities: [
    {
      ca: '/etc/etcd/tls/etcd-ca/ca.crt',
      cert: '/etc/etcd/tls/client/etcd-client.crt',
      key: '/etc/etcd/tls/client/etcd-client.key',
    },
    {
      ca: '/opt/bitnami/etcd/certs/client/ca.crt',
      cert: '/opt/bitnami/etcd/certs/client/cert.pem',
      key: '/opt/bitnami/etcd/certs/client/key.pem',
    },
  ],
  logs: [],
  ports: {
    client: 'http://127.0.0.1:2379',
    peer: '2380',
    metrics: ['http://127.0.0.1:2379', 'https://127.0.0.1:2382'],
  },
  suppliers: {
    host: {
      who: 'a cluster admin, with a debug pod on the node of the member',
      command: 'kubectl debug node/NODE -it --profile=sysadmin --image=IMAGE -- etcd-collect --host-root /host -o -',
    },
    certificate: {
      who: 'whoever may read the Secrets of the namespace and forward a port',
      command:
        'kubectl -n NAMESPACE port-forward pod/POD 12379:2379 & etcd-collect --endpoints https://127.0.0.1:12379 --no-cluster --cacert ca.crt --cert client.crt --key client.key',
    },
    log: {
      who: 'whoever may read pod logs in the namespace',
      command: 'kubectl -n NAMESPACE logs POD --timestamps --all-containers',
    },
  },
  offLimits: [],
};
