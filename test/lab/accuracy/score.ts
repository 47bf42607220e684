import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../../analyzer/bundle/index.js';
import { packageRoot, type Report, type ReportFinding, type ReportSubject } from '../../../schemas/index.js';
import type { Truth, VerdictKind } from '../truth.js';
import { type BaselineAnswer, baselines } from './baselines/index.js';
import type { BaselineRecord, FalseAlarm, Mode, Said, ScoredRun, Scores } from './record.js';

/** A finding that is true of every cluster of the lab, whatever is done to it. */
export interface TrueEverywhere {
  readonly rule: string;
  readonly roles: readonly string[];
  readonly reason: string;
}

let loaded: readonly TrueEverywhere[] | undefined;

export const trueEverywhere = (): readonly TrueEverywhere[] => {
  loaded ??= JSON.parse(
    readFileSync(join(packageRoot, 'test', 'lab', 'accuracy', 'true-everywhere.json'), 'utf8'),
  ) as readonly TrueEverywhere[];
  return loaded;
};

/** What a report is held against. */
export interface Against {
  readonly truth: Truth;
  /** Names of the members it was done to. */
  readonly targets: readonly string[];
  readonly mode: Mode;
  /** Rules that are true of the machine the lab ran on. */
  readonly machine?: readonly string[];
  /** Names of members by id: a member that never started has none in the report. */
  readonly members?: readonly { readonly name: string; readonly id: string; readonly address?: string }[];
}

interface Expected {
  /** No cause is to be named. */
  readonly quiet: boolean;
  /** A cause that is true, whether one could know it or not. */
  readonly causes: ReadonlySet<string>;
  readonly verdict: readonly VerdictKind[];
  readonly subject: 'target' | 'any';
}

/**
 * What is right in this mode. Where one node cannot tell, the lesser answer is right; to name the true cause all the same is not
 * wrong, and its verdict then is that of the whole truth.
 */
const expectedOf = ({ truth, mode }: Against): Expected => {
  const lesser = mode === 'one' ? truth.fromOneNode : undefined;
  const subject = lesser?.subject ?? truth.subject ?? 'target';
  const here = lesser ?? truth;
  return {
    quiet: here.causes.length === 0,
    causes: new Set([...here.causes, ...truth.causes]),
    verdict: here.verdict,
    subject,
  };
};

/** One thing that was said: any of `rules`, about the members of these names (null: about something that is no member). */
interface Claim {
  readonly rules: readonly string[];
  readonly about: readonly (string | null)[];
}

const isTrue = (claim: Claim | undefined, expected: Expected): boolean =>
  claim?.rules.some((rule) => expected.causes.has(rule)) ?? false;

const memberScore = (first: Claim | undefined, expected: Expected, targets: readonly string[]): boolean | null => {
  if (expected.subject === 'any' || targets.length === 0 || expected.causes.size === 0) return null;
  if (first === undefined) return expected.quiet ? null : false;
  return (
    first.about.some((name) => name !== null && targets.includes(name)) &&
    first.about.every((name) => name === null || targets.includes(name))
  );
};

/** Whether somebody should be called: null where the truth lets both pass. */
const alarmWanted = (verdicts: readonly VerdictKind[]): boolean | null => {
  const urgent = verdicts.filter((kind) => kind === 'intervene-now' || kind === 'investigate').length;
  if (urgent === verdicts.length) return true;
  return verdicts.every((kind) => kind === 'healthy') ? false : null;
};

const alarmScore = (expected: Expected, alarmed: boolean): boolean | null => {
  const wanted = alarmWanted(expected.verdict);
  return wanted === null ? null : wanted === alarmed;
};

const host = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .replace(/:\d+$/, '');

/** `10.0.0.1` of `endpoint-10.0.0.1_2379`. */
const addressOf = (id: string): string => id.replace(/^endpoint-/, '').replace(/_\d+$/, '');

/** Members a subject stands for; null for the cluster and for what is nobody's. */
const membersOf = (subject: ReportSubject, report: Report, against: Against): readonly (string | null)[] => {
  const nameOf = (id: string, name: string): string =>
    name !== ''
      ? name
      : (against.members?.find((each) => each.id === id || each.address === addressOf(id))?.name ?? id);
  const named = (list: Report['members']): readonly (string | null)[] => {
    const names = list.map(({ id, name }) => nameOf(id, name));
    const hit = names.filter((name) => against.targets.includes(name));
    // A host is one subject, however many members share it.
    return hit.length > 0 ? hit : names.length > 0 ? names : [null];
  };
  switch (subject.kind) {
    case 'member':
      return [nameOf(subject.id, subject.name ?? report.members.find(({ id }) => id === subject.id)?.name ?? '')];
    case 'host':
      return named(report.members.filter((member) => member.host === subject.id));
    case 'endpoint': {
      const own = report.members.find(({ id }) => id === subject.id);
      if (own !== undefined) return [nameOf(own.id, own.name)];
      const address = addressOf(subject.id);
      return named(report.members.filter(({ endpoint }) => endpoint !== undefined && host(endpoint) === address));
    }
    case 'cluster':
      return [null];
  }
};

const subjectText = (subject: ReportSubject, report: Report, against: Against): string[] =>
  membersOf(subject, report, against).map((name) =>
    name !== null && subject.kind === 'member' ? name : `${subject.kind}:${subject.name ?? subject.id}`,
  );

const subjectsOf = (finding: ReportFinding, report: Report, against: Against): string[] => [
  ...new Set(finding.subjects.flatMap((subject) => subjectText(subject, report, against))),
];

const serious: ReadonlySet<string> = new Set(['critical', 'high', 'warning']);

/** Findings of severity warning or above that neither the truth nor the lab itself supports, each once. */
export const falseAlarmsOf = (report: Report, against: Against): FalseAlarm[] => {
  const { truth } = against;
  const supported = new Set([
    ...expectedOf(against).causes,
    ...Object.keys(truth.also ?? {}),
    ...(against.machine ?? []),
  ]);
  const { causes, symptoms, risks } = report.diagnosis;
  return [...causes, ...symptoms, ...risks]
    .filter(({ rule, severity }) => serious.has(severity) && !supported.has(rule))
    .filter(({ rule, role }) => !trueEverywhere().some((each) => each.rule === rule && each.roles.includes(role)))
    .map((finding) => ({
      rule: finding.rule,
      role: finding.role,
      severity: finding.severity,
      subjects: subjectsOf(finding, report, against),
    }));
};

export interface Scored {
  readonly said: Said | null;
  readonly scores: Scores;
  readonly falseAlarms: readonly FalseAlarm[];
}

const scoresOf = (
  claims: readonly Claim[],
  expected: Expected,
  targets: readonly string[],
  quiet: boolean,
): Omit<Scores, 'verdict' | 'alarm'> => {
  const silentAndRight = expected.quiet && quiet;
  return {
    top1: silentAndRight || isTrue(claims[0], expected),
    top3: silentAndRight || claims.slice(0, 3).some((claim) => isTrue(claim, expected)),
    member: memberScore(quiet ? undefined : claims[0], expected, targets),
    safe: quiet || isTrue(claims[0], expected),
  };
};

/** Scores a report; `null` (none was written) is wrong in everything that applies. Pure. */
export const score = (report: Report | null, against: Against): Scored => {
  const expected = expectedOf(against);
  if (report === null) {
    const member = memberScore(undefined, { ...expected, quiet: false }, against.targets);
    return {
      said: null,
      scores: { top1: false, top3: false, member, verdict: false, alarm: false, safe: false },
      falseAlarms: [],
    };
  }
  const named = report.diagnosis.causes;
  // What the machine itself suffered from is neither the answer nor in its way.
  const ofMachine = ({ rule }: ReportFinding): boolean =>
    (against.machine ?? []).includes(rule) && !expected.causes.has(rule);
  const causes = named.filter((cause) => !ofMachine(cause));
  const disturbed = named[0] !== undefined && ofMachine(named[0]);
  const claims = causes.map(
    (cause): Claim => ({
      rules: [cause.rule],
      about: cause.subjects.flatMap((subject) => membersOf(subject, report, against)),
    }),
  );
  const { kind } = report.verdict;
  const whole = against.truth.causes.includes(causes[0]?.rule ?? '') && against.truth.verdict.includes(kind);
  return {
    said: {
      verdict: kind,
      causes: named.map((cause) => ({
        rule: cause.rule,
        severity: cause.severity,
        confidence: cause.confidence.level,
        subjects: subjectsOf(cause, report, against),
      })),
    },
    scores: {
      ...scoresOf(claims, expected, against.targets, causes.length === 0),
      verdict: disturbed ? null : expected.verdict.includes(kind) || whole,
      alarm: disturbed ? null : alarmScore(expected, kind === 'intervene-now' || kind === 'investigate'),
    },
    falseAlarms: falseAlarmsOf(report, against),
  };
};

/** Scores what a plain alternative says by the same measure; a suspect that leaves several causes open is right if one of them is. */
export const scoreBaseline = (answer: BaselineAnswer, against: Against): BaselineRecord => {
  const expected = expectedOf(against);
  const claims = answer.suspects.map(({ rules, members }): Claim => ({ rules, about: members }));
  // Suspects it alarms nobody for count in its favour where there is a cause, and not against it where there is none.
  const quiet = expected.quiet ? !answer.alarmed : claims.length === 0;
  return {
    suspects: answer.suspects,
    alarmed: answer.alarmed,
    healthy: answer.healthy,
    scores: {
      ...scoresOf(claims, expected, against.targets, quiet),
      verdict: null,
      alarm: alarmScore(expected, answer.alarmed),
    },
  };
};

/** What every alternative makes of the same evidence, scored. */
export const scoreBaselines = (input: Case, against: Against): ScoredRun['baselines'] =>
  Object.fromEntries(baselines.map(({ id, judge }) => [id, scoreBaseline(judge(input), against)]));
