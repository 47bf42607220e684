import type { Scrapes } from '../facts/values/member.js';
import { UsageError } from '../commands/flags.js';
import { histogramDelta, percentile, readHistogram } from '../metrics/histogram.js';
import type { Scrape } from '../metrics/parse.js';
import { nearest } from '../nearest.js';
import { labelOf, membersOf, type Shown, type ShowInput, type View } from './view.js';

interface Series {
  readonly member: string;
  readonly labels: string;
  readonly first: string;
  readonly last: string;
  /** Growth from the first to the last scrape of the process; null where a value is no number. */
  readonly delta: number | null;
  readonly perSecond: number | null;
}

const labelText = (labels: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}="${value ?? ''}"`)
    .sort()
    .join(',');

const seriesOf = (scrapes: Scrapes, member: string, name: string): readonly Series[] => {
  const before = new Map(scrapes.first.scrape.samples(name).map((sample) => [labelText(sample.labels), sample]));
  return scrapes.last.scrape.samples(name).map((sample) => {
    const labels = labelText(sample.labels);
    const first = before.get(labels);
    const delta = first === undefined || scrapes.window === null ? Number.NaN : sample.value - first.value;
    const known = Number.isFinite(delta);
    return {
      member,
      labels,
      first: first?.text ?? '',
      last: sample.text,
      delta: known ? delta : null,
      perSecond: known && scrapes.window !== null ? delta / scrapes.window.seconds : null,
    };
  });
};

const round = (value: number | null): string => (value === null ? '' : String(Math.round(value * 1000) / 1000));

const plain = (scrapes: readonly (readonly [string, Scrapes])[], name: string): Shown => {
  const rows = scrapes.flatMap(([member, each]) => seriesOf(each, member, name));
  return {
    titles: ['MEMBER', 'LABELS', 'FIRST', 'LAST', 'DELTA', 'PER SECOND'],
    rows: rows.map(({ member, labels, first, last, delta, perSecond }) => [
      member,
      labels,
      first,
      last,
      round(delta),
      round(perSecond),
    ]),
    json: rows,
    note: 'First and last scrape of the window; a counter that went down was reset.',
  };
};

/** A histogram: observations per bucket in the window and since the start; a percentile is the bucket that it lies in. */
const buckets = (scrapes: readonly (readonly [string, Scrapes])[], name: string): Shown => {
  const unit = name.endsWith('_seconds') ? ('s' as const) : ('ms' as const);
  const all = scrapes.flatMap(([member, { first, last, window }]) => {
    const whole = readHistogram(last.scrape, name, { unit });
    const start = readHistogram(first.scrape, name, { unit });
    if (whole === undefined) return [];
    const inWindow = window === null || start === undefined ? undefined : histogramDelta(start, whole);
    return [{ member, whole, inWindow }];
  });
  const title = unit === 's' ? 'UP TO MS' : 'UP TO';
  const rows = all.flatMap(({ member, whole, inWindow }) =>
    whole.cumulative.flatMap((count, at) => {
      const own = count - (whole.cumulative[at - 1] ?? 0);
      const recent =
        inWindow === undefined ? undefined : (inWindow.cumulative[at] ?? 0) - (inWindow.cumulative[at - 1] ?? 0);
      return own === 0
        ? []
        : [[member, String(whole.boundsMs[at] ?? '+Inf'), recent === undefined ? '' : String(recent), String(own)]];
    }),
  );
  const note = all
    .map(({ member, whole, inWindow }) => {
      const best = inWindow !== undefined && inWindow.count > 0 ? inWindow : whole;
      const p99 = percentile(best, 0.99);
      return p99 === undefined || p99 === null
        ? ''
        : `${member}: p99 ${best === whole ? 'since the start' : 'in the window'} above ${p99.loMs}${p99.hiMs === null ? '' : `, at most ${p99.hiMs}`}${unit === 's' ? ' ms' : ''} (${best.count} observations)`;
    })
    .filter((text) => text !== '')
    .join('\n');
  return {
    titles: ['MEMBER', title, 'IN WINDOW', 'SINCE START'],
    rows,
    json: all.map(({ member, whole, inWindow }) => ({ member, sinceStart: whole, inWindow: inWindow ?? null })),
    note,
  };
};

const scrapesOf = (input: ShowInput): readonly (readonly [string, Scrapes])[] =>
  membersOf(input).flatMap((member) => {
    const seen = input.facts.member(member.id, 'scrapes');
    return seen.ok ? [[labelOf(member), seen.value] as const] : [];
  });

const familyOf = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

/** One metric of every member; without a name, the names there are. Throws `UsageError` for a name that no scrape has. */
export const metrics: View = (input) => {
  const scrapes = scrapesOf(input);
  const has = (test: (scrape: Scrape) => boolean): boolean => scrapes.some(([, { last }]) => test(last.scrape));
  const { name } = input;
  const names = [...new Set(scrapes.flatMap(([, { last }]) => last.scrape.names.map(familyOf)))].sort();
  if (name === undefined) return { titles: ['METRIC'], rows: names.map((each) => [each]), json: names };
  if (has((scrape) => scrape.has(`${name}_bucket`))) return buckets(scrapes, name);
  if (has((scrape) => scrape.has(name))) return plain(scrapes, name);
  const near = nearest(
    name.replaceAll('_', '-'),
    names.map((each) => each.replaceAll('_', '-')),
  );
  throw new UsageError(
    `No scrape has a metric ${JSON.stringify(name)}.${near.length > 0 ? ` Near it: ${near.map((each) => each.replaceAll('-', '_')).join(', ')}.` : ''}`,
  );
};
