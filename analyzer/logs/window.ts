import type { SignatureStats } from './types.js';

/** How often something happened in a span of time. */
export interface WindowCount {
  /** Best estimate; equals both bounds when `exact`. */
  count: number;
  atLeast: number;
  atMost: number;
  exact: boolean;
  /** Largest duration (seconds) in the buckets that touch the window; may lie just outside unless `exact`. */
  worst?: number;
}

const NONE: WindowCount = { count: 0, atLeast: 0, atMost: 0, exact: true };

/**
 * Counts the lines of a signature with `from <= time < to` (epoch ms). Exact where the latest 512 lines reach back to `from`, else
 * bounded by whole buckets, those cut by an edge counted in proportion. Lines without time are not counted.
 */
export function windowOf(stats: SignatureStats | undefined, from: number, to: number): WindowCount {
  if (stats?.first === undefined || stats.last === undefined || !(to > from)) return NONE;
  if (stats.last < from || stats.first >= to) return NONE;
  const { widthMs, buckets } = stats.series;
  let atLeast = 0;
  let atMost = 0;
  let estimate = 0;
  let worst = Number.NEGATIVE_INFINITY;
  for (const bucket of buckets) {
    const end = bucket.start + widthMs;
    const overlap = Math.min(end, to) - Math.max(bucket.start, from);
    if (overlap <= 0) continue;
    atMost += bucket.count;
    if (overlap === widthMs) atLeast += bucket.count;
    estimate += (bucket.count * overlap) / widthMs;
    if (bucket.worst !== undefined && bucket.worst > worst) worst = bucket.worst;
  }
  const rest = worst === Number.NEGATIVE_INFINITY ? {} : { worst };
  const whole = stats.first >= from && stats.last < to;
  if (whole) return { count: stats.timed, atLeast: stats.timed, atMost: stats.timed, exact: true, ...rest };
  const oldest = stats.recent[0];
  if (stats.recent.length === stats.timed || (stats.recentComplete && oldest !== undefined && oldest < from)) {
    const count = stats.recent.filter((time) => time >= from && time < to).length;
    return { count, atLeast: count, atMost: count, exact: true, ...rest };
  }
  return { count: Math.round(estimate), atLeast, atMost, exact: atLeast === atMost, ...rest };
}
