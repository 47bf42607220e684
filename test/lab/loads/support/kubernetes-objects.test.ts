import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { contentOf, keyOf, kindNames, kinds, sizeOf, watchedPrefixes } from './kubernetes-objects.js';

const indexes = Array.from({ length: 500 }, (_, at) => at);

test('every object has the size it says, within the bounds of its kind, and the sizes are spread', () => {
  for (const kind of kindNames) {
    const [least, most] = kinds[kind].bytes;
    const sizes = indexes.map((index) => contentOf(kind, index).length);
    assert.deepEqual(
      sizes,
      indexes.map((index) => sizeOf(kind, index)),
    );
    assert.ok(Math.min(...sizes) >= least && Math.max(...sizes) <= most, kind);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    assert.ok(Math.abs(mean - (least + most) / 2) < (most - least) / 10, `${kind}: mean ${mean}`);
  }
});

test('pods are a few kilobytes, the leases of nodes some four hundred bytes', () => {
  assert.deepEqual(kinds.pods.bytes, [3_000, 8_000]);
  assert.ok(indexes.every((index) => Math.abs(sizeOf('nodeLeases', index) - 400) <= 20));
});

test('keys are those of an API server, and no two are the same', () => {
  const keys = kindNames.flatMap((kind) => indexes.map((index) => keyOf(kind, index)));
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every((key) => watchedPrefixes.some((prefix) => key.startsWith(prefix))));
  assert.match(keyOf('pods', 1), /^\/registry\/pods\/[a-z-]+\/pod-1-[0-9a-f]{8}$/);
  assert.match(keyOf('nodeLeases', 0), /^\/registry\/leases\/kube-node-lease\/[^/]+$/);
});

test('an update is a different value of the same size; the same version is the same value', () => {
  assert.deepEqual(contentOf('pods', 7, 3), contentOf('pods', 7, 3));
  assert.notDeepEqual(contentOf('pods', 7, 3), contentOf('pods', 7, 4));
  assert.equal(contentOf('pods', 7, 3).length, contentOf('pods', 7, 4).length);
});

test('secrets do not compress, other objects do', () => {
  const ratio = (value: Buffer): number => deflateSync(value).length / value.length;
  assert.ok(ratio(contentOf('secrets', 3)) > 0.95);
  assert.ok(ratio(contentOf('pods', 3)) < 0.5);
});
