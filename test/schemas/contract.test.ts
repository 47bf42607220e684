import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allKubernetesProbes } from '../../collector/probes/kubernetes.js';
import { localProbes } from '../../collector/probes/local.js';
import { allOptInProbes } from '../../collector/probes/opt-in.js';
import { remoteProbes } from '../../collector/probes/remote.js';
import {
  type ArtifactKind,
  artifactKinds,
  bundleName,
  catalog,
  endpointSlug,
  itemId,
  loadSchema,
  packageRoot,
  pathOf,
  schemaNames,
  segment,
  validate,
} from '../../schemas/index.js';

describe('schemas', () => {
  for (const name of schemaNames) {
    test(`${name}: described, with an example that fits`, () => {
      const schema = loadSchema(name) as { title?: string; examples?: unknown[]; $schema?: string };
      assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
      assert.ok((schema.title ?? '').length > 5, 'a title');
      const undescribed: string[] = [];
      const walk = (node: unknown, path: string): void => {
        if (typeof node !== 'object' || node === null) return;
        const { properties, items } = node as { properties?: Record<string, Record<string, unknown>>; items?: unknown };
        for (const [key, value] of Object.entries(properties ?? {})) {
          if (
            value.description === undefined &&
            value.$ref === undefined &&
            value.type !== 'object' &&
            value.type !== 'integer'
          )
            undescribed.push(`${path}/${key}`);
          walk(value, `${path}/${key}`);
        }
        walk(items, `${path}/[]`);
      };
      walk(schema, '');
      assert.deepEqual(undescribed, []);
      for (const example of schema.examples ?? [])
        assert.deepEqual(validate(name, example), { ok: true, value: example });
      assert.ok((schema.examples ?? []).length > 0, 'an example');
    });
  }

  for (const generator of ['generate-types.js', 'generate-validators.js']) {
    test(`${generator}: what it generates is fresh`, () => {
      execFileSync(process.execPath, [join(packageRoot, 'dist', 'scripts', generator), '--check'], { stdio: 'pipe' });
    });
  }

  test('64-bit ids are strings: a number is refused, with a readable error', () => {
    const status = (loadSchema('endpoint-status').examples as Record<string, unknown>[])[0] as Record<string, unknown>;
    const wrong = validate('endpoint-status', { ...status, raftIndex: 201884 });
    assert.equal(wrong.ok, false);
    assert.ok(!wrong.ok && wrong.errors[0]?.includes('/raftIndex must be string'), JSON.stringify(wrong));
    assert.equal(
      validate('endpoint-status', { ...status, memberId: '13803658152347727308' }).ok,
      false,
      'a decimal id is no member id',
    );
  });

  test('readers ignore unknown fields: minor versions only add', () => {
    const alarm = (loadSchema('alarm-list').examples as Record<string, unknown>[])[0] as Record<string, unknown>;
    assert.equal(validate('alarm-list', { ...alarm, fieldOfALaterVersion: 1 }).ok, true);
  });
});

describe('catalog', () => {
  test('every JSON kind has a schema, every kind a probe or the run itself', () => {
    const made = new Set<string>(
      [...remoteProbes, ...localProbes, ...allOptInProbes, ...allKubernetesProbes].map((probe) => probe.kind),
    );
    for (const kind of artifactKinds) {
      if (catalog[kind].mediaType === 'application/json')
        assert.ok(existsSync(join(packageRoot, 'schemas', 'artifacts', `${kind}.schema.json`)), kind);
      if (catalog[kind].scope !== 'collection') assert.ok(made.has(kind), `${kind} has a probe`);
    }
  });

  test('every probe stands in a file of its kind and says what it reads', () => {
    const text =
      readFileSync(join(packageRoot, 'collector', 'probes', 'remote.ts'), 'utf8') +
      readFileSync(join(packageRoot, 'collector', 'probes', 'local.ts'), 'utf8') +
      readFileSync(join(packageRoot, 'collector', 'probes', 'opt-in.ts'), 'utf8') +
      readFileSync(join(packageRoot, 'collector', 'probes', 'kubernetes.ts'), 'utf8');
    for (const probe of [...remoteProbes, ...localProbes, ...allOptInProbes, ...allKubernetesProbes]) {
      assert.ok(text.includes(`/${probe.kind}.js'`), `${probe.kind}.ts is in an index list`);
      assert.ok(probe.reads.length > 10 && probe.permission.length > 2, probe.kind);
      assert.equal(probe.scope, catalog[probe.kind].scope, probe.kind);
    }
  });
});

describe('layout', () => {
  test('paths are clean, distinct and below the directory of their scope', () => {
    const seen = new Map<string, string>();
    const targets = {
      cluster: 'cluster',
      member: '8e9e05c52164694d',
      host: 'host-12ab34cd',
      endpoint: '10.0.0.1_2379',
      collection: 'collection',
    } as const;
    for (const kind of artifactKinds) {
      const { scope, repeats } = catalog[kind];
      const target = { kind: scope, id: targets[scope] };
      const at = repeats === 'per-round' ? { round: 2 } : repeats === 'instances' ? { instance: 'tail' } : {};
      const path = pathOf(kind as ArtifactKind, target, at);
      assert.match(path, /^[a-z]+\/[A-Za-z0-9._/-]+$/);
      assert.ok(!path.includes('..'));
      assert.equal(seen.get(path), undefined, `${path} of ${kind} and ${seen.get(path)}`);
      seen.set(path, kind);
      assert.ok(itemId(kind, target, at).startsWith(`${kind}@`));
    }
  });

  test('hostile identifiers become one harmless segment', () => {
    for (const raw of ['../../etc', '..', '.', '', 'a/b', 'a\\b', 'a\0b', 'ü', ' x '.repeat(200)]) {
      const safe = segment(raw);
      assert.match(safe, /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
      assert.ok(safe.length <= 120);
    }
    assert.equal(endpointSlug('https://[::1]:2379'), '__1_2379');
  });

  test('an unredacted bundle says so in its name', () => {
    const at = new Date('2026-11-22T10:05:02.123Z');
    assert.equal(
      bundleName('case 7', at, '0123456789abcdef', 'none'),
      'etcd-evidence_case_7_20261122T100502Z_01234567_UNREDACTED',
    );
    assert.equal(bundleName('x', at, '0123456789abcdef', 'secrets-only').endsWith('_01234567'), true);
    assert.equal(bundleName('x', at, '0123456789abcdef', 'standard').endsWith('_01234567'), true);
  });
});
