/** Strict tester for one rule: message ids, roles and severities are asserted, prose is not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Case, CaseHost, CaseMember } from '../../analyzer/bundle/case.js';
import { absent, type FactScope, type FactValues, type Observed, observed } from '../../analyzer/fact.js';
import type { Finding, Role, Severity, When } from '../../analyzer/finding.js';
import type { Rule, RuleDefinition } from '../../analyzer/rule.js';
import { type FactLookup, type FactName, type FactValue, factScope } from '../../analyzer/rule-facts.js';
import { type RuleResult, runRule } from '../../analyzer/run-rule.js';
import { WINDOW } from './fake-facts.js';

/** Facts by member or host name; what is not given is missing. */
export interface RuleScenario {
  readonly name: string;
  /** Default: m1, m2, m3 on hosts h1, h2, h3. */
  readonly members?: readonly {
    readonly name: string;
    readonly host?: string;
    readonly isLearner?: boolean;
    readonly reachable?: boolean | null;
  }[];
  readonly cluster?: Partial<FactValues['cluster']>;
  readonly member?: Readonly<Record<string, Partial<FactValues['member']>>>;
  readonly host?: Readonly<Record<string, Partial<FactValues['host']>>>;
}

export interface FailScenario extends RuleScenario {
  /** Message id of the first finding. */
  readonly message: string;
  readonly severity?: Severity;
  readonly role?: Role;
  readonly when?: When;
  readonly confidence?: 'high' | 'medium' | 'low';
  /** Names of the subjects of all findings, in order. */
  readonly subjects?: readonly string[];
}

export interface RuleTests {
  readonly pass: readonly RuleScenario[];
  readonly fail: readonly FailScenario[];
  readonly inconclusive: readonly RuleScenario[];
  readonly notApplicable?: readonly RuleScenario[];
}

/** Id of the n-th fake member: 1 -> 0000000000000001. */
export const memberId = (n: number): string => n.toString(16).padStart(16, '0');

const defaultMembers = [
  { name: 'm1', host: 'h1' },
  { name: 'm2', host: 'h2' },
  { name: 'm3', host: 'h3' },
];

const caseOf = (scenario: RuleScenario): Case => {
  const given = scenario.members ?? defaultMembers;
  const members: CaseMember[] = given.map((member, i) => ({
    id: memberId(i + 1),
    name: member.name,
    targets: [memberId(i + 1)],
    endpoints: [`10.0.0.${i + 1}:2379`],
    clientUrls: [`http://10.0.0.${i + 1}:2379`],
    peerUrls: [`http://10.0.0.${i + 1}:2380`],
    isLearner: ('isLearner' in member && member.isLearner) || false,
    reachable: 'reachable' in member && member.reachable !== undefined ? member.reachable : true,
    ...(member.host === undefined ? {} : { host: member.host }),
  }));
  const hosts: CaseHost[] = [...new Set(given.flatMap((member) => member.host ?? []))].map((id) => ({
    id,
    name: id,
    members: members.filter((member) => member.host === id).map((member) => member.id),
  }));
  return {
    bundles: [],
    members,
    hosts,
    endpoints: [],
    items: [],
    artifacts: () => [],
    logs: () => [],
    clusterIds: ['00000000000000cc'],
    window: { from: WINDOW.from, to: WINDOW.to },
    collection: { from: WINDOW.from - 1000, to: WINDOW.to + 1000 },
    rounds: 4,
    maxSkewMs: 3,
    conflicts: [],
  };
};

const lookupOf = (scenario: RuleScenario, input: Case): FactLookup => {
  const valuesOf = (scope: FactScope, id: string): Readonly<Record<string, unknown>> => {
    if (scope === 'cluster') return (scenario.cluster ?? {}) as Record<string, unknown>;
    const name = scope === 'member' ? (input.members.find((member) => member.id === id)?.name ?? id) : id;
    return ((scope === 'member' ? scenario.member?.[name] : scenario.host?.[name]) ?? {}) as Record<string, unknown>;
  };
  return <K extends FactName>(name: K, id: string): Observed<FactValue<K>> => {
    const value = valuesOf(factScope(name), id)[name];
    return value === undefined
      ? absent('fact', `${name} was not observed`)
      : observed(value as FactValue<K>, [{ artifact: 'fake', path: `${id}/${name}` }]);
  };
};

/** Runs a rule over a scenario of plain facts. */
export const runScenario = (rule: Rule, scenario: RuleScenario): RuleResult => {
  const input = caseOf(scenario);
  return runRule(rule, input, lookupOf(scenario, input));
};

const messageOf = (rule: Rule, finding: Finding): string | undefined => {
  const { messages } = rule as unknown as RuleDefinition;
  const matches = (template: string): boolean =>
    new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[\\s\\S]*?')}$`).test(
      finding.message,
    );
  return Object.keys(messages).find((id) => matches(messages[id] ?? ''));
};

const explain = (result: RuleResult): string =>
  JSON.stringify(
    { outcome: result.outcome, findings: result.findings.map((f) => ({ ...f, remedy: [], alternatives: [] })) },
    null,
    1,
  );

/** Registers the tests of one rule; at least one pass, one fail and one inconclusive, and every message used. */
export const ruleTest = (rule: Rule, tests: RuleTests): void => {
  const definition = rule as unknown as RuleDefinition;
  describe(`rule ${definition.id}`, () => {
    for (const scenario of tests.pass) {
      test(`pass: ${scenario.name}`, () => {
        const result = runScenario(rule, scenario);
        assert.equal(result.outcome.outcome, 'pass', explain(result));
      });
    }
    for (const scenario of tests.fail) {
      test(`fail: ${scenario.name}`, () => {
        const result = runScenario(rule, scenario);
        assert.equal(result.outcome.outcome, 'fail', explain(result));
        const finding = result.findings[0] as Finding;
        assert.equal(messageOf(rule, finding), scenario.message, explain(result));
        if (scenario.severity !== undefined) assert.equal(finding.severity, scenario.severity, explain(result));
        if (scenario.role !== undefined) assert.equal(finding.role, scenario.role, explain(result));
        if (scenario.when !== undefined) assert.equal(finding.when, scenario.when, explain(result));
        if (scenario.confidence !== undefined)
          assert.equal(finding.confidence.level, scenario.confidence, explain(result));
        if (scenario.subjects !== undefined) {
          const names = result.findings.flatMap((f) => f.subjects.map((subject) => subject.name ?? subject.id));
          assert.deepEqual(names, scenario.subjects, explain(result));
        }
        assert.ok(finding.evidence.length > 0, 'a finding stands on at least one piece of evidence');
      });
    }
    for (const scenario of tests.inconclusive) {
      test(`inconclusive: ${scenario.name}`, () => {
        const result = runScenario(rule, scenario);
        assert.equal(result.outcome.outcome, 'inconclusive', explain(result));
        assert.ok((result.outcome.reason ?? '') !== '', 'says what is missing');
      });
    }
    for (const scenario of tests.notApplicable ?? []) {
      test(`not applicable: ${scenario.name}`, () => {
        const result = runScenario(rule, scenario);
        assert.equal(result.outcome.outcome, 'not-applicable', explain(result));
      });
    }
    test('has a pass, a fail and an inconclusive case, and uses every message', () => {
      assert.ok(tests.pass.length > 0 && tests.fail.length > 0 && tests.inconclusive.length > 0);
      const used = new Set(tests.fail.map((scenario) => scenario.message));
      assert.deepEqual(
        Object.keys(definition.messages).filter((id) => !used.has(id)),
        [],
        'messages without a test',
      );
    });
  });
};
