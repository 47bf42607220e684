import type { History, HistorySeries } from '../../facts/values/cluster.js';
import { type EvidenceInput, supporting } from '../../rule.js';

/** Fewer points say nothing about hours. */
const POINTS = 12;
/** A spell of one point is an outlier; own estimate. */
const SPELL_POINTS = 2;

export interface Spell {
  /** Epoch ms of its first and last point. */
  readonly from: number;
  readonly to: number;
}

const known = ({ values }: HistorySeries): number => values.filter((value) => value !== null).length;

/** Stretches of at least two points above a limit; a point without a value neither ends nor starts one. */
export const spellsAbove = (series: HistorySeries, limit: number): readonly Spell[] => {
  const spells: { from: number; to: number; points: number }[] = [];
  let open: (typeof spells)[number] | undefined;
  for (const [i, value] of series.values.entries()) {
    if (value === null) continue;
    const at = series.start + i * series.stepMs;
    if (value <= limit) open = undefined;
    else if (open === undefined) {
      open = { from: at, to: at, points: 1 };
      spells.push(open);
    } else {
      open.to = at;
      open.points += 1;
    }
  }
  return spells.filter(({ points }) => points >= SPELL_POINTS).map(({ from, to }) => ({ from, to }));
};

const clock = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
export const span = (ms: number): string =>
  ms >= 5_400_000 ? `${Math.round(ms / 360_000) / 10} h` : `${Math.round(ms / 60_000)} min`;

/**
 * When something that is so now began, and whether it came before: the present spell and the earlier ones.
 * Nothing when the past is not known or the series was never above the limit.
 */
export const began = (
  history: History | undefined,
  name: string,
  member: string,
  limit: number,
  what: string,
): EvidenceInput[] => {
  const series = history?.of(name, member).find((each) => known(each) >= POINTS);
  if (history === undefined || series === undefined) return [];
  const spells = spellsAbove(series, limit);
  const last = spells.at(-1);
  if (last === undefined) return [];
  const first = series.values.findIndex((value) => value !== null);
  const since =
    last.from <= series.start + first * series.stepMs
      ? `since before ${clock(last.from)}, where the history begins`
      : `since ${clock(last.from)}`;
  const ended = history.to - last.to > 3 * series.stepMs;
  const earlier = spells.length - 1;
  return [
    supporting(true, `The history has it too: ${what}`, {
      observed: [
        ended ? `last from ${clock(last.from)} to ${clock(last.to)}` : since,
        earlier === 0 ? `the only time in ${span(history.to - history.from)}` : `and ${earlier} times before`,
      ].join(', '),
      sources: [{ artifact: 'history', path: series.path, bundle: series.bundleId }],
    }),
  ];
};

/** Growth of a gauge, with what the halves of the series disagree about as its error. */
export interface Growth {
  readonly perHour: number;
  /** The slope of the halves lies within this of it, and the scatter of the points allows as much. */
  readonly errorPerHour: number;
  readonly hours: number;
  /** Values of the fitted line at both ends. */
  readonly first: number;
  readonly last: number;
}

/** A value at a time, in hours. */
export interface Point {
  readonly hours: number;
  readonly value: number;
}

interface Line {
  readonly slope: number;
  readonly error: number;
  readonly mean: number;
}

const slopeOf = (points: readonly Point[]): Line => {
  const n = points.length;
  const meanX = points.reduce((sum, { hours }) => sum + hours, 0) / n;
  const meanY = points.reduce((sum, { value }) => sum + value, 0) / n;
  const xx = points.reduce((sum, { hours }) => sum + (hours - meanX) ** 2, 0);
  const xy = points.reduce((sum, { hours, value }) => sum + (hours - meanX) * (value - meanY), 0);
  const slope = xx === 0 ? 0 : xy / xx;
  const rest = points.reduce((sum, { hours, value }) => sum + (value - meanY - slope * (hours - meanX)) ** 2, 0);
  return { slope, mean: meanY, error: xx === 0 || n < 3 ? Number.POSITIVE_INFINITY : Math.sqrt(rest / (n - 2) / xx) };
};

/** Values of a series from `since` (epoch ms) on. */
export const pointsOf = (series: HistorySeries, since = Number.NEGATIVE_INFINITY): readonly Point[] =>
  series.values.flatMap((value, i): Point[] => {
    const at = series.start + i * series.stepMs;
    return value === null || at < since ? [] : [{ hours: at / 3_600_000, value }];
  });

/** Least squares; undefined with too few points. */
export const growthOf = (points: readonly Point[]): Growth | undefined => {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < POINTS) return undefined;
  const whole = slopeOf(points);
  const middle = Math.floor(points.length / 2);
  const halves = [slopeOf(points.slice(0, middle)), slopeOf(points.slice(middle))];
  return {
    perHour: whole.slope,
    errorPerHour: Math.max(2 * whole.error, ...halves.map(({ slope }) => Math.abs(slope - whole.slope))),
    hours: last.hours - first.hours,
    first: whole.mean - (whole.slope * (last.hours - first.hours)) / 2,
    last: whole.mean + (whole.slope * (last.hours - first.hours)) / 2,
  };
};

/** Hours until a growing value reaches a limit, earliest and latest by the error of its growth; undefined when growth is not proven. */
export const hoursUntil = (
  growth: Growth,
  limit: number,
): { readonly earliest: number; readonly latest: number } | undefined => {
  const slowest = growth.perHour - growth.errorPerHour;
  const left = limit - growth.last;
  return slowest <= 0 || left <= 0
    ? undefined
    : { earliest: left / (growth.perHour + growth.errorPerHour), latest: left / slowest };
};

/** Epoch ms of the last start of a member's process that the history shows; undefined when it does not know. */
export const lastStart = (history: History, member: string): number | undefined => {
  const values = history.of('process-start', member).flatMap(({ values: all }) => all.flatMap((value) => value ?? []));
  return values.length === 0 ? undefined : Math.max(...values) * 1000;
};

/** Starts of a member's process between two times, each once, epoch ms ascending. */
export const startsIn = (history: History | undefined, member: string, from: number, to: number): readonly number[] =>
  [
    ...new Set(
      (history?.of('process-start', member) ?? []).flatMap(({ values }) =>
        values.flatMap((value) => (value === null ? [] : Math.round(value))),
      ),
    ),
  ]
    .map((seconds) => seconds * 1000)
    .filter((at) => at >= from && at <= to)
    .sort((a, b) => a - b);

/** Increase of a counter between two times; a value below the one before it is a new start from 0. Undefined without two points. */
export const increase = (series: HistorySeries, from: number, to: number): number | undefined => {
  const values = series.values.flatMap((value, i) => {
    const at = series.start + i * series.stepMs;
    return value === null || at < from || at > to ? [] : [value];
  });
  return values.length < 2
    ? undefined
    : values.slice(1).reduce((sum, value, i) => {
        const before = values[i] ?? 0;
        return sum + (value < before ? value : value - before);
      }, 0);
};
