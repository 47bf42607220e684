import type { Report, ReportFinding, ReportSubject } from '../schemas/index.js';
import { type Finding, severityRank } from './finding.js';

export interface Diagnosis {
  readonly causes: readonly ReportFinding[];
  readonly symptoms: readonly ReportFinding[];
  readonly risks: readonly ReportFinding[];
  readonly notices: readonly ReportFinding[];
}

/** What diagnose() needs to know of the cluster: an ailing leader is felt by every member. */
export interface Reach {
  readonly leaders: ReadonlySet<string>;
  readonly titles: ReadonlyMap<string, string>;
}

const memberIds = (finding: Finding): string[] => finding.subjects.filter((s) => s.kind === 'member').map((s) => s.id);

/** Whether trouble at `cause` can be felt where `effect` was found: same subject, anything cluster-wide, or, unless `ownFate`, a leader felt by all. */
const reaches = (cause: Finding, effect: Finding, reach: Reach): boolean => {
  const from = memberIds(cause);
  const to = memberIds(effect);
  if (from.length === 0 || to.length === 0) return true;
  if (effect.ownFate) return to.every((id) => from.includes(id));
  return from.some((id) => reach.leaders.has(id) || to.includes(id));
};

/** A fault that is over cannot explain what happens in the window. */
const inTime = (cause: Finding, effect: Finding): boolean => cause.when === 'now' || effect.when === 'past';

const weight = (finding: Finding, explained: number): number =>
  (finding.when === 'now' ? 1000 : 0) +
  (finding.confidence.level === 'low' ? 0 : 200) +
  severityRank(finding.severity) * 30 +
  finding.confidence.score * 50 +
  Math.min(explained, 6) * 6;

const worst = <T extends Finding>(findings: readonly T[]): T =>
  findings.reduce((a, b) =>
    severityRank(b.severity) > severityRank(a.severity) ||
    (b.severity === a.severity && b.confidence.score > a.confidence.score)
      ? b
      : a,
  );

const uniqueBy = <T>(items: readonly T[], key: (item: T) => string): T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

/** Findings of one rule with the same role and time become one, about all its subjects; the worst speaks, all evidence stays. */
const mergeSubjects = (findings: readonly Finding[]): Finding[] => {
  const groups = groupBy(findings);
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0] as Finding;
    const first = worst(group);
    const rest = group.filter((finding) => finding !== first);
    const ordered = [first, ...rest];
    return {
      ...first,
      message: [first.message, ...rest.map((finding) => finding.message)]
        .filter((text, i, all) => all.indexOf(text) === i)
        .join(' '),
      subjects: uniqueBy(
        ordered.flatMap((finding) => finding.subjects),
        (s) => `${s.kind}:${s.id}`,
      ),
      evidence: ordered.flatMap((finding) => withSubject(finding.evidence, finding.subjects)),
      contradictedBy: ordered.flatMap((finding) => withSubject(finding.contradictedBy, finding.subjects)),
      urgent: group.some((finding) => finding.urgent),
    };
  });
};

const groupKey = (finding: Finding): string => `${finding.rule}|${finding.role}|${finding.when}`;

const groupBy = (findings: readonly Finding[]): Map<string, Finding[]> => {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = groupKey(finding);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return groups;
};

const withSubject = (evidence: Finding['evidence'], subjects: readonly ReportSubject[]): Finding['evidence'] =>
  subjects.length === 1
    ? evidence.map((item) => (item.subject === undefined ? { ...item, subject: subjects[0] as ReportSubject } : item))
    : evidence;

const toReport = (
  finding: Finding,
  explained: readonly Finding[],
  rivals: readonly Finding[],
  reach: Reach,
): ReportFinding => {
  const rivalIds = new Set(rivals.map((rival) => rival.rule));
  return {
    rule: finding.rule,
    title: finding.title,
    message: finding.message,
    category: finding.category,
    role: finding.role,
    when: finding.when,
    severity: finding.severity,
    confidence: finding.confidence,
    subjects: [...finding.subjects],
    evidence: [...finding.evidence],
    contradictedBy: [...finding.contradictedBy],
    explains: explained.map((effect) => ({
      rule: effect.rule,
      title: effect.title,
      message: effect.message,
      subjects: [...effect.subjects],
      severity: effect.severity,
    })),
    alternatives: finding.alternatives.map((alternative) => ({
      rule: alternative.rule,
      title: reach.titles.get(alternative.rule) ?? alternative.rule,
      why: rivalIds.has(alternative.rule) ? `${alternative.why} It was found too, and ranks lower.` : alternative.why,
    })),
    wouldDisprove: [...finding.wouldDisprove],
    nextEvidence: finding.nextEvidence.map((next) => ({ ...next })),
    remedy: finding.remedy.map((step) => ({ ...step })),
    doNot: [...finding.doNot],
    owner: finding.owner,
    why: finding.why,
  };
};

/**
 * Joins findings into ranked causes, the symptoms none of them explains, risks and notices.
 * A cause folds under another only when the other explains it, can be felt there, was active then and is believed at least as much.
 */
export const diagnose = (raw: readonly Finding[], reach: Reach): Diagnosis => {
  const findings = mergeSubjects(raw);
  const causes = findings.filter((finding) => finding.role === 'cause');
  const symptoms = findings.filter((finding) => finding.role === 'symptom');
  const effectsOf = (cause: Finding): Finding[] =>
    [...symptoms, ...causes].filter(
      (effect) =>
        effect !== cause &&
        cause.explains.includes(effect.rule) &&
        reaches(cause, effect, reach) &&
        inTime(cause, effect),
    );

  const ranked = [...causes].sort(
    (a, b) => weight(b, effectsOf(b).length) - weight(a, effectsOf(a).length) || a.rule.localeCompare(b.rule),
  );
  const parent = new Map<Finding, Finding>();
  const ancestors = (finding: Finding): Finding[] => {
    const above = parent.get(finding);
    return above === undefined ? [] : [above, ...ancestors(above)];
  };
  for (const cause of ranked) {
    if (cause.confidence.level === 'low') continue;
    for (const effect of effectsOf(cause)) {
      if (effect.role !== 'cause' || parent.has(effect) || ancestors(cause).includes(effect)) continue;
      if (
        cause.confidence.score + 0.15 < effect.confidence.score &&
        effect.confidence.level === 'high' &&
        cause.confidence.level !== 'high'
      )
        continue;
      parent.set(effect, cause);
    }
  }
  const roots = ranked.filter((cause) => !parent.has(cause));
  const rootOf = (finding: Finding): Finding => ancestors(finding).at(-1) ?? finding;

  const explainedBy = new Map<Finding, Finding[]>(roots.map((root) => [root, []]));
  for (const cause of ranked) {
    const root = rootOf(cause);
    if (root !== cause) explainedBy.get(root)?.push(cause);
    if (cause.confidence.level === 'low') continue;
    for (const effect of effectsOf(cause)) {
      const list = explainedBy.get(root) as Finding[];
      if (effect.role === 'symptom' && !list.includes(effect)) list.push(effect);
    }
  }
  const explained = new Set([...explainedBy.values()].flat());
  const order = [...roots].sort(
    (a, b) =>
      weight(b, explainedBy.get(b)?.length ?? 0) - weight(a, explainedBy.get(a)?.length ?? 0) ||
      a.rule.localeCompare(b.rule),
  );
  const rest = (list: Finding[]): ReportFinding[] =>
    list
      .sort((a, b) => weight(b, 0) - weight(a, 0) || a.rule.localeCompare(b.rule))
      .map((finding) => toReport(finding, [], [], reach));
  return {
    causes: order.map((cause, i) => toReport(cause, explainedBy.get(cause) ?? [], order.slice(i + 1), reach)),
    symptoms: rest(symptoms.filter((symptom) => !explained.has(symptom))),
    risks: rest(findings.filter((finding) => finding.role === 'risk')),
    notices: rest(findings.filter((finding) => finding.role === 'notice')),
  };
};

export type ReportVerdict = Report['verdict'];
