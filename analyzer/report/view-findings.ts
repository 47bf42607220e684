import type { ReportEvidence, ReportFinding, ReportStep } from '../../schemas/index.js';
import { glued, listed, NONE, percent, sentence, words } from './format.js';
import type { Names } from './names.js';
import { type MergedSources, mergeSources } from './sources.js';

/** Colour by meaning: broken, cost or risk, fine, nothing. Always beside a word, never alone. */
export type Tone = 'bad' | 'warn' | 'good' | 'plain';

export interface EvidenceView {
  /** Sign in the margin and the word a screen reader says for it. */
  readonly sign: string;
  readonly signWord: string;
  readonly tone: Tone;
  readonly text: string;
  readonly who: string;
  readonly observed: string;
  /** The observed value for its column: the number, and what stands behind it in brackets. */
  readonly value: string;
  readonly aside: string;
  /** A value too long for its column: stands under the text instead. */
  readonly long: boolean;
  readonly limit: string;
  /** Nothing to show: left out where cells stand under each other. */
  readonly noValue: boolean;
  readonly noLimit: boolean;
  /** A limit in words, which may wrap anywhere. */
  readonly limitWraps: boolean;
  readonly limitSource: string;
  readonly answer: string;
  readonly sources: MergedSources;
}

export interface StepView {
  readonly text: string;
  readonly tag: string;
  readonly tone: Tone;
  readonly command: string;
  /** As whom and where the command runs; empty when that is plain. */
  readonly identity: string;
}

export interface FindingView {
  /** Place among the causes; 0 for what is not ranked. */
  readonly rank: number;
  readonly rule: string;
  readonly title: string;
  readonly message: string;
  readonly role: string;
  readonly roleTone: Tone;
  readonly severity: string;
  readonly past: boolean;
  readonly subjects: string;
  readonly subjectsFull: string;
  readonly confidence: string;
  readonly score: string;
  /** Four segments of the meter, true = filled. */
  readonly meter: readonly boolean[];
  /** Shown at once: what was seen for it and all that stands against it. */
  readonly evidence: readonly EvidenceView[];
  /** Folded: further supporting pieces, and what was not seen or of which not enough was. */
  readonly furtherEvidence: readonly EvidenceView[];
  readonly nothingAgainst: boolean;
  readonly explains: readonly { readonly title: string; readonly message: string; readonly subjects: string }[];
  /** Their titles, with whom where that is someone else. */
  readonly explainsText: string;
  /** Whole places of the pieces whose table cell says less. */
  readonly places: readonly { readonly text: string; readonly places: MergedSources['places'] }[];
  readonly alternatives: readonly { readonly title: string; readonly why: string }[];
  readonly wouldDisprove: readonly string[];
  readonly nextEvidence: readonly { readonly what: string; readonly command: string }[];
  readonly remedy: readonly StepView[];
  readonly doNot: readonly string[];
  readonly owner: string;
  readonly why: string;
}

/** Pieces shown before the rest is folded; what contradicts is never folded, and some that support stand beside it. */
const SHOWN_EVIDENCE = 6;
const SHOWN_FOR_MIN = 3;

/** Longest observed value, in characters, that stands in its own column: a number with its unit, and prose. */
const COLUMN_MAX = 20;
const COLUMN_MAX_PROSE = 18;

/** `121 ms (mean of 82)`. */
const ASIDE = /^([<>≥≤~]?\s?\d[^()]{0,17}) \(([^()]{1,22})\)$/;

const SHOWN_EXPLAINED = 3;

const steps: Record<ReportStep['tag'], { tag: string; tone: Tone }> = {
  'read-only': { tag: 'read-only', tone: 'good' },
  'brief-interruption': { tag: 'brief interruption', tone: 'warn' },
  restarts: { tag: 'restarts', tone: 'warn' },
  disruptive: { tag: 'disruptive', tone: 'bad' },
  destructive: { tag: 'destructive', tone: 'bad' },
};

export const owners: Record<ReportFinding['owner'], string> = {
  operator: 'you, the etcd operator',
  infrastructure: 'infrastructure team',
  platform: 'platform team',
  vendor: 'vendor',
  application: 'application team',
};

const roleTones: Record<ReportFinding['role'], Tone> = { cause: 'bad', symptom: 'warn', risk: 'warn', notice: 'plain' };

export const stepView = (step: ReportStep): StepView => ({
  text: step.text,
  ...steps[step.tag],
  command: step.command ?? '',
  identity: step.identity ?? '',
});

const signOf = (item: ReportEvidence, against: boolean): { sign: string; signWord: string; tone: Tone } => {
  if (item.state === 'unknown') return { sign: '?', signWord: 'not enough was seen to tell', tone: 'plain' };
  if (against) {
    return item.state === 'present'
      ? { sign: '−', signWord: 'against', tone: 'bad' }
      : { sign: '+', signWord: 'would speak against it, not seen', tone: 'good' };
  }
  return item.state === 'present'
    ? { sign: '+', signWord: 'for', tone: 'good' }
    : { sign: '○', signWord: 'expected, not seen', tone: 'warn' };
};

const shown = (value: string | undefined): string => (value === undefined || value === '' ? NONE : value);

const evidenceView = (item: ReportEvidence, against: boolean, names: Names, alone: boolean): EvidenceView => {
  const who = item.subject === undefined ? '' : names.subject(item.subject).label;
  const observed = glued(shown(item.observed));
  const split = ASIDE.exec(observed);
  return {
    ...signOf(item, against),
    text: glued(item.text),
    who: alone || item.text.includes(who) ? '' : who,
    observed,
    value: split?.[1] ?? observed,
    aside: split?.[2] ?? '',
    long: split === null && observed.length > (/^\D?\d/.test(observed) ? COLUMN_MAX : COLUMN_MAX_PROSE),
    limit: glued(shown(item.limit)),
    noValue: observed === NONE,
    noLimit: shown(item.limit) === NONE,
    limitWraps: shown(item.limit).length > COLUMN_MAX,
    limitSource: item.limitSource ?? '',
    answer: glued(item.answer ?? ''),
    sources: mergeSources(item.source, names),
  };
};

const subjectsText = (subjects: ReportFinding['subjects'], names: Names): string => {
  const labels = [...new Set(subjects.map((subject) => names.subject(subject).label))];
  return labels.length > 6 ? `${labels.slice(0, 5).join(', ')} and ${labels.length - 5} more` : listed(labels);
};

const explainsText = (finding: ReportFinding, names: Names): string => {
  const own = subjectsText(finding.subjects, names);
  const titles = finding.explains.map((item) => {
    const whom = subjectsText(item.subjects, names);
    return whom === '' || whom === own ? item.title : `${item.title} (${whom})`;
  });
  const all = [...new Set(titles)];
  const more = all.length - SHOWN_EXPLAINED;
  return `${all.slice(0, SHOWN_EXPLAINED).join('; ')}${more > 0 ? `; +${more} more` : ''}`;
};

/** Strong before weak, keeping the order in which the rule gave them. */
const byWeight = (items: readonly ReportEvidence[]): ReportEvidence[] =>
  [...items].sort((a, b) => Number(b.weight === 'necessary') - Number(a.weight === 'necessary'));

export const findingView = (finding: ReportFinding, rank: number, names: Names): FindingView => {
  const alone = finding.subjects.length === 1;
  const present = byWeight(finding.evidence.filter((item) => item.state === 'present'));
  const notSeen = finding.evidence.filter((item) => item.state !== 'present');
  const against = finding.contradictedBy.filter((item) => item.state === 'present');
  const notAgainst = finding.contradictedBy.filter((item) => item.state !== 'present');
  const view = (items: readonly ReportEvidence[], isAgainst: boolean) =>
    items.map((item) => evidenceView(item, isAgainst, names, alone));
  const shownFor = Math.max(SHOWN_FOR_MIN, SHOWN_EVIDENCE - against.length);
  const evidence = [...view(present.slice(0, shownFor), false), ...view(against, true)];
  const furtherEvidence = [...view(present.slice(shownFor), false), ...view(notSeen, false), ...view(notAgainst, true)];
  const filled = Math.max(1, Math.min(4, Math.round(finding.confidence.score * 4)));
  return {
    rank,
    rule: finding.rule,
    title: finding.title,
    message: glued(finding.message),
    role: finding.role,
    roleTone: roleTones[finding.role],
    severity: finding.severity,
    past: finding.when === 'past',
    subjects: subjectsText(finding.subjects, names),
    subjectsFull: finding.subjects
      .slice(0, 20)
      .map((subject) => names.subject(subject).full)
      .join(', '),
    confidence: finding.confidence.level,
    score: percent(finding.confidence.score * 100),
    meter: [1, 2, 3, 4].map((step) => step <= filled),
    evidence,
    furtherEvidence,
    places: [...evidence, ...furtherEvidence]
      .filter((item) => item.sources.cut)
      .map((item) => ({ text: item.text, places: item.sources.places })),
    nothingAgainst: against.length === 0 && present.length > 0,
    explains: finding.explains.map((item) => ({
      title: item.title,
      message: item.message,
      subjects: subjectsText(item.subjects, names),
    })),
    explainsText: explainsText(finding, names),
    alternatives: finding.alternatives.map(({ title, why }) => ({ title, why })),
    wouldDisprove: finding.wouldDisprove.map(glued),
    nextEvidence: finding.nextEvidence.map(({ what, command }) => ({ what, command: command ?? '' })),
    remedy: finding.remedy.map(stepView),
    doNot: finding.doNot,
    owner: owners[finding.owner] ?? words(finding.owner),
    why: sentence(finding.why),
  };
};

const plainWords = (text: string): string =>
  glued(text)
    .replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .trim();

/** The finding without its message where the text above it has said the same. */
export const unrepeated = (finding: FindingView, said: string): FindingView =>
  plainWords(said).includes(plainWords(finding.message)) ? { ...finding, message: '' } : finding;
