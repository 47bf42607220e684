import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownBugs } from '../../../../analyzer/knowledge/known-bugs.js';
import { knownVulnerabilities } from '../../../../analyzer/knowledge/known-vulnerabilities.js';
import { isAffected, keepsTombstone, parseVersion } from '../../../../analyzer/rules/evidence/etcd-version.js';
import rule from '../../../../analyzer/rules/version/known-bug-in-running-version.js';
import { ruleTest, runScenario } from '../../../support/rule-tester.js';
import { membership, scrapes, versions } from '../integrity/fakes.js';

const noAuth = { scrapes: scrapes({ etcd_debugging_auth_revision: 1 }) };

ruleTest(rule, {
  pass: [
    { name: 'the newest patches', cluster: { versions: versions('3.5.33', '3.6.14', '3.7.1') } },
    { name: 'a line that the table does not know', cluster: { versions: versions('3.8.0') } },
  ],
  fail: [
    {
      name: 'bugs that endanger data: a risk',
      cluster: { versions: versions('3.5.16', '3.5.16', '3.5.16') },
      message: 'data',
      role: 'risk',
      severity: 'warning',
      subjects: ['m1', 'm2', 'm3', 'm1', 'm2', 'm3'],
    },
    {
      name: 'bugs that do not: a notice',
      cluster: { versions: versions('3.5.30', '3.5.33', '3.5.33'), membership: membership({ learners: 1, voters: 2 }) },
      message: 'other',
      role: 'notice',
      severity: 'info',
      subjects: ['m1'],
    },
    {
      name: 'one member of the cluster is older',
      cluster: { versions: versions('3.6.4', '3.6.14', '3.6.14'), membership: membership() },
      member: { m1: noAuth },
      message: 'data',
      subjects: ['m1', 'm1'],
    },
  ],
  inconclusive: [{ name: 'no version known' }],
});

test('bugs of what is not in use are left out', () => {
  const named = (learners: number): boolean =>
    JSON.stringify(
      runScenario(rule, {
        name: 'a line with such a bug',
        cluster: { versions: versions('3.5.30', '3.5.30', '3.5.30'), membership: membership({ voters: 2, learners }) },
      }).findings,
    ).includes('member-update-promotes-learner');
  assert.equal(named(1), true);
  assert.equal(named(0), false);
});

test('versions are compared as numbers, by line', () => {
  assert.deepEqual(parseVersion('v3.5.9+k3s1'), { major: 3, minor: 5, patch: 9 });
  assert.equal(parseVersion('unknown'), null);
  assert.equal(isAffected('3.5.9', { '3.5': '3.5.10' }), true);
  assert.equal(isAffected('3.5.10', { '3.5': '3.5.10' }), false);
  assert.equal(isAffected('3.6.0', { '3.5': '3.5.10' }), false);
  assert.equal(isAffected('3.5.15', { '3.5': '3.5.19' }, { '3.5': '3.5.16' }), false);
  assert.equal(isAffected('3.4.45', { '3.4': 'none' }), true);
  assert.equal(keepsTombstone('3.5.15'), false);
  assert.equal(keepsTombstone('3.5.16'), true);
  assert.equal(keepsTombstone('3.4.33'), false);
  assert.equal(keepsTombstone('3.6.0'), true);
  assert.equal(keepsTombstone(undefined), null);
});

test('every fix of the tables is a patch of its own line, and rows are told apart by their ids', () => {
  for (const { id, fixedIn, source } of [...knownBugs, ...knownVulnerabilities]) {
    assert.ok(source.length > 10, id);
    for (const [line, patch] of Object.entries(fixedIn))
      assert.ok(patch === 'none' || patch.startsWith(`${line}.`), `${id} ${patch}`);
  }
  assert.equal(new Set(knownBugs.map(({ id }) => id)).size, knownBugs.length);
  assert.equal(new Set(knownVulnerabilities.map(({ id }) => id)).size, knownVulnerabilities.length);
});
