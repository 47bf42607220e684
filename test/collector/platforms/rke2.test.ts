import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asConfig, assertWhole, collectOn, furnish, type MemberFiles, onNode, stateOf } from './node.js';

const server = '/var/lib/rancher/rke2/server';

const files: MemberFiles = {
  ca: `${server}/tls/etcd/server-ca.crt`,
  server: [`${server}/tls/etcd/server-client.crt`, `${server}/tls/etcd/server-client.key`],
  peer: [`${server}/tls/etcd/peer-server-client.crt`, `${server}/tls/etcd/peer-server-client.key`],
  client: [`${server}/tls/etcd/client.crt`, `${server}/tls/etcd/client.key`],
  dataDir: `${server}/db/etcd`,
};

describe('rke2', { skip: process.platform !== 'linux' }, () => {
  test('etcd from its config file, with the certificates below the server directory', () =>
    onNode(async (node) => {
      const settings = await furnish(node, 'node-b-99aabbcc', files, {
        'listen-metrics-urls': `http://127.0.0.1:${node.ports[2]}`,
      });
      const config = `${server}/db/etcd/config`;
      node.put(config, asConfig(settings));
      node.put(
        '/var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml',
        `apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec:\n  containers:\n  - name: etcd\n    args: [--config-file=${config}]\n    command: [etcd]\n`,
      );
      const pid = await node.start(['--config-file', node.at(config)], { port: node.ports[0] as number });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'rke2', name: 'node-b-99aabbcc' });
      process.kill(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stopped = await collectOn(node);
      assert.equal(stopped.outcome.manifest.targets.find(({ kind }) => kind === 'member')?.name, 'node-b-99aabbcc');
      assert.equal(stateOf(stopped, 'datadir-listing'), 'ok');
      assert.equal(stateOf(stopped, 'server-certificates'), 'ok');
    }));
});
