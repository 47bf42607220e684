import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerOf } from '../../../collector/platforms/pod-file.js';

const pod = (container: string, volumes = ''): string =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: other\n    command: [sleep]\n  - name: etcd\n${container}${volumes}`;

test('command and args in one line, values from the environment', () => {
  const found = containerOf(
    pod(
      '    command: [etcd]\n    args: ["--name=$(NODE)", "--data-dir=/data", "--wal-dir=$(SECRET)/x"]\n    env:\n    - {name: NODE, value: n1}\n    - name: SECRET\n      valueFrom: {secretKeyRef: {name: s, key: k}}\n',
    ),
    'etcd',
  );
  // A value that is not in the file is not guessed.
  assert.deepEqual(found?.argv, ['etcd', '--name=n1', '--data-dir=/data']);
  assert.deepEqual(found.env, ['NODE=n1']);
});

test('of a script the last command of etcd alone', () => {
  const script = [
    'etcd --version',
    'etcdctl --endpoints=x member list',
    "exec nice etcd --name='a b' \\",
    '  --data-dir=/d || true',
  ];
  const text = pod(
    `    command:\n    - /bin/sh\n    - -ec\n    - |\n${script.map((line) => `      ${line}`).join('\n')}\n`,
  );
  assert.deepEqual(containerOf(text, 'etcd')?.argv.includes('--data-dir=/d'), true);
  assert.ok(!containerOf(text, 'etcd')?.argv.some((word) => word.startsWith('--endpoints') || word === '--version'));
});

test('paths in the container are led to those on the node, the longest mount first', () => {
  const found = containerOf(
    pod(
      '    command: [etcd]\n    volumeMounts:\n    - {mountPath: /certs/, name: certs}\n    - {mountPath: /certs/deep, name: deep}\n    - {mountPath: /tmp, name: scratch}\n',
      '  volumes:\n  - {name: certs, hostPath: {path: /host/certs}}\n  - {name: deep, hostPath: {path: /elsewhere/}}\n  - {name: scratch, emptyDir: {}}\n',
    ),
    'etcd',
  );
  assert.equal(found?.onHost('/certs/a.crt'), '/host/certs/a.crt');
  assert.equal(found.onHost('/certs/deep/a.crt'), '/elsewhere/a.crt');
  assert.equal(found.onHost('/certsx/a.crt'), '/certsx/a.crt');
  assert.equal(found.onHost('/tmp/a'), '/tmp/a');
});

test('hostile manifests end in an error without their text, or in nothing', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`),
  ].join('\n');
  const hostile = [
    'spec: {containers: [',
    '\0\u0001',
    '- '.repeat(20_000),
    '['.repeat(20_000),
    bomb,
    '{"a": "canary-secret"',
    '!!js/function "x"',
    '? ? ? :',
  ];
  for (const text of hostile) {
    try {
      assert.equal(containerOf(text, 'etcd'), undefined);
    } catch (error) {
      assert.ok(error instanceof Error);
      assert.equal(error.message, 'the manifest is not valid YAML');
    }
  }
  for (const text of [
    '',
    'null',
    '[]',
    '7',
    'spec: 7',
    'spec: {containers: {name: etcd}}',
    'spec: {containers: [null, 7, {name: [etcd]}]}',
  ])
    assert.equal(containerOf(text, 'etcd'), undefined);
  const odd = containerOf(
    'spec: {containers: [{name: etcd, command: {a: 1}, env: [7, {name: 1}], volumeMounts: x}]}',
    'etcd',
  );
  assert.deepEqual(odd?.argv, []);
});
