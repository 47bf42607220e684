import type { Latency, LatencyView } from '../../facts/values/common.js';
import { shareAbove } from '../../metrics/histogram.js';

/** Fewer observations than this say nothing about a distribution; own estimate. */
const MIN_COUNT = 10;
/** A p99 needs about this many observations (one per cent of them is one). */
const TAIL_COUNT = 100;

export interface Tail {
  /** Above the bound more often than allowed, in the window; undefined with too few observations. */
  readonly slow: boolean | undefined;
  readonly view: LatencyView;
  /** Formatted p99 (or mean when there are too few observations for a p99), e.g. `64-128 ms (p99 of 812)`. */
  readonly observed: string;
  /** Lower bound of the p99 bucket (or the mean), ms: what is proven. */
  readonly provenMs: number;
}

const ms = (value: number): string => (value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10));

/** A percentile bucket for people: `64-128 ms`, `> 8192 ms`. */
export const bucket = (p: { readonly loMs: number; readonly hiMs: number | null }): string =>
  p.hiMs === null ? `> ${ms(p.loMs)} ms` : `${ms(p.loMs)}-${ms(p.hiMs)} ms`;

/**
 * Judges the tail of a latency in the sampling window.
 * With at least 100 observations: more than `share` of them provably above `boundMs`. With 10 to 99: the mean above it. Below: undefined.
 */
export const tailOf = (latency: Latency, boundMs: number, share: number): Tail => {
  const view = latency.window !== null && latency.window.count >= MIN_COUNT ? latency.window : undefined;
  if (view === undefined) {
    const view = latency.window ?? latency.sinceStart;
    return { slow: undefined, view, observed: `${view.count} observations in the window`, provenMs: 0 };
  }
  const mean = view.meanMs ?? 0;
  if (view.count < TAIL_COUNT) {
    return { slow: mean > boundMs, view, observed: `${ms(mean)} ms (mean of ${view.count})`, provenMs: mean };
  }
  const above = shareAbove(view.histogram, boundMs);
  const p99 = view.p99;
  return {
    slow: above === null ? undefined : above.atLeast > share,
    view,
    observed: p99 === null ? `${ms(mean)} ms (mean of ${view.count})` : `${bucket(p99)} (p99 of ${view.count})`,
    provenMs: p99?.loMs ?? mean,
  };
};
