import type { LatencyAttempt } from '../../schemas/index.js';
import { absent, type FactContext, type Observed, observed, type Source } from '../fact.js';
import { type Histogram, histogramDelta, meanMs, percentile, readHistogram } from '../metrics/histogram.js';
import { hasLabels, type Scrape, sumOf } from '../metrics/parse.js';
import { because, nameOf, unique } from './access.js';
import type { AttemptStats, Basis, Counter, Gauge, Latency, LatencyView, Scrapes } from './values/index.js';

type Labels = Readonly<Record<string, string>>;

/** Sources of a metric: the first and last scrape of the process. */
export const metricSource = (scrapes: Scrapes, ...names: readonly string[]): readonly Source[] =>
  [scrapes.first, scrapes.last]
    .filter((round, i) => i === 0 || round !== scrapes.first)
    .flatMap((round) =>
      names.map((pointer) => ({ artifact: 'metrics', path: round.path, pointer, bundle: round.bundleId })),
    );

/** Whether a counter went down, or away, between two scrapes of one collector. Those of several stand in the order of their clocks, which differ. */
const wentDown = (scrapes: Scrapes, values: readonly (number | undefined)[]): boolean => {
  const before = new Map<string, number>();
  return scrapes.rounds.some(({ bundleId }, i) => {
    const value = values[i];
    const earlier = before.get(bundleId);
    if (value !== undefined) before.set(bundleId, value);
    return earlier !== undefined && (value === undefined || value < earlier);
  });
};

/**
 * A counter over the scrapes of one process, added up over its series with `labels`.
 * A labelled series that appears between two scrapes started at 0. Null when the last scrape does not have it.
 */
export const counterOf = (scrapes: Scrapes, name: string, labels: Labels = {}): Counter | null => {
  const last = sumOf(scrapes.last.scrape, name, labels);
  if (last === undefined || !Number.isFinite(last)) return null;
  const seen = scrapes.rounds.map((round) => sumOf(round.scrape, name, labels));
  const appears = seen.findIndex((value) => value !== undefined);
  const values = seen.map((value, i) => value ?? (i < appears ? 0 : undefined));
  const reset = wentDown(scrapes, values);
  const usable = scrapes.window !== null && !reset && !scrapes.first.scrape.truncated;
  const known = values.filter((value) => value !== undefined);
  const delta = usable ? Math.max(...known) - Math.min(...known) : null;
  const uptime = scrapes.uptimeSeconds;
  return {
    delta,
    perSecond: delta === null || scrapes.window === null ? null : delta / scrapes.window.seconds,
    sinceStart: last,
    perSecondSinceStart: uptime === null || uptime <= 0 ? null : last / uptime,
    reset,
  };
};

/** Adds counters of the same process; a sum with an unknown part is unknown. Null for none. */
export const addCounters = (list: readonly Counter[]): Counter | null => {
  if (list.length === 0) return null;
  const sum = (pick: (counter: Counter) => number | null): number | null =>
    list.reduce<number | null>((total, counter) => {
      const value = pick(counter);
      return total === null || value === null ? null : total + value;
    }, 0);
  return {
    delta: sum((counter) => counter.delta),
    perSecond: sum((counter) => counter.perSecond),
    sinceStart: sum((counter) => counter.sinceStart) ?? 0,
    perSecondSinceStart: sum((counter) => counter.perSecondSinceStart),
    reset: list.some((counter) => counter.reset),
  };
};

export const gaugeFrom = (series: readonly { readonly at: number; readonly value: number }[]): Gauge | null => {
  const finite = series.filter((point) => Number.isFinite(point.value));
  const first = finite[0];
  const last = finite.at(-1);
  if (first === undefined || last === undefined) return null;
  const values = finite.map((point) => point.value);
  return { first: first.value, last: last.value, min: Math.min(...values), max: Math.max(...values), series: finite };
};

/** A gauge over the scrapes of one process; null when no scrape has it. */
export const gaugeOf = (scrapes: Scrapes, name: string, labels: Labels = {}): Gauge | null =>
  gaugeFrom(
    scrapes.rounds.flatMap((round) => {
      const value = sumOf(round.scrape, name, labels);
      return value === undefined ? [] : [{ at: round.at, value }];
    }),
  );

/** One view of a histogram; `seconds` is the time it was gathered in. */
export const viewOf = (histogram: Histogram, basis: Basis, seconds: number | null): LatencyView => ({
  basis,
  histogram,
  count: histogram.count,
  p50: percentile(histogram, 0.5),
  p90: percentile(histogram, 0.9),
  p99: percentile(histogram, 0.99),
  meanMs: meanMs(histogram),
  perSecond: seconds === null || seconds <= 0 ? null : histogram.count / seconds,
});

const zeroLike = (histogram: Histogram): Histogram => ({
  boundsMs: histogram.boundsMs,
  cumulative: histogram.cumulative.map(() => 0),
  count: 0,
  sumMs: 0,
});

/** A histogram metric of one process in both views; null when the last scrape does not have it whole. */
export const latencyOf = (
  scrapes: Scrapes,
  metric: string,
  options: { labels?: Labels; unit?: 's' | 'ms' } = {},
): Latency | null => {
  const last = readHistogram(scrapes.last.scrape, metric, options);
  if (last === undefined) return null;
  const sinceStart = viewOf(last, 'since-start', scrapes.uptimeSeconds);
  let delta: Histogram | undefined;
  if (scrapes.window !== null && !scrapes.first.scrape.truncated) {
    const first = scrapes.first.scrape.has(`${metric}_bucket`)
      ? readHistogram(scrapes.first.scrape, metric, options)
      : undefined;
    const appeared = first === undefined && !hasSeries(scrapes.first.scrape, `${metric}_bucket`, options.labels ?? {});
    const base = first ?? (appeared ? zeroLike(last) : undefined);
    delta = base === undefined ? undefined : histogramDelta(base, last);
  }
  const window = delta === undefined ? null : viewOf(delta, 'window', scrapes.window?.seconds ?? null);
  return { metric, window, sinceStart, best: window !== null && window.count > 0 ? window : sinceStart };
};

const hasSeries = (scrape: Scrape, name: string, labels: Labels): boolean =>
  scrape.samples(name).some((sample) => hasLabels(sample, labels));

/** Distinct values of one label among the series of a metric in the last scrape, sorted. */
export const labelValues = (scrapes: Scrapes, name: string, label: string): string[] => {
  const values = new Set<string>();
  for (const sample of scrapes.last.scrape.samples(name)) {
    const value = sample.labels[label];
    if (value !== undefined) values.add(value);
  }
  return unique(values);
};

/** Derives from a member's scrapes; `missing` names the metric when `derive` finds nothing. */
export const fromScrapes = <T>(
  ctx: FactContext,
  names: readonly string[],
  derive: (scrapes: Scrapes) => T | null,
): Observed<T> => {
  const scrapes = ctx.facts.member(ctx.id, 'scrapes');
  if (!scrapes.ok) return because(scrapes);
  const value = derive(scrapes.value);
  if (value === null) {
    const cut = scrapes.value.last.scrape.truncated ? ' (the scrape is cut)' : '';
    return absent(
      'metrics',
      `metrics of ${nameOf(ctx.case, ctx.id)}: ${names[0] ?? 'the metric'} is not among them${cut}`,
    );
  }
  return observed(value, metricSource(scrapes.value, ...names));
};

/** Summary of timed attempts. */
export const attemptStats = (attempts: readonly LatencyAttempt[]): AttemptStats => {
  const ok = attempts
    .filter((attempt) => attempt.ok)
    .map((attempt) => attempt.ms)
    .sort((a, b) => a - b);
  const codes = new Map<string, number>();
  for (const attempt of attempts)
    if (!attempt.ok) codes.set(attempt.code ?? 'unknown', (codes.get(attempt.code ?? 'unknown') ?? 0) + 1);
  return {
    attempts: attempts.length,
    ok: ok.length,
    failed: attempts.length - ok.length,
    minMs: ok[0] ?? null,
    medianMs: ok[Math.floor((ok.length - 1) / 2)] ?? null,
    maxMs: ok.at(-1) ?? null,
    codes: Object.fromEntries(codes),
    ms: attempts.map((attempt) => attempt.ms),
  };
};
