/**
 * Modes that share symptoms: the evidence of each leads to it and not to its neighbours, over all rules together. Where the evidence
 * cannot tell, no mode is named with confidence, and a rule says what is missing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ruled } from '../../../analyzer/knowledge/catalogue.js';
import type { ReportFinding } from '../../../schemas/index.js';
import { wholeDiagnosis } from '../../support/whole-diagnosis.js';
import { scenario } from './base.js';
import { modes, undecidable } from './modes/index.js';
import { unusual } from './unusual.js';

const told = (findings: readonly ReportFinding[]): string =>
  findings.map((f) => `${f.rule} ${f.severity} ${f.confidence.score} ${f.when}`).join('; ') || 'nothing';

/** Causes that stand on their own and would call somebody. */
const named = (findings: readonly ReportFinding[]): readonly ReportFinding[] =>
  findings.filter((finding) => finding.severity !== 'info');

test('the base is a healthy cluster: no rule alarms, none breaks', () => {
  const { diagnosis, outcomes } = wholeDiagnosis(scenario('healthy'));
  assert.equal(told([...diagnosis.causes, ...diagnosis.symptoms, ...named(diagnosis.risks)]), 'nothing');
  assert.deepEqual(
    [...outcomes.values()].filter(({ outcome }) => outcome === 'error'),
    [],
  );
});

for (const { name, facts } of unusual) {
  test(`nobody is called: ${name}`, () => {
    const { diagnosis, outcomes } = wholeDiagnosis(scenario(name, facts));
    assert.equal(told([...named(diagnosis.causes), ...named(diagnosis.symptoms)]), 'nothing');
    assert.deepEqual(
      [...outcomes.values()].filter(({ outcome }) => outcome === 'error'),
      [],
    );
  });
}

test('the plan: ordered pairs of known modes, each once', () => {
  const pairs = modes.flatMap(({ mode, not }) => not.map((other) => `${mode} ${other}`));
  assert.ok(pairs.length >= 40, `${pairs.length} pairs`);
  assert.equal(new Set(pairs).size, pairs.length);
  for (const id of modes.flatMap(({ mode, not }) => [mode, ...not])) assert.ok(ruled.includes(id), id);
});

for (const { mode, facts, not } of modes) {
  describe(mode, () => {
    const { diagnosis, outcomes } = wholeDiagnosis(scenario(mode, facts));
    test('its evidence leads to it', () => {
      assert.equal(diagnosis.causes[0]?.rule, mode, told(diagnosis.causes));
      assert.notEqual(diagnosis.causes[0]?.confidence.level, 'low');
      assert.deepEqual(
        [...outcomes.values()].filter(({ outcome }) => outcome === 'error'),
        [],
      );
    });
    for (const other of not) {
      test(`and not to ${other}`, () => {
        assert.ok(!named(diagnosis.causes).some(({ rule }) => rule === other), told(diagnosis.causes));
      });
    }
  });
}

describe('what cannot be told', () => {
  for (const { name, facts, between, rule, missing } of undecidable) {
    test(name, () => {
      const { diagnosis, outcomes } = wholeDiagnosis(scenario(name, facts));
      const claimed = named(diagnosis.causes).filter(
        (finding) => between.includes(finding.rule) && finding.confidence.level !== 'low',
      );
      assert.equal(told(claimed), 'nothing');
      const outcome = outcomes.get(rule);
      const gaps = [outcome?.reason ?? '', ...(outcome?.coverage.missing.map(({ reason }) => reason) ?? [])].join('; ');
      assert.match(gaps, missing, JSON.stringify(outcome));
    });
  }
});
