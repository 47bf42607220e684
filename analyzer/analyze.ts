import { type Report, validate } from '../schemas/index.js';
import { actions } from './assemble/actions.js';
import { charts } from './assemble/charts.js';
import { clusterSummary, lostWithoutSpare, votersAmong } from './assemble/cluster.js';
import { configRows } from './assemble/config.js';
import { accessMap, coverage } from './assemble/coverage.js';
import { importedEvidence } from './assemble/imported.js';
import { memberRows } from './assemble/members.js';
import { provenance, thresholdsUsed } from './assemble/provenance.js';
import { timeline } from './assemble/timeline.js';
import type { Case } from './bundle/case.js';
import { diagnose } from './diagnose.js';
import { createFacts } from './facts/index.js';
import type { Finding } from './finding.js';
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
}

const isUrgent = (finding: Finding): boolean =>
  finding.urgent && finding.when === 'now' && finding.confidence.level !== 'low';

/** Turns a case into a report: a pure function of evidence and clock. Throws only when the report breaks its own schema. */
export const analyze = (input: Case, options: AnalyzeOptions): Report => {
  const rules = options.rules ?? allRules;
  const definitions = rules as unknown as readonly RuleDefinition[];
  const facts = createFacts(input);
  const look = lookupOver(facts);
  const results = rules.map((rule) => runRule(rule, input, look));
  const findings = results.flatMap((result) => result.findings);

  const leaderView = facts.cluster('leaderView');
  const leaders = new Set<string>();
  if (leaderView.ok) {
    for (const round of leaderView.value.rounds)
      for (const leader of Object.values(round.leaders)) if (leader !== null) leaders.add(leader);
  }
  const diagnosis = diagnose(findings, { leaders, titles: new Map(definitions.map((rule) => [rule.id, rule.title])) });

  const cluster = clusterSummary(facts);
  const voters = votersAmong(facts);
  const measured = voters.filter((member) => {
    const scrapes = facts.member(member.id, 'scrapes');
    return scrapes.ok && scrapes.value.all.length >= 2;
  });
  const verdict = decideVerdict({
    diagnosis,
    urgent: new Set(findings.filter(isUrgent).map((finding) => finding.rule)),
    lostWithoutSpare: lostWithoutSpare(facts),
    hasQuorum: cluster.hasQuorum,
    quorum: cluster.quorum,
    voters: cluster.voters,
    votersAnswered: voters.filter((member) => member.reachable === true).length,
    votersMeasured: measured.length,
    undecided: results.filter((result) => result.outcome.outcome === 'inconclusive').length,
    ...importedEvidence(facts),
  });
  const all = [...diagnosis.causes, ...diagnosis.symptoms];

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
    ...actions(diagnosis.causes),
    outcomes: results.map((result) => result.outcome),
    coverage: coverage(facts),
    cluster,
    members: memberRows(facts, all),
    timeline: timeline(facts),
    charts: charts(facts),
    config: configRows(facts),
    access: accessMap(input),
    thresholds: thresholdsUsed(definitions),
    provenance: provenance(input, rules.length),
  };
  const checked = validate('report', report);
  if (!checked.ok) throw new Error(`the report does not fit its schema: ${checked.errors.join('; ')}`);
  return checked.value;
};
