import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absent, factsOver, observed } from '../../../analyzer/fact.js';
import { createFacts, facts as registry } from '../../../analyzer/facts/index.js';
import { isArtifactKind } from '../../../schemas/index.js';
import { fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, valueIn } from './helpers.js';

const m1 = fakeId(0);

test('every fact is listed under its own id and scope, names scopes apart, and reads known kinds', () => {
  const seen = new Set<string>();
  for (const scope of ['cluster', 'member', 'host'] as const) {
    for (const [id, fact] of Object.entries(registry[scope])) {
      assert.equal(fact.id, id);
      assert.equal(fact.scope, scope);
      assert.ok(fact.title.length > 0);
      assert.ok(fact.artifacts.every(isArtifactKind), id);
      assert.ok(!seen.has(id), `${id} names two facts`);
      seen.add(id);
    }
  }
});

test('a fact is derived once; one that throws is missing and leaves the others alone', () => {
  let runs = 0;
  const input = fakeCase();
  const broken = {
    ...registry,
    cluster: {
      ...registry.cluster,
      versions: {
        ...registry.cluster.versions,
        derive: () => {
          runs += 1;
          throw new Error('boom');
        },
      },
      coverage: {
        ...registry.cluster.coverage,
        derive: () => {
          runs += 1;
          return absent('fact', 'counted');
        },
      },
    },
  };
  const facts = factsOver(input, broken);
  assert.equal(reasonOf(facts.cluster('versions')), 'fact failed: versions: boom');
  facts.cluster('versions');
  facts.cluster('coverage');
  facts.cluster('coverage');
  assert.equal(runs, 2);
  assert.ok(facts.cluster('config').ok, 'config asks for versions and goes on without');
});

test('a fact that asks for itself ends as a gap', () => {
  const facts = factsOver(fakeCase(), {
    ...registry,
    cluster: {
      ...registry.cluster,
      versions: {
        ...registry.cluster.versions,
        derive: (ctx) => {
          const own = ctx.facts.cluster('versions');
          return own.ok ? observed(own.value) : own;
        },
      },
    },
  });
  assert.match(reasonOf(facts.cluster('versions')), /depends on itself/);
});

test('unknown subjects are gaps', () => {
  const facts = createFacts(fakeCase());
  assert.match(reasonOf(facts.member('nobody', 'walFsync')), /nobody is no member/);
  assert.match(reasonOf(facts.host('__proto__', 'cpu')), /is no host/);
});

test('over an empty bundle every fact is a gap with a reason in words, and none fails', () => {
  const input = fakeCase({ members: [{ name: 'm1', reachable: null, host: 'h1' }], hosts: ['h1'] });
  const facts = createFacts(input);
  const all = [
    ...Object.keys(registry.member).map((id) => facts.member(m1, id as keyof typeof registry.member)),
    ...Object.keys(registry.host).map((id) => facts.host('h1', id as keyof typeof registry.host)),
    ...Object.keys(registry.cluster).map((id) => facts.cluster(id as keyof typeof registry.cluster)),
  ];
  for (const fact of all) {
    if (fact.ok) continue;
    assert.doesNotMatch(fact.missing.reason, /fact failed|undefined|\[object/);
    assert.ok(fact.missing.reason.length > 10, fact.missing.reason);
  }
  assert.equal(valueIn(facts.cluster('quorum')).hasQuorum, null);
});
