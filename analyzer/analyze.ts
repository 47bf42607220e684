import { type Report, validate } from '../schemas/index.js';
import { actions, withIdentities } from './assemble/actions.js';
import { charts } from './assemble/charts.js';
import { clusterSummary, lostWithoutSpare, votersAmong } from './assemble/cluster.js';
import { configRows } from './assemble/config.js';
import { actionsBy, copiesSection, recoveryBy } from './assemble/copies.js';
import { accessMap, coverage } from './assemble/coverage.js';
import { decision } from './assemble/decision.js';
import { kubernetesSummary } from './assemble/kubernetes.js';
import { logLines } from './assemble/log-lines.js';
import { importedEvidence } from './assemble/imported.js';
import { memberRows } from './assemble/members.js';
import { onPlatform } from './assemble/platform.js';
import { provenance, thresholdsUsed } from './assemble/provenance.js';
import { timeline } from './assemble/timeline.js';
import type { Case } from './bundle/case.js';
import { focusedOn } from './bundle/focus.js';
import { diagnose } from './diagnose.js';
import { defaultPolicy, type Policy } from './knowledge/default-policy.js';
import { builtInThresholds, type ThresholdSet } from './knowledge/threshold-set.js';
import { createFacts } from './facts/index.js';
import type { Finding } from './finding.js';
import { withFocus } from './focus-results.js';
import type { Rule, RuleDefinition } from './rule.js';
import { lookupOver } from './rule-facts.js';
import { rules as allRules } from './rules/index.js';
import { runRule } from './run-rule.js';
import { decideVerdict } from './verdict.js';
import { VERSION } from './version.js';

export interface AnalyzeOptions {
  /** Injected clock: the same case and clock give the same report. */
  readonly now: Date;
  readonly rules?: readonly Rule[];
  /** Numbers to compare with; the built-in ones when absent. */
  readonly thresholds?: ThresholdSet;
  /** When to intervene, how long to diagnose, whom to call; the built-in one when absent. */
  readonly policy?: Policy;
}

const isUrgent = (finding: Finding): boolean =>
  finding.urgent && finding.when === 'now' && finding.confidence.level !== 'low';

/** Turns a case into a report: a pure function of evidence and clock. Throws only when the report breaks its own schema. */
export const analyze = (given: Case, options: AnalyzeOptions): Report => {
  const focus = focusedOn(given);
  const input = focus === undefined ? given : { ...given, conflicts: [...given.conflicts, focus.note] };
  const rules = options.rules ?? allRules;
  const thresholds = options.thresholds ?? builtInThresholds;
  const policy = options.policy ?? defaultPolicy;
  const definitions = rules as unknown as readonly RuleDefinition[];
  const facts = createFacts(input);
  const look = lookupOver(facts);
  const whole = rules.map((rule) => runRule(rule, input, look, thresholds));
  const lookAtFocus = focus === undefined ? undefined : lookupOver(createFacts(focus.part));
  const results =
    focus === undefined || lookAtFocus === undefined
      ? whole
      : withFocus(
          whole,
          rules.map((rule) => runRule(rule, focus.part, lookAtFocus, thresholds)),
          focus.over,
        );
  const findings = results.flatMap((result) => result.findings);

  const leaderView = facts.cluster('leaderView');
  const leaders = new Set<string>();
  if (leaderView.ok) {
    for (const round of leaderView.value.rounds)
      for (const leader of Object.values(round.leaders)) if (leader !== null) leaders.add(leader);
  }
  const titles = new Map(definitions.map((rule) => [rule.id, rule.title]));
  const diagnosis = onPlatform(diagnose(findings, { leaders, titles }), input);

  const cluster = clusterSummary(facts);
  const voters = votersAmong(facts);
  const measured = voters.filter((member) => {
    const scrapes = facts.member(member.id, 'scrapes');
    return scrapes.ok && scrapes.value.all.length >= 2;
  });
  const decided = decideVerdict({
    diagnosis,
    urgent: new Set(findings.filter(isUrgent).map((finding) => finding.rule)),
    lostWithoutSpare: lostWithoutSpare(facts),
    hasQuorum: cluster.hasQuorum,
    quorum: cluster.quorum,
    voters: cluster.voters,
    votersAnswered: voters.filter((member) => member.reachable === true).length,
    votersMeasured: measured.length,
    policy,
    undecided: results.filter((result) => result.outcome.outcome === 'inconclusive').length,
    ...importedEvidence(facts),
  });
  const copies = copiesSection(facts);
  const verdict = { ...decided, recovery: recoveryBy(decided, copies) };
  const all = [...diagnosis.causes, ...diagnosis.symptoms];
  const kubernetes = kubernetesSummary(facts);

  const todo = actionsBy(actions(diagnosis.causes), copies, cluster.reachable);

  const report: Report = {
    schema: 'etcd-evidence/report/v1',
    generatedAt: options.now.toISOString(),
    tool: { name: 'etcd-analyze', version: VERSION },
    verdict,
    diagnosis: {
      causes: [...diagnosis.causes],
      symptoms: [...diagnosis.symptoms],
      risks: [...diagnosis.risks],
      notices: [...diagnosis.notices],
    },
    decision: decision(input, verdict, diagnosis, policy),
    ...todo,
    actions: withIdentities(todo.actions),
    outcomes: results.map((result) => result.outcome),
    coverage: coverage(facts),
    cluster,
    ...(kubernetes === undefined ? {} : { kubernetes }),
    members: memberRows(facts, all),
    ...(copies === undefined ? {} : { copies }),
    timeline: timeline(facts),
    logs: logLines(facts),
    charts: charts(facts),
    config: configRows(facts),
    access: accessMap(input),
    thresholds: thresholdsUsed(definitions, thresholds),
    provenance: provenance(input, rules.length),
  };
  const checked = validate('report', report);
  if (!checked.ok) throw new Error(`the report does not fit its schema: ${checked.errors.join('; ')}`);
  return checked.value;
};
