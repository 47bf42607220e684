import type { Bucket, BucketSeries } from './types.js';

const FIRST_WIDTH_MS = 1000;
export const MAX_BUCKETS = 512;

/** A series while it grows: buckets by number (`floor(time / width)`), the current one at hand. */
export interface SeriesBuilder {
  widthMs: number;
  currentIndex: number;
  current: { count: number; worst: number };
  cells: Map<number, { count: number; worst: number }>;
}

/** `widthMs`: 1 s doubled any number of times, where it is known that narrower buckets will not do. */
export function newSeries(widthMs = FIRST_WIDTH_MS): SeriesBuilder {
  return {
    widthMs,
    currentIndex: Number.NaN,
    current: { count: 0, worst: Number.NaN },
    cells: new Map(),
  };
}

/** Counts one event. `worst` (NaN when there is none) is the value whose maximum the bucket keeps. */
export function addToSeries(series: SeriesBuilder, time: number, worst: number, count = 1): void {
  const index = Math.floor(time / series.widthMs);
  if (index !== series.currentIndex) selectCell(series, time);
  const cell = series.current;
  cell.count += count;
  if (!(worst <= cell.worst) && !Number.isNaN(worst)) cell.worst = worst;
}

function selectCell(series: SeriesBuilder, time: number): void {
  let index = Math.floor(time / series.widthMs);
  let cell = series.cells.get(index);
  if (cell === undefined) {
    cell = { count: 0, worst: Number.NaN };
    series.cells.set(index, cell);
    while (series.cells.size > MAX_BUCKETS) widen(series);
    index = Math.floor(time / series.widthMs);
    cell = series.cells.get(index) ?? cell;
  }
  series.currentIndex = index;
  series.current = cell;
}

function widen(series: SeriesBuilder): void {
  const merged = new Map<number, { count: number; worst: number }>();
  for (const [index, cell] of series.cells) {
    const half = Math.floor(index / 2);
    const into = merged.get(half);
    if (into === undefined) {
      merged.set(half, cell);
    } else {
      into.count += cell.count;
      if (!(cell.worst <= into.worst) && !Number.isNaN(cell.worst)) into.worst = cell.worst;
    }
  }
  series.cells = merged;
  series.widthMs *= 2;
  series.currentIndex = Number.NaN;
}

/** Adds what another series counted. The outcome is that of counting everything into one, in any order. */
export function joinSeries(into: SeriesBuilder, next: SeriesBuilder): void {
  while (into.widthMs < next.widthMs) widen(into);
  for (const [index, { count, worst }] of next.cells) addToSeries(into, index * next.widthMs, worst, count);
}

/** The finished series, buckets in order of time. */
export function finishSeries(series: SeriesBuilder): BucketSeries {
  const buckets: Bucket[] = [...series.cells]
    .sort(([a], [b]) => a - b)
    .map(([index, cell]) => {
      const start = index * series.widthMs;
      return !Number.isNaN(cell.worst) ? { start, count: cell.count, worst: cell.worst } : { start, count: cell.count };
    });
  return { widthMs: series.widthMs, buckets };
}

/** Joins series of any widths into one of the widest of them (or wider, to stay in the bound). */
export function mergeSeries(all: readonly BucketSeries[]): BucketSeries {
  const merged = newSeries();
  for (const { widthMs } of all) while (merged.widthMs < widthMs) merged.widthMs *= 2;
  for (const { buckets } of all) {
    for (const { start, count, worst } of buckets) addToSeries(merged, start, worst ?? Number.NaN, count);
  }
  return finishSeries(merged);
}
