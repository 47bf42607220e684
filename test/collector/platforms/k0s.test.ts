import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accessMap } from '../../../collector/access.js';
import { k0s } from '../../../collector/platforms/k0s.js';
import { fakeMember, memberIds } from '../fake-wiring.js';
import { asFlags, assertWhole, collectOn, furnish, type MemberFiles, onNode } from './node.js';

const pki = '/var/lib/k0s/pki';

const files: MemberFiles = {
  ca: `${pki}/etcd/ca.crt`,
  server: [`${pki}/etcd/server.crt`, `${pki}/etcd/server.key`],
  peer: [`${pki}/etcd/peer.crt`, `${pki}/etcd/peer.key`],
  client: [`${pki}/apiserver-etcd-client.crt`, `${pki}/apiserver-etcd-client.key`],
  dataDir: '/var/lib/k0s/etcd',
};

describe('k0s', { skip: process.platform !== 'linux' }, () => {
  test('the child process of k0s is read with the certificate of the API server', () =>
    onNode(async (node) => {
      const flags = asFlags(await furnish(node, 'controller-0', files, { 'enable-pprof': 'false' }));
      await node.start(flags, { port: node.ports[0] as number });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'k0s', name: 'controller-0' });
      // No metrics listener of its own: the client port serves them.
      assert.match(
        run.outcome.manifest.items.find(({ kind }) => kind === 'metrics')?.source ?? '',
        new RegExp(`:${node.ports[0]}/metrics`),
      );
    }));

  test('other members are off limits from here, and said to be', () => {
    const item = {
      id: 'x',
      probe: 'metrics',
      kind: 'metrics',
      target: { kind: 'member' as const, id: memberIds[1] },
      state: 'unreachable' as const,
      reason: 'connection-refused',
      paths: [],
      sensitivity: 'internal' as const,
      cost: 'cheap' as const,
    };
    const platform = { profile: k0s, detectedBy: 'auto' as const, evidence: [], points: 4 };
    const { entries } = accessMap([item], [fakeMember(1)], { platform });
    assert.equal(entries[0]?.barrier, 'off-limits');
    assert.match(entries[0].command ?? '', /on each controller/);
  });
});
