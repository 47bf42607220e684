import type { Histogram } from '../../../../analyzer/metrics/histogram.js';

/**
 * The quantile as Prometheus gives it, in ms: linear within its bucket, the last finite bound when it lies beyond that.
 * Null without observations or without a finite bucket.
 */
export const histogramQuantile = (histogram: Histogram, q: number): number | null => {
  const { boundsMs, cumulative, count } = histogram;
  const last = boundsMs.at(-1);
  if (count <= 0 || last === undefined) return null;
  const rank = q * count;
  const at = cumulative.findIndex((below) => below >= rank);
  if (at === -1 || at >= boundsMs.length) return last;
  const high = boundsMs[at] ?? last;
  const low = at === 0 ? 0 : (boundsMs[at - 1] ?? 0);
  const before = at === 0 ? 0 : (cumulative[at - 1] ?? 0);
  const inside = (cumulative[at] ?? 0) - before;
  return inside <= 0 ? high : low + ((high - low) * (rank - before)) / inside;
};
