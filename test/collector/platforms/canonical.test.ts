import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asConfig, asFlags, assertWhole, collectOn, furnish, type MemberFiles, onNode, stateOf } from './node.js';

const common = '/var/snap/k8s/common';
const snap = '/var/snap/etcd/common';

const kubernetes: MemberFiles = {
  ca: '/etc/kubernetes/pki/etcd/ca.crt',
  server: ['/etc/kubernetes/pki/etcd/server.crt', '/etc/kubernetes/pki/etcd/server.key'],
  peer: ['/etc/kubernetes/pki/etcd/peer.crt', '/etc/kubernetes/pki/etcd/peer.key'],
  client: ['/etc/kubernetes/pki/apiserver-etcd-client.crt', '/etc/kubernetes/pki/apiserver-etcd-client.key'],
  dataDir: `${common}/var/lib/etcd/data`,
};

const charmed: MemberFiles = {
  ca: `${snap}/ca.crt`,
  server: [`${snap}/server.crt`, `${snap}/server.key`],
  peer: [`${snap}/peer.crt`, `${snap}/peer.key`],
  client: [`${snap}/client.crt`, `${snap}/client.key`],
  dataDir: '/var/snap/etcd/current',
};

describe('canonical', { skip: process.platform !== 'linux' }, () => {
  test('Canonical Kubernetes: flags in an arguments file', () =>
    onNode(async (node) => {
      const flags = asFlags(await furnish(node, 'k8s-0', kubernetes));
      node.put(`${common}/args/etcd`, `${flags.join('\n')}\n`);
      const pid = await node.start(flags, { port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'canonical', name: 'k8s-0' });
      process.kill(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stopped = await collectOn(node);
      assert.equal(stopped.outcome.manifest.targets.find(({ kind }) => kind === 'member')?.name, 'k8s-0');
      assert.equal(stateOf(stopped, 'datadir-listing'), 'ok');
    }));

  test('the etcd snap: a config file below /var/snap/etcd/common', () =>
    onNode(async (node) => {
      const settings = await furnish(node, 'etcd0', charmed);
      node.put(`${snap}/etcd.conf.yml`, asConfig(settings));
      await node.start(['--config-file', node.at(`${snap}/etcd.conf.yml`)], { port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'canonical', name: 'etcd0' });
    }));
});
