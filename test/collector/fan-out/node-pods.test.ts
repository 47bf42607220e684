import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseArguments } from '../../../collector/cli/parse.js';
import { nodePod, nodePodArgs, nodePodNamespace } from '../../../collector/fan-out/node-pods.js';
import { packageRoot } from '../../../schemas/index.js';

test('the pod of a node is what the DaemonSet would make, and fits the schema of its spec', () => {
  const pod = nodePod('etcd-collect-1', 'cp1', 'image', 99) as {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: Readonly<Record<string, unknown>>;
  };
  const { nodeName, activeDeadlineSeconds, ...spec } = pod.spec;
  assert.deepEqual([nodeName, activeDeadlineSeconds], ['cp1', 99]);
  const schema = JSON.parse(readFileSync(join(packageRoot, 'test', 'deploy', 'workload.schema.json'), 'utf8')) as {
    readonly $id: string;
  };
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(schema);
  const valid = ajv.compile({ $ref: `${schema.$id}#/$defs/podSpec` });
  assert.ok(valid(spec), JSON.stringify(valid.errors));
  assert.notEqual(pod.metadata.labels['app.kubernetes.io/name'], 'etcd-collect', 'the DaemonSet would take it');
  assert.equal(nodePodNamespace(), 'kube-system');
});

test('its flags are flags of a run, and nothing of the manifest stays unfilled', async () => {
  const args = nodePodArgs();
  assert.equal((await parseArguments(args, '1.2.3')).command, 'run');
  assert.ok(args.includes('--endpoints=https://{address}:2379'));
  assert.ok(!args.join().includes('$('));
});
