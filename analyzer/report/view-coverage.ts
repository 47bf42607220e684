import type { Report } from '../../schemas/index.js';
import { count, milliseconds, plural, seconds, sentence, words } from './format.js';
import type { Names } from './names.js';
import type { Tone } from './view-findings.js';

export interface GapView {
  readonly what: string;
  readonly target: string;
  /** Whole ids of the target. */
  readonly targetFull: string;
  readonly state: string;
  readonly tone: Tone;
  readonly reason: string;
  readonly who: string;
  readonly command: string;
}

export interface OutcomeView {
  readonly rule: string;
  readonly title: string;
  readonly outcome: string;
  readonly tone: Tone;
  readonly coverage: string;
  readonly reason: string;
}

export interface CategoryView {
  readonly category: string;
  readonly summary: string;
  readonly outcomes: readonly OutcomeView[];
}

type Outcome = Report['outcomes'][number];

const outcomeTones: Record<Outcome['outcome'], Tone> = {
  pass: 'good',
  fail: 'warn',
  'not-applicable': 'plain',
  inconclusive: 'warn',
  error: 'warn',
};
const OUTCOME_ORDER: readonly Outcome['outcome'][] = ['fail', 'error', 'inconclusive', 'pass', 'not-applicable'];
const outcomeWords: Record<Outcome['outcome'], string> = {
  pass: 'passed',
  fail: 'finding',
  'not-applicable': 'not applicable',
  inconclusive: 'inconclusive',
  error: 'broke',
};

/** One target or several with commas between: short names, and whole ones. */
export const targetNames = (target: string, names: Names): { target: string; targetFull: string } => {
  const all = target.split(/,\s*/).map((part) => names.of(part));
  return { target: all.map(({ label }) => label).join(', '), targetFull: all.map(({ full }) => full).join(', ') };
};

const FAILED_STATES = new Set(['failed', 'timeout', 'unreachable']);

export const gapViews = (report: Report, names: Names): GapView[] =>
  report.coverage.gaps.map((gap) => ({
    what: gap.what,
    ...targetNames(gap.target, names),
    state: words(gap.state),
    tone: FAILED_STATES.has(gap.state) ? 'bad' : gap.state === 'denied' ? 'warn' : 'plain',
    reason: gap.reason,
    who: gap.who ?? '',
    command: gap.command ?? '',
  }));

/** `61 of 68 planned reads succeeded: 3 timeout, 4 denied.` */
export const coverageLine = (report: Report): string => {
  const { planned, states } = report.coverage;
  if (planned === 0) return 'The bundle holds no plan, so what is missing cannot be told.';
  const good = Object.entries(states).reduce((total, [state, n]) => (state === 'ok' ? total + n : total), 0);
  const rest = Object.entries(states)
    .filter(([state, n]) => state !== 'ok' && n > 0)
    .map(([state, n]) => `${count(n)} ${words(state)}`);
  const sum = Object.values(states).reduce((total, n) => total + n, 0);
  const lost = sum === planned ? '' : ` The states add up to ${count(sum)}: the inventory is not whole.`;
  return `${count(good)} of ${plural(planned, 'planned read')} succeeded${rest.length === 0 ? '' : `; ${rest.join(', ')}`}.${lost}`;
};

export const samplingLine = (report: Report): string => {
  const { rounds, windowSeconds, maxSkewMs } = report.coverage;
  if (rounds === 0) return 'Nothing was sampled.';
  if (rounds === 1) return 'One sampling round: no rates, only values since the processes started.';
  return `${plural(rounds, 'sampling round')} over ${seconds(windowSeconds)}; members were read at most ${milliseconds(maxSkewMs)} apart in a round.`;
};

const coverageText = ({ coverage }: Outcome): string =>
  coverage.total === 0 ? '' : `${coverage.observed} of ${coverage.total} ${coverage.unit}`;

/** Why a rule could not look at all, each reason once, with whom it is about. */
const reasonText = (outcome: Outcome, names: Names): string => {
  const whose = new Map<string, string[]>();
  for (const { subject, reason } of outcome.coverage.missing.slice(0, 6)) {
    const { label } = names.of(subject);
    whose.set(reason, [...(whose.get(reason) ?? []), label]);
  }
  const missing = [...whose]
    .filter(([reason]) => reason !== outcome.reason)
    .map(([reason, labels]) =>
      labels.every((label) => reason.includes(label)) ? reason : `${labels.join(', ')}: ${reason}`,
    );
  return [outcome.reason ?? '', ...missing].filter((part) => part !== '').join('; ');
};

/** `1 finding, 2 inconclusive, 12 passed` in a fixed order, trouble first unless `passedFirst`. */
export const tally = (outcomes: readonly Outcome[], passedFirst = false): string =>
  [...OUTCOME_ORDER]
    .sort((a, b) => (passedFirst ? Number(b === 'pass') - Number(a === 'pass') : 0))
    .map((kind) => ({ kind, n: outcomes.filter((item) => item.outcome === kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => `${count(n)} ${kind === 'fail' && n > 1 ? 'findings' : outcomeWords[kind]}`)
    .join(', ');

/** Rules by category, trouble first within each. */
export const categoryViews = (report: Report, names: Names): CategoryView[] => {
  const causes = new Set(report.diagnosis.causes.map((cause) => cause.rule));
  const categories = [...new Set(report.outcomes.map((outcome) => outcome.category))].sort((a, b) =>
    a.localeCompare(b, 'en'),
  );
  return categories.map((category) => {
    const own = report.outcomes.filter((outcome) => outcome.category === category);
    const sorted = [...own].sort(
      (a, b) =>
        OUTCOME_ORDER.indexOf(a.outcome) - OUTCOME_ORDER.indexOf(b.outcome) || a.rule.localeCompare(b.rule, 'en'),
    );
    return {
      category: sentence(words(category)),
      summary: tally(own, report.verdict.kind === 'healthy'),
      outcomes: sorted.map((outcome) => ({
        rule: outcome.rule,
        title: outcome.title,
        outcome: outcomeWords[outcome.outcome],
        tone: causes.has(outcome.rule) ? 'bad' : outcomeTones[outcome.outcome],
        coverage: coverageText(outcome),
        reason: reasonText(outcome, names),
      })),
    };
  });
};
