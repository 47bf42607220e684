import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asFlags, assertWhole, collectOn, furnish, type MemberFiles, onNode } from './node.js';

const pki = '/etc/kubernetes/pki/etcd';

const files: MemberFiles = {
  ca: `${pki}/ca.crt`,
  server: [`${pki}/server.crt`, `${pki}/server.key`],
  peer: [`${pki}/peer.crt`, `${pki}/peer.key`],
  client: [`${pki}/healthcheck-client.crt`, `${pki}/healthcheck-client.key`],
  dataDir: '/var/lib/etcd',
};

describe('vks', { skip: process.platform !== 'linux' }, () => {
  test('a guest node is told from plain kubeadm, and the map names who has its SSH secret', () =>
    onNode(async (node) => {
      node.dir('/home/vmware-system-user');
      const flags = asFlags(await furnish(node, 'guest-cp-x7k2p', files));
      node.put(
        '/etc/kubernetes/manifests/etcd.yaml',
        `spec:\n  containers:\n  - name: etcd\n    command: [etcd, "${flags.join('", "')}"]\n`,
      );
      await node.start(flags, { port: node.ports[0] as number });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'vks', name: 'guest-cp-x7k2p' });
      const below = run.access.entries.find(({ barrier }) => barrier === 'off-limits');
      assert.match(below?.whoCanSupply ?? '', /vSphere administrator/);
    }));
});
