import { hasLabels, type Sample, type Scrape } from './parse.js';

/** A cumulative histogram; bounds and sum in milliseconds, whatever the metric's own unit. */
export interface Histogram {
  /** Finite upper bounds, ascending, ms. */
  readonly boundsMs: readonly number[];
  /** Observations at or below each bound; one more entry than `boundsMs`, the last is the total (+Inf). */
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

/** A percentile as the bucket it lies in: `loMs < p <= hiMs`; `hiMs` null = beyond the last finite bound. */
export interface Percentile {
  readonly loMs: number;
  readonly hiMs: number | null;
  /** Observations the percentile rests on. */
  readonly count: number;
}

/** A share 0..1 as far as the buckets prove it: equal ends when the bound is a bucket bound. */
export interface ShareRange {
  readonly atLeast: number;
  readonly atMost: number;
  readonly count: number;
}

/** A family has at most this many bounds here; etcd's largest has 24. */
const maxBounds = 1000;

/**
 * Reads histogram `name` (without `_bucket`) from a scrape, added up over all series with `labels`.
 * `unit` is the unit of the metric. Undefined when it is absent or makes no sense (no total, descending counts).
 */
export const readHistogram = (
  scrape: Scrape,
  name: string,
  options: { labels?: Readonly<Record<string, string>>; unit?: 's' | 'ms' } = {},
): Histogram | undefined => {
  const labels = options.labels ?? {};
  const factor = options.unit === 'ms' ? 1 : 1000;
  const byBound = new Map<number, number>();
  for (const sample of scrape.samples(`${name}_bucket`)) {
    if (!hasLabels(sample, labels)) continue;
    const bound = boundOf(sample);
    if (Number.isNaN(bound) || !(sample.value >= 0) || byBound.size > maxBounds) return undefined;
    byBound.set(bound, (byBound.get(bound) ?? 0) + sample.value);
  }
  const total = byBound.get(Number.POSITIVE_INFINITY) ?? seriesSum(scrape, `${name}_count`, labels);
  if (total === undefined || byBound.size === 0) return undefined;
  const bounds = [...byBound.keys()].filter(Number.isFinite).sort((a, b) => a - b);
  const cumulative = [...bounds.map((bound) => byBound.get(bound) ?? 0), total];
  if (cumulative.some((count, i) => i > 0 && count < (cumulative[i - 1] ?? 0))) return undefined;
  return {
    boundsMs: bounds.map((bound) => tidy(bound * factor)),
    cumulative,
    count: total,
    sumMs: (seriesSum(scrape, `${name}_sum`, labels) ?? Number.NaN) * factor,
  };
};

const boundOf = (sample: Sample): number => {
  const le = sample.labels.le;
  if (le === '+Inf' || le === 'Inf') return Number.POSITIVE_INFINITY;
  return le === undefined || le.trim() === '' ? Number.NaN : Number(le);
};

const seriesSum = (scrape: Scrape, name: string, labels: Readonly<Record<string, string>>): number | undefined => {
  let sum: number | undefined;
  for (const sample of scrape.samples(name)) if (hasLabels(sample, labels)) sum = (sum ?? 0) + sample.value;
  return sum;
};

/** 0.001 x 2^n in seconds times 1000 leaves noise in the last digits (4.096000000000001). */
const tidy = (value: number): number => Number(value.toPrecision(12));

/**
 * Observations between two scrapes of one process, the earlier first. `undefined` after a counter reset (any bucket went
 * down) or when the bounds differ (another version): such a pair has no difference, never a negative one.
 */
export const histogramDelta = (first: Histogram, last: Histogram): Histogram | undefined => {
  if (!sameBounds(first, last)) return undefined;
  const cumulative = last.cumulative.map((count, i) => count - (first.cumulative[i] ?? 0));
  if (cumulative.some((count, i) => count < 0 || (i > 0 && count < (cumulative[i - 1] ?? 0)))) return undefined;
  return {
    boundsMs: last.boundsMs,
    cumulative,
    count: last.count - first.count,
    sumMs: Math.max(0, last.sumMs - first.sumMs),
  };
};

const sameBounds = (a: Histogram, b: Histogram): boolean =>
  a.boundsMs.length === b.boundsMs.length && a.boundsMs.every((bound, i) => bound === b.boundsMs[i]);

/** Adds histograms with equal bounds; undefined for none, or when the bounds differ. */
export const mergeHistograms = (list: readonly Histogram[]): Histogram | undefined => {
  const [head, ...rest] = list;
  if (head === undefined) return undefined;
  let sum = head;
  for (const next of rest) {
    if (!sameBounds(sum, next)) return undefined;
    const so = sum;
    sum = {
      boundsMs: so.boundsMs,
      cumulative: so.cumulative.map((count, i) => count + (next.cumulative[i] ?? 0)),
      count: so.count + next.count,
      sumMs: so.sumMs + next.sumMs,
    };
  }
  return sum;
};

/** The bucket that holds the `q`-quantile (0 < q <= 1), by rank; null without observations. */
export const percentile = (histogram: Histogram, q: number): Percentile | null => {
  const { boundsMs, cumulative, count } = histogram;
  if (count <= 0) return null;
  // Rounded first: 0.99 x 100 is 99.00000000000001 in some orders of evaluation, which would be rank 100.
  const rank = Math.max(1, Math.ceil(tidy(q * count)));
  const at = cumulative.findIndex((below) => below >= rank);
  const bucket = at === -1 ? boundsMs.length : at;
  return { loMs: boundsMs[bucket - 1] ?? 0, hiMs: boundsMs[bucket] ?? null, count };
};

/** Share of observations above `boundMs`, as an interval when the bound lies inside a bucket; null without observations. */
export const shareAbove = (histogram: Histogram, boundMs: number): ShareRange | null => {
  const { boundsMs, cumulative, count } = histogram;
  if (count <= 0) return null;
  // First bucket bound at or above the asked one: all observations beyond it are certainly above.
  const upper = boundsMs.findIndex((bound) => bound >= boundMs * (1 - 1e-9));
  const certainlyAbove = upper === -1 ? 0 : count - (cumulative[upper] ?? 0);
  const exact = upper !== -1 && Math.abs((boundsMs[upper] ?? 0) - boundMs) <= boundMs * 1e-9;
  const lower = (upper === -1 ? boundsMs.length : upper) - 1;
  const perhapsAbove = exact ? certainlyAbove : count - (lower < 0 ? 0 : (cumulative[lower] ?? 0));
  return { atLeast: certainlyAbove / count, atMost: perhapsAbove / count, count };
};

/** Mean in ms; null without observations or without a sum. */
export const meanMs = (histogram: Histogram): number | null =>
  histogram.count > 0 && Number.isFinite(histogram.sumMs) ? histogram.sumMs / histogram.count : null;

/** Observations per bucket (not cumulative), `leMs` null for the last; what a chart draws. */
export const bucketsOf = (histogram: Histogram): { leMs: number | null; count: number }[] =>
  histogram.cumulative.map((count, i) => ({
    leMs: histogram.boundsMs[i] ?? null,
    count: count - (i === 0 ? 0 : (histogram.cumulative[i - 1] ?? 0)),
  }));
