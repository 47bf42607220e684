import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectOn, onNode } from './node.js';

describe('managed and MicroK8s: no etcd to be had', { skip: process.platform !== 'linux' }, () => {
  test('on a worker of a managed cluster the bundle says that the vendor hides etcd and what the API server tells', () =>
    onNode(async (node) => {
      node.dir('/etc/eks');
      const run = await collectOn(node, { endpoints: `127.0.0.1:${node.ports[0]}` });
      assert.equal(run.outcome.exitCode, 4);
      assert.equal(run.outcome.manifest.platform?.name, 'managed');
      const status = run.access.entries.find(({ kinds }) => kinds.includes('endpoint-status'));
      assert.equal(status?.barrier, 'off-limits');
      assert.match(status.command ?? '', /kubectl get --raw \/metrics/);
    }));

  test('MicroK8s keeps its state in dqlite', () =>
    onNode(async (node) => {
      node.put('/var/snap/microk8s/current/var/kubernetes/backend/cluster.yaml', '- Address: 127.0.0.1:19001\n');
      const run = await collectOn(node, { endpoints: `127.0.0.1:${node.ports[0]}` });
      assert.equal(run.outcome.manifest.platform?.name, 'microk8s');
      const about = run.access.entries.find(({ barrier }) => barrier === 'off-limits');
      assert.match(about?.reason ?? '', /dqlite/);
      assert.match(about?.command ?? '', /microk8s inspect/);
    }));
});
