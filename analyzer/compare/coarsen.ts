import type { Histogram } from '../metrics/histogram.js';

/** Fewer bounds in common tell nothing about a shift. */
const LEAST_BOUNDS = 3;

const coarsened = (histogram: Histogram, bounds: readonly number[]): Histogram => ({
  ...histogram,
  boundsMs: bounds,
  cumulative: [...bounds.map((bound) => histogram.cumulative[histogram.boundsMs.indexOf(bound)] ?? 0), histogram.count],
});

/** Two histograms with the bounds that both have (versions differ in them); null with too few. */
export const commonBounds = (a: Histogram, b: Histogram): readonly [Histogram, Histogram] | null => {
  const bounds = a.boundsMs.filter((bound) => b.boundsMs.includes(bound));
  return bounds.length < LEAST_BOUNDS ? null : [coarsened(a, bounds), coarsened(b, bounds)];
};
