import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asFlags, assertWhole, collectOn, furnish, type MemberFiles, onNode } from './node.js';

const secrets = '/system/secrets/etcd';

const files: MemberFiles = {
  ca: `${secrets}/ca.crt`,
  server: [`${secrets}/server.crt`, `${secrets}/server.key`],
  peer: [`${secrets}/peer.crt`, `${secrets}/peer.key`],
  client: [`${secrets}/admin.crt`, `${secrets}/admin.key`],
  dataDir: '/var/lib/etcd',
};

describe('talos', { skip: process.platform !== 'linux' }, () => {
  test('from a privileged pod with the root of the host: the admin certificate is used, the rest is for talosctl', () =>
    onNode(async (node) => {
      node.put('/etc/os-release', 'NAME="Talos"\nID=talos\nVERSION_ID=v1.11.3\n');
      const flags = asFlags(await furnish(node, 'talos-abc-123', files));
      await node.start(flags, { port: node.ports[0] as number });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'talos', name: 'talos-abc-123' });
      const metrics = run.access.entries.find(({ what }) => what === 'a plain metrics port');
      assert.equal(metrics?.barrier, 'off-limits');
    }));
});
