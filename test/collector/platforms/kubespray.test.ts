import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asConfig, asEnvironment, assertWhole, collectOn, furnish, type MemberFiles, onNode, stateOf } from './node.js';

const ssl = '/etc/ssl/etcd/ssl';

const files: MemberFiles = {
  ca: `${ssl}/ca.pem`,
  server: [`${ssl}/member-node1.pem`, `${ssl}/member-node1-key.pem`],
  peer: [`${ssl}/node-node1.pem`, `${ssl}/node-node1-key.pem`],
  client: [`${ssl}/admin-node1.pem`, `${ssl}/admin-node1-key.pem`],
  dataDir: '/var/lib/etcd',
};

const fileOf = (env: Readonly<Record<string, string>>): string =>
  `# Environment file for etcd v3.5.16\n${Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;

describe('kubespray', { skip: process.platform !== 'linux' }, () => {
  test('started from an environment file; the admin certificate bears the name of the host', () =>
    onNode(async (node) => {
      const env = asEnvironment(await furnish(node, 'etcd1', files));
      node.put('/etc/etcd.env', fileOf(env));
      const pid = await node.start([], { env, port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'kubespray', name: 'etcd1' });
      process.kill(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stopped = await collectOn(node);
      assert.equal(stopped.outcome.manifest.targets.find(({ kind }) => kind === 'member')?.name, 'etcd1');
      assert.equal(stateOf(stopped, 'datadir-listing'), 'ok');
    }));

  test('started with --config-file', () =>
    onNode(async (node) => {
      const settings = await furnish(node, 'etcd2', files);
      node.put(
        '/etc/systemd/system/etcd.service',
        '[Service]\nExecStart=/usr/local/bin/etcd --config-file=/etc/etcd/etcd.conf.yml\n',
      );
      node.put('/etc/etcd/etcd.conf.yml', asConfig(settings));
      await node.start(['--config-file', node.at('/etc/etcd/etcd.conf.yml')], { port: node.ports[0] as number });
      assertWhole(await collectOn(node), node, { platform: 'kubespray', name: 'etcd2' });
    }));
});
