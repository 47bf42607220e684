import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bundled, bundledPackages } from '../../../scripts/package/packages.js';
import { billOfMaterials } from '../../../scripts/package/sbom.js';

const bundled = (folder: string, version: string, dependencies: readonly string[] = []): Bundled => ({
  folder,
  name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
  version,
  licence: 'MIT',
  sha512: 'ab',
  dependencies,
});

interface Document {
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly object[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const make = (packages: readonly Bundled[], epoch?: string): Document =>
  JSON.parse(billOfMaterials({ file: 'f.cjs', sha256: '00', packages }, epoch)) as Document;

test('who depends on whom follows the nesting of node_modules; a package that is there twice is named once', () => {
  const { components, dependencies } = make([
    bundled('node_modules/@s/a', '1.0.0', ['c', 'left-out']),
    bundled('node_modules/b', '1.0.0', ['c', '@s/a']),
    bundled('node_modules/b/node_modules/c', '1.0.0'),
    bundled('node_modules/b/node_modules/d', '1.0.0', ['c']),
    bundled('node_modules/c', '2.0.0'),
    bundled('node_modules/e/node_modules/c', '2.0.0'),
  ]);
  assert.equal(components.length, 5);
  const of = (ref: string) => dependencies.find((each) => each.ref === ref)?.dependsOn;
  assert.deepEqual(of('pkg:npm/%40s/a@1.0.0'), ['pkg:npm/c@2.0.0']);
  assert.deepEqual(of('pkg:npm/b@1.0.0'), ['pkg:npm/%40s/a@1.0.0', 'pkg:npm/c@1.0.0']);
  assert.deepEqual(of('pkg:npm/d@1.0.0'), ['pkg:npm/c@1.0.0']);
});

test('a time only where SOURCE_DATE_EPOCH gives one', () => {
  assert.equal(make([]).metadata.timestamp, undefined);
  assert.equal(make([], '1700000000').metadata.timestamp, '2023-11-14T22:13:20.000Z');
});

test('packages of modules: scoped and nested ones, none of ours; one that the lock file lacks is an error', () => {
  const inputs = [
    'collector/main.ts',
    'node_modules/etcd3/lib/rpc.js',
    'node_modules/etcd3/node_modules/@grpc/proto-loader/build/src/index.js',
  ];
  assert.deepEqual(
    bundledPackages(inputs).map(({ folder, name, sha512 }) => [folder, name, sha512.length]),
    [
      ['node_modules/etcd3', 'etcd3', 128],
      ['node_modules/etcd3/node_modules/@grpc/proto-loader', '@grpc/proto-loader', 128],
    ],
  );
  assert.throws(() => bundledPackages(['node_modules/nobody/index.js']), /nobody/);
});
