import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  asFlags,
  assertWhole,
  collectOn,
  entryOf,
  furnish,
  type MemberFiles,
  type Node,
  onNode,
  planOn,
  stateOf,
} from './node.js';

const pki = '/etc/kubernetes/pki/etcd';

const files: MemberFiles = {
  ca: `${pki}/ca.crt`,
  server: [`${pki}/server.crt`, `${pki}/server.key`],
  peer: [`${pki}/peer.crt`, `${pki}/peer.key`],
  client: [`${pki}/healthcheck-client.crt`, `${pki}/healthcheck-client.key`],
  dataDir: '/var/lib/etcd',
};

const podOf = (flags: readonly string[]): string => `apiVersion: v1
kind: Pod
metadata:
  name: etcd
  namespace: kube-system
  labels: {component: etcd, tier: control-plane}
spec:
  containers:
  - command:
    - etcd
${flags.map((flag) => `    - ${flag}`).join('\n')}
    image: registry.k8s.io/etcd:3.5.16-0
    name: etcd
  hostNetwork: true
`;

const kubeadmNode = async (node: Node): Promise<string[]> => {
  const flags = asFlags(
    await furnish(node, 'cp-1', files, { 'listen-metrics-urls': `http://127.0.0.1:${node.ports[2]}` }),
  );
  node.put('/etc/kubernetes/manifests/etcd.yaml', podOf(flags));
  return flags;
};

describe('kubeadm', { skip: process.platform !== 'linux' }, () => {
  test('with nothing named, endpoint, certificate, data dir and log are found', () =>
    onNode(async (node) => {
      await node.start(await kubeadmNode(node), { port: node.ports[0] as number });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'kubeadm', name: 'cp-1' });
      assert.equal(stateOf(run, 'server-log'), 'ok');
      assert.match(entryOf(run.access, 'datadir-listing', 'member')?.identity ?? '', /^uid \d+$/);
      assert.ok(run.outcome.manifest.platform?.evidence.includes('/etc/kubernetes/manifests/etcd.yaml'));
    }));

  test('a static pod that does not run is still a member of this host, with data dir and the log of its last container', () =>
    onNode(async (node) => {
      await kubeadmNode(node);
      node.dir('/var/lib/etcd/member/wal');
      const pods = '/var/log/pods/kube-system_etcd-cp-1_';
      node.put(`${pods}ffff456789abcdef0123456789abcdef/etcd/0.log`, 'old\n');
      node.put(
        `${pods}0123456789abcdef0123456789abcdef/etcd/3.log`,
        '2026-11-22T10:00:00.000000000Z stderr F {"level":"fatal","msg":"discovery failed"}\n',
      );
      const run = await collectOn(node);
      assert.equal(run.outcome.exitCode, 4);
      assert.equal(run.outcome.manifest.targets.find(({ kind }) => kind === 'member')?.name, 'cp-1');
      assert.equal(stateOf(run, 'datadir-listing'), 'ok');
      assert.equal(stateOf(run, 'diskstats'), 'ok');
      assert.match(
        run.outcome.manifest.items.find(({ kind }) => kind === 'server-log')?.source ?? '',
        /0123456789abcdef\/etcd\/3\.log/,
      );
      assert.equal(entryOf(run.access, 'endpoint-status', 'member')?.barrier, 'port');
    }));

  test('a broken or expired certificate is passed over for the next that fits', () =>
    onNode(async (node) => {
      const flags = await kubeadmNode(node);
      await node.issue('expired', ...files.client, { eku: ['clientAuth'], expired: true });
      await node.issue(
        'the-client',
        '/etc/kubernetes/pki/apiserver-etcd-client.crt',
        '/etc/kubernetes/pki/apiserver-etcd-client.key',
        {
          eku: ['clientAuth'],
        },
      );
      await node.start(flags, { port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'kubeadm', name: 'cp-1' });
      // The key of another certificate would end the run where the channel is made.
      await node.issue('renewed', files.client[0], '/etc/kubernetes/pki/renewed.key', { eku: ['clientAuth'] });
      assertWhole(await collectOn(node), node, { platform: 'kubeadm', name: 'cp-1' });
    }));

  test('without rights to the keys the map says which barrier, who can, and the command; the plain metrics port is still read', () =>
    onNode(async (node) => {
      await node.start(await kubeadmNode(node), { port: node.ports[0] as number });
      const denied = [files.client[1], files.server[1], '/var/lib/etcd', '/etc/kubernetes/manifests/etcd.yaml'];
      const run = await collectOn(node, {}, denied);
      const status = entryOf(run.access, 'endpoint-status', 'member');
      assert.equal(status?.access, 'none');
      assert.equal(status.barrier, 'certificate');
      assert.match(status.command ?? '', /--cert \/etc\/kubernetes\/pki\/etcd\/healthcheck-client\.crt/);
      assert.match(status.whoCanSupply ?? '', /root on the control-plane node/);
      assert.equal(entryOf(run.access, 'metrics', 'member')?.access, 'full');
      const listing = entryOf(run.access, 'datadir-listing', 'member');
      assert.deepEqual(
        [listing?.access, listing?.barrier, listing?.command],
        ['none', 'permission', 'sudo etcd-collect'],
      );
      const { access } = await planOn(node, {}, denied);
      const expected = access.entries.find(({ kinds }) => kinds.includes('datadir-listing'));
      assert.deepEqual([expected?.access, expected?.barrier], ['none', 'permission']);
    }));

  test('plan tells platform and access before anything is asked of other parts', () =>
    onNode(async (node) => {
      await node.start(await kubeadmNode(node), { port: node.ports[0] as number });
      const { platform, access } = await planOn(node);
      assert.equal(platform?.name, 'kubeadm');
      const listing = access.entries.find(({ kinds }) => kinds.includes('datadir-listing'));
      assert.equal(listing?.access, 'full');
      assert.equal(access.entries.find(({ kinds }) => kinds.includes('endpoint-status'))?.access, 'full');
      assert.equal(access.entries.find(({ kinds }) => kinds.includes('server-certificates'))?.access, 'full');
    }));

  test('--platform none leaves everything to the flags', () =>
    onNode(async (node) => {
      await node.start(await kubeadmNode(node), { port: node.ports[0] as number });
      const run = await collectOn(node, { platform: 'none' });
      assert.equal(run.outcome.manifest.platform, undefined);
      assert.equal(run.access.vantage?.certificate, undefined);
      assert.equal(entryOf(run.access, 'endpoint-status', 'member')?.barrier, 'certificate');
    }));
});
