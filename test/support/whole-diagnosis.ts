/** All rules over one scenario of plain facts, and the diagnosis that follows. */
import { type Diagnosis, diagnose } from '../../analyzer/diagnose.js';
import type { RuleDefinition } from '../../analyzer/rule.js';
import { rules } from '../../analyzer/rules/index.js';
import type { RuleOutcome } from '../../analyzer/run-rule.js';
import { type RuleScenario, runScenario } from './rule-tester.js';

export interface WholeDiagnosis {
  readonly diagnosis: Diagnosis;
  readonly outcomes: ReadonlyMap<string, RuleOutcome>;
}

export const wholeDiagnosis = (scenario: RuleScenario): WholeDiagnosis => {
  const results = rules.map((rule) => runScenario(rule, scenario));
  const leaders = new Set<string>();
  for (const round of scenario.cluster?.leaderView?.rounds ?? [])
    for (const leader of Object.values(round.leaders)) if (leader !== null) leaders.add(leader);
  const titles = new Map((rules as unknown as readonly RuleDefinition[]).map(({ id, title }) => [id, title]));
  return {
    diagnosis: diagnose(
      results.flatMap(({ findings }) => findings),
      { leaders, titles },
    ),
    outcomes: new Map(results.map(({ outcome }) => [outcome.rule, outcome])),
  };
};
