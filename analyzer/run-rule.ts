import type { Report, ReportEvidence, ReportSource, ReportSubject } from '../schemas/index.js';
import type { Case, CaseHost, CaseMember } from './bundle/case.js';
import { confidenceOf } from './confidence.js';
import type { Finding } from './finding.js';
import { formatThreshold } from './knowledge/threshold.js';
import { builtInThresholds, type ThresholdSet } from './knowledge/threshold-set.js';
import type { ThresholdId } from './knowledge/thresholds.js';
import type { Claim, EvidenceInput, Rule, RuleContext, RuleDefinition } from './rule.js';
import { type FactLookup, type FactName, factScope } from './rule-facts.js';

export type RuleOutcome = Report['outcomes'][number];

/** What one rule came to: its outcome with coverage, and its findings. */
export interface RuleResult {
  readonly outcome: RuleOutcome;
  readonly findings: readonly Finding[];
}

interface Subject {
  readonly subject: ReportSubject;
  readonly member?: CaseMember;
  readonly host?: CaseHost;
}

/** Outcome of one rule for one subject. */
type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly findings: readonly Finding[] }
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** What every rule is judged with. */
interface Engine {
  readonly input: Case;
  readonly facts: FactLookup;
  readonly thresholds: ThresholdSet;
}

const subjectsOf = (rule: RuleDefinition, input: Case): readonly Subject[] => {
  switch (rule.scope) {
    case 'cluster':
      return [{ subject: { kind: 'cluster', id: 'cluster' } }];
    case 'member':
      return input.members.map((member) => {
        const host = input.hosts.find((candidate) => candidate.id === member.host);
        return { subject: memberSubject(member), member, ...(host === undefined ? {} : { host }) };
      });
    case 'host':
      return input.hosts.map((host) => ({ subject: { kind: 'host', id: host.id, name: host.name }, host }));
  }
};

export const memberSubject = (member: CaseMember): ReportSubject => ({
  kind: 'member',
  id: member.id,
  ...(member.name === '' ? {} : { name: member.name }),
});

type Looked =
  | { readonly ok: true; readonly value: unknown; readonly source: readonly ReportSource[] }
  | { readonly ok: false; readonly reason: string };

const look = (facts: FactLookup, name: FactName, subject: Subject): Looked => {
  const scope = factScope(name);
  const id = scope === 'member' ? subject.member?.id : scope === 'host' ? subject.host?.id : 'cluster';
  if (id === undefined) {
    return { ok: false, reason: scope === 'host' ? 'no collector ran on its host' : `${name} belongs to a ${scope}` };
  }
  const observed = facts(name, id);
  return observed.ok
    ? { ok: true, value: observed.value, source: observed.source }
    : { ok: false, reason: observed.missing.reason };
};

const idsFor = (name: FactName, input: Case): string[] => {
  const scope = factScope(name);
  return scope === 'member'
    ? input.members.map((m) => m.id)
    : scope === 'host'
      ? input.hosts.map((h) => h.id)
      : ['cluster'];
};

const fill = (template: string, data: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (_, key: string) => {
    if (data[key] === undefined) throw new Error(`message placeholder {${key}} has no value`);
    return String(data[key]);
  });

/** Puts the need of a scope that a cluster rule reads with `each` apart from what must exist for the subject itself. */
const isCollective = (rule: RuleDefinition, name: FactName): boolean => {
  const scope = factScope(name);
  return (rule.scope === 'cluster' && scope !== 'cluster') || (rule.scope === 'host' && scope === 'member');
};

export const runRule = (
  rule: Rule,
  input: Case,
  facts: FactLookup,
  thresholds: ThresholdSet = builtInThresholds,
): RuleResult => {
  const definition = rule as unknown as RuleDefinition;
  try {
    return judge(definition, { input, facts, thresholds });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      outcome: outcomeOf(definition, 'error', { observed: 0, total: 0, unit: unitOf(definition), missing: [] }, reason),
      findings: [],
    };
  }
};

const unitOf = (rule: RuleDefinition): string =>
  rule.scope === 'host'
    ? 'hosts'
    : rule.scope === 'cluster' && !rule.needs.some((n) => isCollective(rule, n))
      ? 'cluster'
      : 'members';

const outcomeOf = (
  rule: RuleDefinition,
  outcome: RuleOutcome['outcome'],
  coverage: RuleOutcome['coverage'],
  reason?: string,
): RuleOutcome => ({
  rule: rule.id,
  title: rule.title,
  category: rule.category,
  outcome,
  coverage,
  ...(reason === undefined ? {} : { reason }),
});

const judge = (rule: RuleDefinition, engine: Engine): RuleResult => {
  const { input, facts } = engine;
  const subjects = subjectsOf(rule, input);
  const verdicts = subjects.map((subject) => ({ subject, verdict: judgeSubject(rule, subject, engine) }));
  const findings = verdicts.flatMap(({ verdict }) => (verdict.kind === 'fail' ? verdict.findings : []));
  const applicable = verdicts.filter(({ verdict }) => verdict.kind !== 'not-applicable');
  const missing = applicable.flatMap(({ subject, verdict }) =>
    verdict.kind === 'missing' ? [{ subject: subject.subject.name ?? subject.subject.id, reason: verdict.reason }] : [],
  );
  const coverage = collectiveCoverage(rule, input, facts) ?? {
    observed: applicable.length - missing.length,
    total: applicable.length,
    unit: unitOf(rule),
    missing,
  };
  if (findings.length > 0) return { outcome: outcomeOf(rule, 'fail', coverage), findings };
  if (subjects.length === 0)
    return { outcome: outcomeOf(rule, 'inconclusive', coverage, `no ${unitOf(rule)} in the evidence`), findings };
  if (applicable.length === 0) {
    const reason = verdicts
      .map(({ verdict }) => (verdict.kind === 'not-applicable' ? verdict.reason : ''))
      .find((text) => text !== '');
    return { outcome: outcomeOf(rule, 'not-applicable', coverage, reason), findings };
  }
  if (missing.length === applicable.length)
    return { outcome: outcomeOf(rule, 'inconclusive', coverage, missing[0]?.reason), findings };
  return { outcome: outcomeOf(rule, 'pass', coverage), findings };
};

/** For a cluster rule over member or host facts: how many members or hosts had them all. */
const collectiveCoverage = (
  rule: RuleDefinition,
  input: Case,
  facts: FactLookup,
): RuleOutcome['coverage'] | undefined => {
  const names = rule.needs.filter((name) => isCollective(rule, name));
  const first = names[0];
  if (first === undefined) return undefined;
  const missing: RuleOutcome['coverage']['missing'] = [];
  const ids = idsFor(first, input);
  for (const id of ids) {
    const reason = names
      .filter((name) => factScope(name) === factScope(first))
      .map((name) => facts(name, id))
      .find((observed) => !observed.ok);
    if (reason !== undefined && !reason.ok)
      missing.push({ subject: input.members.find((m) => m.id === id)?.name || id, reason: reason.missing.reason });
  }
  return {
    observed: ids.length - missing.length,
    total: ids.length,
    unit: factScope(first) === 'host' ? 'hosts' : 'members',
    missing,
  };
};

const judgeSubject = (rule: RuleDefinition, subject: Subject, engine: Engine): Verdict => {
  const { input, facts } = engine;
  const need: Record<string, unknown> = {};
  for (const name of rule.needs) {
    if (isCollective(rule, name)) {
      const looked = idsFor(name, input).map((id) => facts(name, id));
      if (!looked.some((observed) => observed.ok)) {
        const reason = looked
          .map((observed) => (observed.ok ? '' : observed.missing.reason))
          .find((text) => text !== '');
        return { kind: 'missing', reason: reason ?? `no ${name} observed` };
      }
      continue;
    }
    const looked = look(facts, name, subject);
    if (!looked.ok) return { kind: 'missing', reason: looked.reason };
    need[name] = looked.value;
  }
  const want: Record<string, unknown> = {};
  for (const name of rule.wants) {
    if (isCollective(rule, name)) continue;
    const looked = look(facts, name, subject);
    if (looked.ok) want[name] = looked.value;
  }
  const declared = new Set<FactName>([...rule.needs, ...rule.wants]);
  const context: RuleContext<FactName, FactName> = {
    subject: subject.subject,
    member: subject.member,
    host: subject.host,
    need: need as RuleContext<FactName, FactName>['need'],
    want: want as RuleContext<FactName, FactName>['want'],
    each: (name) => {
      if (!declared.has(name)) throw new Error(`${rule.id} reads ${name} without declaring it`);
      const entries = idsFor(name, input).flatMap((id) => {
        const observed = facts(name, id);
        return observed.ok ? [[id, observed.value] as const] : [];
      });
      return new Map(entries);
    },
    members: input.members,
    nameOf: (id) => nameOf(input, id),
    limit: (id: ThresholdId) => {
      if (!(rule.thresholds as readonly string[]).includes(id))
        throw new Error(`${rule.id} uses threshold ${id} without declaring it`);
      return engine.thresholds(id).value;
    },
    window: input.window,
    collectedAt: input.collection.to,
  };
  const result = rule.evaluate(context);
  if ('notApplicable' in result) return { kind: 'not-applicable', reason: result.notApplicable };
  if ('inconclusive' in result) return { kind: 'missing', reason: result.inconclusive };
  const findings: Finding[] = [];
  let undecided: string | undefined;
  for (const claim of result) {
    const weighed = weigh(rule, claim, subject, engine);
    if (typeof weighed === 'string') undecided = weighed;
    else if (weighed !== undefined) findings.push(weighed);
  }
  if (findings.length > 0) return { kind: 'fail', findings };
  return undecided === undefined ? { kind: 'pass' } : { kind: 'missing', reason: undecided };
};

export const nameOf = (input: Case, id: string): string =>
  input.members.find((member) => member.id === id)?.name || input.hosts.find((host) => host.id === id)?.name || id;

const stateOf = (met: boolean | undefined): ReportEvidence['state'] =>
  met === undefined ? 'unknown' : met ? 'present' : 'absent';

/** A finding; `undefined` when necessary evidence is known to be absent; a reason when none of it could be seen. */
const weigh = (rule: RuleDefinition, claim: Claim, subject: Subject, engine: Engine): Finding | string | undefined => {
  const { input } = engine;
  const needed = claim.evidence.filter((item) => item.weight === 'necessary');
  if (needed.some((item) => item.met === false)) return undefined;
  if (needed.length > 0 && needed.every((item) => item.met === undefined))
    return `not observed: ${needed.map((item) => item.text).join('; ')}`;
  const template = rule.messages[claim.message];
  if (template === undefined) throw new Error(`${rule.id} has no message ${claim.message}`);
  const subjects =
    claim.subjects === undefined ? [subject.subject] : claim.subjects.map((id) => subjectById(input, id));
  const evidence = claim.evidence.map((item) => toEvidence(item, subject, engine));
  const against = (item: ReportEvidence): boolean => item.weight === 'contradicting' && item.state === 'present';
  return {
    rule: rule.id,
    title: rule.title,
    category: rule.category,
    why: rule.why,
    role: claim.role ?? rule.role,
    severity: claim.severity,
    when: claim.when ?? 'now',
    message: fill(template, { subject: subjects.map((s) => s.name ?? s.id).join(', '), ...claim.data }),
    confidence: confidenceOf(evidence, claim.basis ?? rule.basis),
    subjects,
    evidence: evidence.filter((item) => !against(item)),
    contradictedBy: evidence.filter(against),
    explains: rule.explains,
    ownFate: rule.ownFate ?? false,
    alternatives: rule.alternatives,
    wouldDisprove: rule.wouldDisprove,
    nextEvidence: rule.nextEvidence,
    remedy: claim.remedy ?? rule.remedy,
    doNot: rule.doNot,
    owner: rule.owner,
    urgent: claim.urgent ?? rule.urgent ?? false,
  };
};

const subjectById = (input: Case, id: string): ReportSubject => {
  if (id === 'cluster') return { kind: 'cluster', id };
  const member = input.members.find((candidate) => candidate.id === id);
  if (member !== undefined) return memberSubject(member);
  const host = input.hosts.find((candidate) => candidate.id === id);
  if (host !== undefined) return { kind: 'host', id, name: host.name };
  return { kind: /^[0-9a-f]{16}$/.test(id) ? 'member' : 'endpoint', id };
};

const toEvidence = (item: EvidenceInput, subject: Subject, engine: Engine): ReportEvidence => {
  const { input, facts } = engine;
  const threshold = item.threshold === undefined ? undefined : engine.thresholds(item.threshold);
  const aboutMember =
    item.about === undefined ? subject.member : input.members.find((member) => member.id === item.about);
  const aboutHost =
    item.about === undefined || aboutMember !== undefined
      ? input.hosts.find((host) => host.id === aboutMember?.host)
      : input.hosts.find((host) => host.id === item.about);
  const scope: Subject = {
    subject: subject.subject,
    ...(aboutMember === undefined ? {} : { member: aboutMember }),
    ...((aboutHost ?? subject.host) === undefined ? {} : { host: (aboutHost ?? subject.host) as CaseHost }),
  };
  const fromFacts = (item.from ?? []).flatMap((name) => {
    const looked = look(facts, name, scope);
    return looked.ok ? looked.source : [];
  });
  const limit = item.limit ?? (threshold === undefined ? undefined : formatThreshold(threshold));
  return {
    weight: item.weight,
    state: stateOf(item.met),
    text: item.text,
    ...(item.observed === undefined ? {} : { observed: item.observed }),
    ...(limit === undefined ? {} : { limit }),
    ...(threshold === undefined ? {} : { limitSource: threshold.source }),
    ...(item.answer === undefined ? {} : { answer: item.answer }),
    ...(item.about === undefined ? {} : { subject: subjectById(input, item.about) }),
    source: uniqueSources([...fromFacts, ...(item.sources ?? [])]).slice(0, 6),
  };
};

const uniqueSources = (sources: readonly ReportSource[]): ReportSource[] => [
  ...new Map(sources.map((source) => [JSON.stringify(source), source])).values(),
];
