import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectOn, entryOf, onNode, stateOf } from './node.js';

describe('helm', { skip: process.platform !== 'linux' }, () => {
  test('etcd of a chart: settings from its environment, plain http, no certificate looked for', () =>
    onNode(async (node) => {
      const [client, peer] = node.ports;
      node.dir('/opt/bitnami/etcd');
      const env = {
        ETCD_NAME: 'etcd-0',
        ETCD_DATA_DIR: node.at('/bitnami/etcd/data'),
        ETCD_LISTEN_CLIENT_URLS: `http://0.0.0.0:${client}`,
        ETCD_ADVERTISE_CLIENT_URLS: `http://127.0.0.1:${client}`,
        ETCD_LISTEN_PEER_URLS: `http://127.0.0.1:${peer}`,
        ETCD_INITIAL_ADVERTISE_PEER_URLS: `http://127.0.0.1:${peer}`,
        ETCD_INITIAL_CLUSTER: `etcd-0=http://127.0.0.1:${peer}`,
      };
      await node.start([], { env, port: client as number });
      const run = await collectOn(node);
      assert.equal(run.outcome.manifest.platform?.name, 'helm');
      const member = run.outcome.manifest.targets.find(({ kind }) => kind === 'member');
      assert.deepEqual([member?.name, member?.tls, member?.reachable], ['etcd-0', false, true]);
      for (const kind of ['endpoint-status', 'metrics', 'datadir-listing'])
        assert.equal(stateOf(run, kind), 'ok', kind);
      assert.equal(entryOf(run.access, 'metrics', 'member')?.identity, 'no certificate, no user');
    }));
});
