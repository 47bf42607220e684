import type { Diff, DiffChange } from '../../schemas/index.js';
import { instant, listed, plural, seconds, sentence } from './format.js';
import type { Names } from './names.js';
import type { Tone } from './view-findings.js';

export interface ChangeView {
  readonly weight: string;
  readonly tone: Tone;
  readonly title: string;
  readonly who: string;
  readonly text: string;
  readonly before: string;
  readonly after: string;
  /** Empty when no test decided it. */
  readonly test: string;
}

/** A comparison as finished strings: the section of a report, and the body of a diff. */
export interface ComparisonView {
  readonly headline: string;
  readonly tone: Tone;
  /** What was compared with what. */
  readonly sides: readonly string[];
  readonly notes: readonly string[];
  readonly changes: readonly ChangeView[];
  readonly minor: readonly ChangeView[];
  readonly equalLine: string;
  readonly members: readonly { readonly name: string; readonly status: string; readonly process: string }[];
  readonly notCompared: readonly { readonly what: string; readonly reason: string }[];
  readonly methods: Diff['methods'];
  readonly limits: Diff['limits'];
}

const areaNames: Readonly<Record<DiffChange['area'], string>> = {
  finding: 'findings',
  membership: 'facts of membership',
  version: 'versions',
  configuration: 'settings',
  latency: 'latencies',
  load: 'rates and counts',
  size: 'sizes',
  host: 'host facts',
  certificate: 'certificates',
  log: 'log signatures',
};

const tests: Readonly<Record<NonNullable<DiffChange['statistics']>['test'], string>> = {
  'mann-whitney': 'Mann-Whitney',
  newcombe: 'Newcombe',
  'poisson-rates': 'Poisson rates',
};

const toneOf = ({ significance, direction }: DiffChange): Tone =>
  direction === 'better' ? 'good' : significance === 'high' ? 'bad' : significance === 'medium' ? 'warn' : 'plain';

const testOf = ({ statistics }: DiffChange): string => {
  if (statistics === undefined) return '';
  const p =
    statistics.p === null ? '' : `, p ${statistics.p < 0.0001 ? '< 0.0001' : `= ${statistics.p.toPrecision(1)}`}`;
  return `${tests[statistics.test]}${p}; ${statistics.effect}; n = ${statistics.counts.join(' and ')}`;
};

/** Areas whose sentence says no more than title, baseline and now do; what comes after its first semicolon does. */
const inColumns: ReadonlySet<DiffChange['area']> = new Set(['version', 'configuration', 'latency', 'load', 'host']);

const toldOf = ({ area, text }: DiffChange): string =>
  inColumns.has(area) ? sentence(text.split('; ').slice(1).join('; ')) : text;

const changeView = (change: DiffChange): ChangeView => ({
  weight: change.direction === 'better' ? 'better' : change.significance,
  tone: toneOf(change),
  title: change.title,
  who: listed(change.subjects.filter(({ kind }) => kind !== 'cluster').map(({ name }) => name)),
  text: toldOf(change),
  before: change.before ?? '',
  after: change.after ?? '',
  test: testOf(change),
});

const side = ({ files, from, verdict }: Diff['current'], what: string): string =>
  `${what}: ${listed(files)}, ${instant(from)}, verdict ${verdict}`;

const statuses: Readonly<Record<Diff['members'][number]['status'], string>> = {
  same: 'the same',
  replaced: 'replaced: another id in the same place',
  added: 'added',
  removed: 'removed',
};

const processes: Readonly<Record<Diff['members'][number]['process'], string>> = {
  same: 'the same process',
  restarted: 'another process: counters began anew',
  unknown: 'not known whether it is the same process',
};

/** Headline of a comparison: how much has changed, and what first. */
export const comparisonHeadline = (diff: Diff): string => {
  const relevant = diff.changes.filter(({ significance }) => significance !== 'info');
  const [first] = relevant;
  if (first === undefined) return 'Nothing relevant has changed';
  const who = changeView(first).who;
  return `${plural(relevant.length, 'relevant change')}, first: ${first.title}${who === '' ? '' : ` (${who})`}`;
};

export const comparisonView = (diff: Diff): ComparisonView => {
  const relevant = diff.changes.filter(({ significance }) => significance !== 'info');
  const equal = diff.compared.filter(({ unchanged }) => unchanged > 0);
  return {
    headline: comparisonHeadline(diff),
    tone: relevant.some((change) => toneOf(change) === 'bad') ? 'bad' : relevant.length > 0 ? 'warn' : 'good',
    sides: [
      ...diff.baseline.map((each) => side(each, 'Baseline')),
      side(diff.current, 'Now'),
      ...(diff.secondsBetween > 0 ? [`${seconds(diff.secondsBetween)} lie between them`] : []),
    ],
    notes: diff.notes,
    changes: relevant.map(changeView),
    minor: diff.changes.filter(({ significance }) => significance === 'info').map(changeView),
    equalLine:
      equal.length === 0
        ? 'Nothing was found equal.'
        : `Equal, or not provably different: ${listed(equal.map(({ area, unchanged }) => `${unchanged} ${areaNames[area]}`))}.`,
    members: diff.members.map(({ name, status, process, matchedBy }) => ({
      name,
      status:
        matchedBy === null || matchedBy === 'id' ? statuses[status] : `${statuses[status]}, matched by ${matchedBy}`,
      process: processes[process],
    })),
    notCompared: diff.notCompared.map(({ what, reason }) => ({ what: sentence(what), reason })),
    methods: diff.methods,
    limits: diff.limits,
  };
};

/** Names for pictures with the two sides in place of members: the baseline quiet, now in the colour of trouble. */
export const sideNames: Pick<Names, 'of'> = {
  of: (id) =>
    id === 'baseline' ? { label: 'baseline', full: 'baseline', hue: 7 } : { label: 'now', full: 'now', hue: 1 },
};
