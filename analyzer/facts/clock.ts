import type { Case } from '../bundle/case.js';

/**
 * Offset of a member's clock against the collector's, ms, as far as it is proven: the bound of the intersected intervals that is
 * nearest to 0, or 0 when they contain it. Date headers have a resolution of 1 s, so offsets below that are never seen.
 */
export const clockOffsetOf = (input: Case, memberId: string): number => {
  const own = new Set(
    input.endpoints.filter((endpoint) => endpoint.member === memberId).map((endpoint) => endpoint.id),
  );
  let min = Number.NEGATIVE_INFINITY;
  let max = Number.POSITIVE_INFINITY;
  for (const { targetId, value } of input.artifacts('clock-offset')) {
    if (!own.has(targetId) || value.offsetMs === null) continue;
    min = Math.max(min, value.offsetMs.min);
    max = Math.min(max, value.offsetMs.max);
  }
  if (min > max) return 0;
  return min > 0 && Number.isFinite(min) ? min : max < 0 && Number.isFinite(max) ? max : 0;
};
