import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  asConfig,
  assertWhole,
  collectOn,
  entryOf,
  furnish,
  type MemberFiles,
  type Node,
  onNode,
  stateOf,
} from './node.js';

const server = '/var/lib/rancher/k3s/server';

const files: MemberFiles = {
  ca: `${server}/tls/etcd/server-ca.crt`,
  server: [`${server}/tls/etcd/server-client.crt`, `${server}/tls/etcd/server-client.key`],
  peer: [`${server}/tls/etcd/peer-server-client.crt`, `${server}/tls/etcd/peer-server-client.key`],
  client: [`${server}/tls/etcd/client.crt`, `${server}/tls/etcd/client.key`],
  dataDir: `${server}/db/etcd`,
};

/** k3s has etcd serve gRPC alone on the client port, HTTP beside it, and metrics without TLS on a third. */
const k3sNode = async (node: Node): Promise<void> => {
  const settings = await furnish(node, 'node-a-1b2c3d4e', files, {
    'listen-client-http-urls': `https://127.0.0.1:${node.ports[3]}`,
    'listen-metrics-urls': `http://127.0.0.1:${node.ports[2]}`,
  });
  node.put(`${server}/db/etcd/config`, asConfig(settings));
};

describe('k3s', { skip: process.platform !== 'linux' }, () => {
  test('with its port layout: gRPC, HTTP and metrics each on their own port', () =>
    onNode(async (node) => {
      await k3sNode(node);
      await node.start(['--config-file', node.at(`${server}/db/etcd/config`)], {
        as: 'k3s-server',
        argv0: 'k3s server',
        port: node.ports[0] as number,
      });
      const run = await collectOn(node);
      assertWhole(run, node, { platform: 'k3s', name: 'node-a-1b2c3d4e' });
      assert.match(
        run.outcome.manifest.items.find(({ kind }) => kind === 'metrics')?.source ?? '',
        new RegExp(`:(${node.ports[2]}|${node.ports[3]})/metrics`),
      );
      assert.equal(stateOf(run, 'health'), 'ok');
      const shared = run.access.entries.find(({ barrier }) => barrier === 'off-limits');
      assert.match(shared?.reason ?? '', /shares process/);
    }));

  test('stopped, its config file still tells name, data dir and ports', () =>
    onNode(async (node) => {
      await k3sNode(node);
      node.dir(`${server}/db/etcd/member/snap`);
      node.put('/var/log/k3s.log', 'time="2026-11-22T10:00:00Z" level=fatal msg="etcd cluster join failed"\n');
      const run = await collectOn(node);
      assert.equal(run.outcome.manifest.platform?.name, 'k3s');
      assert.equal(run.outcome.manifest.targets.find(({ kind }) => kind === 'member')?.name, 'node-a-1b2c3d4e');
      assert.equal(stateOf(run, 'datadir-listing'), 'ok');
      assert.match(
        run.outcome.manifest.items.find(({ kind }) => kind === 'server-log')?.source ?? '',
        /\/var\/log\/k3s\.log/,
      );
      assert.equal(entryOf(run.access, 'endpoint-status', 'member')?.barrier, 'port');
    }));
});
