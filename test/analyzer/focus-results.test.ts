/** Of two results of a rule, over a whole recording and over its worst stretch, the louder one stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, Role, Severity } from '../../analyzer/finding.js';
import { withFocus } from '../../analyzer/focus-results.js';
import type { RuleResult } from '../../analyzer/run-rule.js';

const result = (rule: string, ...found: readonly (readonly [Role, Severity])[]): RuleResult => ({
  outcome: {
    rule,
    title: rule,
    category: 'storage',
    outcome: found.length > 0 ? 'fail' : 'pass',
    coverage: { observed: 1, total: 1, unit: 'members', missing: [] },
  },
  findings: found.map(([role, severity]) => ({ rule, role, severity, when: 'now', urgent: true }) as Finding),
});
const said = (results: readonly RuleResult[]): readonly string[] =>
  results.map(({ outcome, findings }) =>
    [outcome.rule, ...findings.map(({ role, severity, when }) => `${role} ${severity} ${when}`)].join(': '),
  );

test('the louder one: a cause before a notice, then the severity; of equals that of the whole', () => {
  const whole = [
    result('a'),
    result('b', ['notice', 'info']),
    result('c', ['cause', 'high']),
    result('d', ['risk', 'warning']),
  ];
  const part = [
    result('a', ['cause', 'warning']),
    result('b', ['cause', 'warning']),
    result('c', ['cause', 'warning']),
    result('d', ['risk', 'warning']),
  ];
  assert.deepEqual(said(withFocus(whole, part, false)), [
    'a: cause warning now',
    'b: cause warning now',
    'c: cause high now',
    'd: risk warning now',
  ]);
  assert.equal(withFocus(whole, part, false)[3], whole[3]);
});

test('a stretch that is over: what only it shows is past and calls nobody; what the whole shows stays', () => {
  const merged = withFocus(
    [result('a'), result('b', ['cause', 'critical'])],
    [result('a', ['cause', 'critical']), result('b', ['cause', 'critical'])],
    true,
  );
  assert.deepEqual(said(merged), ['a: cause critical past', 'b: cause critical now']);
  assert.equal(merged[0]?.findings[0]?.urgent, false);
});
