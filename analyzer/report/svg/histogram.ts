import { count, milliseconds, range, significant } from '../format.js';
import type { Names } from '../names.js';
import { drawing, el, escapeXml } from './element.js';

/** One member's distribution; `count` is per bucket, not cumulative; `leMs` null is the bucket beyond the last bound. */
export interface Histogram {
  readonly member: string;
  readonly name: string;
  readonly basis: string;
  readonly buckets: readonly { readonly leMs: number | null; readonly count: number }[];
}

export interface HistogramPanel {
  readonly label: string;
  readonly full: string;
  readonly hue: number;
  readonly note: string;
  readonly svg: string;
}

const WIDTH = 320;
const HEIGHT = 128;
const TOP = 18;
const BASE = 104;
const FONT = 10;
/** etcd's histograms have 14 to 20 buckets; a bundle may claim any number. */
const MAX_BOUNDS = 40;
const MAX_BUCKETS = 200;

const total = (histogram: Histogram): number =>
  histogram.buckets.reduce((sum, bucket) => sum + Math.max(0, bucket.count), 0);
const bound = (leMs: number | null): number => leMs ?? Number.POSITIVE_INFINITY;

/** Upper bound as an axis label: `8`, `1s`, `∞`. */
const axisLabel = (leMs: number): string =>
  leMs === Number.POSITIVE_INFINITY ? '∞' : leMs >= 1000 ? `${Math.round(leMs / 1000)}s` : significant(leMs);

/** The bucket bounds that any member used, from 1 below the first observation or limit to 1 above the last. */
const axisOf = (histograms: readonly Histogram[], limitMs: number | null): number[] => {
  const bounds = [...new Set(histograms.flatMap((item) => item.buckets.map((bucket) => bound(bucket.leMs))))].sort(
    (a, b) => a - b,
  );
  const used = bounds.map((le) =>
    histograms.some((item) => item.buckets.some((bucket) => bound(bucket.leMs) === le && bucket.count > 0)),
  );
  const limitAt = limitMs === null ? -1 : bounds.findIndex((le) => le >= limitMs);
  const marks = [used.indexOf(true), used.lastIndexOf(true), limitAt].filter((index) => index >= 0);
  if (marks.length === 0) return bounds.slice(0, MAX_BOUNDS);
  return bounds.slice(Math.max(0, Math.min(...marks) - 1), Math.max(...marks) + 2).slice(0, MAX_BOUNDS);
};

/** Where a value lies on the ordinal axis, in bucket widths from the left. */
const positionOf = (axis: readonly number[], valueMs: number): number => {
  const index = axis.findIndex((le) => le >= valueMs);
  if (index < 0) return axis.length;
  const hi = axis[index] ?? valueMs;
  const lo = axis[index - 1] ?? 0;
  return index + (Number.isFinite(hi) && hi > lo ? (valueMs - lo) / (hi - lo) : 0.5);
};

/** What the picture says in a sentence: observations, where most lie, how many lie wholly beyond the limit. */
const describe = (histogram: Histogram, limitMs: number | null): string => {
  const all = total(histogram);
  if (all === 0) return 'No observation.';
  const sorted = [...histogram.buckets].sort((a, b) => bound(a.leMs) - bound(b.leMs));
  const top = sorted.reduce((best, bucket, index) => (bucket.count > (sorted[best]?.count ?? 0) ? index : best), 0);
  const most = `${count(all)} observations, most in ${range(sorted[top - 1]?.leMs ?? 0, sorted[top]?.leMs ?? null)}`;
  if (limitMs === null) return `${most}.`;
  const beyond = sorted
    .filter((_, index) => (sorted[index - 1]?.leMs ?? 0) >= limitMs)
    .reduce((sum, bucket) => sum + bucket.count, 0);
  return `${most}; ${significant((beyond / all) * 100)} % in buckets beyond the limit of ${milliseconds(limitMs)}.`;
};

const panel = (
  histogram: Histogram,
  axis: readonly number[],
  peak: number,
  limitMs: number | null,
  id: string,
  what: string,
  names: Names,
): HistogramPanel => {
  const name = names.of(histogram.member);
  const all = total(histogram);
  const step = WIDTH / Math.max(1, axis.length);
  const every = Math.ceil(axis.length / 14);
  const bars = axis.map((le, index) => {
    const own = histogram.buckets
      .filter((bucket) => bound(bucket.leMs) === le)
      .reduce((sum, bucket) => sum + bucket.count, 0);
    const height = all === 0 || own <= 0 ? 0 : Math.max(1.5, (own / all / peak) * (BASE - TOP));
    const bar =
      height === 0
        ? ''
        : el('rect', {
            class: 'bar',
            x: index * step + step * 0.1,
            y: BASE - height,
            width: step * 0.8,
            height,
            rx: 1.5,
          });
    const label =
      index % every === 0
        ? el(
            'text',
            { class: 'axis', x: index * step + step / 2, y: BASE + 15, 'text-anchor': 'middle', 'font-size': FONT },
            axisLabel(le),
          )
        : '';
    return bar + label;
  });
  const limitX = limitMs === null ? null : positionOf(axis, limitMs) * step;
  const late = limitX !== null && limitX > WIDTH - 60;
  const limit =
    limitMs === null || limitX === null
      ? ''
      : el('line', { class: 'limit', x1: limitX, x2: limitX, y1: 4, y2: BASE }) +
        el(
          'text',
          {
            class: 'limit-text',
            x: limitX + (late ? -4 : 4),
            y: 12,
            'text-anchor': late ? 'end' : 'start',
            'font-size': FONT + 1,
          },
          escapeXml(milliseconds(limitMs)),
        );
  return {
    label: name.label,
    full: name.full,
    hue: name.hue,
    note: `${all === 0 ? 'no observation' : `n ${count(all)}`}${histogram.basis === 'window' ? '' : ', since start'}`,
    svg: drawing(
      id,
      { width: WIDTH, height: HEIGHT },
      { title: `${what} of ${name.label}`, description: describe(histogram, limitMs) },
      el('line', { class: 'base', x1: 0, x2: WIDTH, y1: BASE, y2: BASE }),
      ...bars,
      limit,
    ),
  };
};

const MAX_PANELS = 16;

/** Small multiples on one scale: the same buckets and the same height for the same share of a member's observations. */
export const histogramPanels = (
  histograms: readonly Histogram[],
  limitMs: number | null,
  what: string,
  idPrefix: string,
  names: Names,
): HistogramPanel[] => {
  const shown = histograms
    .slice(0, MAX_PANELS)
    .map((item) => ({ ...item, buckets: item.buckets.slice(0, MAX_BUCKETS) }));
  const axis = axisOf(shown, limitMs);
  const peak = Math.max(
    0.01,
    ...shown.flatMap((histogram) => {
      const all = total(histogram);
      return all === 0 ? [] : histogram.buckets.map((bucket) => bucket.count / all);
    }),
  );
  return shown.map((histogram, index) => panel(histogram, axis, peak, limitMs, `${idPrefix}-${index}`, what, names));
};

/** Text twin of the panels, for Markdown and for those who do not see the picture. */
export const histogramRows = (histograms: readonly Histogram[], limitMs: number | null, names: Names) =>
  histograms.map((histogram) => ({
    label: names.of(histogram.member).label,
    basis: histogram.basis === 'window' ? 'window' : 'since start',
    text: describe(histogram, limitMs),
  }));
