import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePath } from '../../../analyzer/bundle/parse-path.js';
import { artifactKinds, catalog, pathOf } from '../../../schemas/index.js';

const ids = [
  '8e9e05c52164694d',
  'endpoint-10.0.0.1_2379',
  'host-1',
  'a',
  'metrics',
  'server',
  'x-0',
  '10.0.0.1_2379',
  'logs',
];
const instances = ['window', 'head', 'previous-2', '0', 'a.b'];

describe('parsePath', () => {
  for (const kind of artifactKinds) {
    it(`inverts the path of ${kind}`, () => {
      const { scope, repeats } = catalog[kind];
      for (const id of scope === 'cluster' || scope === 'collection' ? [scope] : ids) {
        const target = { kind: scope, id };
        assert.deepEqual(parsePath(pathOf(kind, target)), { kind, target });
        if (repeats === 'per-round') {
          for (const round of [0, 3, 41])
            assert.deepEqual(parsePath(pathOf(kind, target, { round })), { kind, target, round });
        }
        if (repeats === 'instances') {
          for (const instance of instances)
            assert.deepEqual(parsePath(pathOf(kind, target, { instance })), { kind, target, instance });
        }
      }
    });
  }
  it('knows nothing else', () => {
    for (const path of [
      '',
      'bundle.json',
      'manifest.json',
      'README.txt',
      'members/x/other.json',
      'members/x/y/metrics-0.prom',
      'members//metrics-0.prom',
      'hosts/h/psi-.json',
      'hosts/h/psi-1.json.bak',
      'xmembers/a/health.json',
      'members/a/health-x.json',
    ]) {
      assert.equal(parsePath(path), undefined, path);
    }
  });
});
