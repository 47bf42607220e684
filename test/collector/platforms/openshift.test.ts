import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asFlags, assertWhole, collectOn, furnish, type MemberFiles, type Node, onNode, stateOf } from './node.js';

const certs = '/etc/kubernetes/static-pod-resources/etcd-certs';
const inside = '/etc/kubernetes/static-pod-certs';

const files: MemberFiles = {
  ca: `${certs}/configmaps/etcd-all-bundles/server-ca-bundle.crt`,
  server: [
    `${certs}/secrets/etcd-all-certs/etcd-serving-master-0.crt`,
    `${certs}/secrets/etcd-all-certs/etcd-serving-master-0.key`,
  ],
  peer: [
    `${certs}/secrets/etcd-all-certs/etcd-serving-metrics-master-0.crt`,
    `${certs}/secrets/etcd-all-certs/etcd-serving-metrics-master-0.key`,
  ],
  client: [
    `${certs}/secrets/etcd-all-certs/etcd-peer-master-0.crt`,
    `${certs}/secrets/etcd-all-certs/etcd-peer-master-0.key`,
  ],
  dataDir: '/var/lib/etcd',
};

/** Shaped like the pod of the cluster-etcd-operator: a shell script, values from the environment, certificates at another place than on the node. */
const podOf = ({ ports: [client, peer, metrics] }: Node): string => `
apiVersion: v1
kind: Pod
metadata: {name: etcd-master-0, namespace: openshift-etcd}
spec:
  containers:
  - name: etcdctl
    command: ["/bin/bash", "-c", "sleep infinity"]
  - name: etcd
    command:
    - /bin/sh
    - -c
    - |
      #!/bin/sh
      etcdctl member list || true
      ETCD_INITIAL_CLUSTER=$(discover-etcd-initial-cluster \\
        --endpoints=\${ALL_ETCD_ENDPOINTS} \\
        --data-dir=/wrong)
      exec nice -n -19 ionice -c2 -n0 etcd \\
        --logger=zap \\
        --data-dir=/var/lib/etcd \\
        --name=\${NODE_master_0_ETCD_NAME} \\
        --log-level=\${UNKNOWN} \\
        --initial-advertise-peer-urls=https://\${NODE_master_0_IP}:${peer} \\
        --cert-file=${inside}/secrets/etcd-all-certs/etcd-serving-master-0.crt \\
        --key-file=${inside}/secrets/etcd-all-certs/etcd-serving-master-0.key \\
        --trusted-ca-file=${inside}/configmaps/etcd-all-bundles/server-ca-bundle.crt \\
        --advertise-client-urls=https://\${NODE_master_0_IP}:${client} \\
        --listen-client-urls=https://\${LISTEN_ON_ALL_IPS}:${client},unixs://\${NODE_master_0_IP}:0 \\
        --listen-metrics-urls=https://0.0.0.0:${metrics} || mv /a /b
    env:
    - {name: NODE_master_0_IP, value: 127.0.0.1}
    - {name: NODE_master_0_ETCD_NAME, value: master-0}
    - {name: LISTEN_ON_ALL_IPS, value: 0.0.0.0}
    - {name: ALL_ETCD_ENDPOINTS, value: "https://127.0.0.1:${client}"}
    volumeMounts:
    - {mountPath: ${inside}, name: cert-dir}
    - {mountPath: /var/lib/etcd/, name: data-dir}
  volumes:
  - {name: cert-dir, hostPath: {path: ${certs}}}
  - {name: data-dir, hostPath: {path: /var/lib/etcd, type: ""}}
`;

describe('openshift', { skip: process.platform !== 'linux' }, () => {
  test('the peer certificate of this node among all of the secret is used', () =>
    onNode(async (node) => {
      const flags = asFlags(await furnish(node, 'master-0', files));
      node.put('/etc/kubernetes/manifests/etcd-pod.yaml', podOf(node));
      await node.start(flags, { port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'openshift', name: 'master-0' });
    }));

  test('the pod that does not run is read from its script: names, ports, and certificates at their place on the node', () =>
    onNode(async (node) => {
      await furnish(node, 'master-0', files);
      node.put('/etc/kubernetes/manifests/etcd-pod.yaml', podOf(node));
      node.dir('/var/lib/etcd/member/wal');
      node.put(
        '/var/log/pods/openshift-etcd_etcd-master-0_0123456789abcdef0123456789abcdef/etcd/7.log',
        '2026-11-22T10:00:00Z stderr F {"level":"panic"}\n',
      );
      const run = await collectOn(node);
      const member = run.outcome.manifest.targets.find(({ kind }) => kind === 'member');
      assert.deepEqual([member?.name, member?.endpoint], ['master-0', `127.0.0.1:${node.ports[0]}`]);
      for (const kind of ['datadir-listing', 'server-log', 'server-certificates'])
        assert.equal(stateOf(run, kind), 'ok', kind);
      assert.match(
        run.outcome.manifest.items.find(({ kind }) => kind === 'server-certificates')?.source ?? '',
        /static-pod-resources\/etcd-certs/,
      );
      const server = run.access.entries.find(
        ({ kinds, target }) => target.kind === 'member' && kinds.includes('endpoint-status'),
      );
      assert.equal(server?.barrier, 'port');
    }));
});
