import { isWorse } from './signature-stats.js';
import { mergeSeries } from './series.js';
import type { LogSample, LogSummary, NumberStats, SignatureStats, TextStats, UnknownMessage } from './types.js';

const RECENT = 512;
const TOP_VALUES = 16;
const TOP_UNKNOWN = 50;
const MAX_KEPT = 64;

/**
 * Joins the summaries of several files of one member (rotated files, the log before the last restart). Overlapping slices of the
 * same log count their lines twice: the caller chooses files that do not overlap. Throws when there is none to join.
 */
export function mergeSummaries(summaries: readonly LogSummary[]): LogSummary {
  const ordered = [...summaries].sort((a, b) => (a.firstTime ?? 0) - (b.firstTime ?? 0));
  const first = ordered[0];
  if (first === undefined) throw new Error('no log summary to merge');
  if (ordered.length === 1) return first;
  const all = <T>(pick: (summary: LogSummary) => readonly T[]): T[] => ordered.flatMap(pick);
  const sum = (pick: (summary: LogSummary) => number): number => ordered.reduce((total, s) => total + pick(s), 0);
  const unknown = mergeUnknown(all((s) => s.unknown));
  const starts = all((s) => s.starts).sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const fatal = all((s) => s.fatal).sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const config = ordered.findLast((s) => s.startupConfig !== undefined)?.startupConfig;
  return {
    sources: all((s) => s.sources),
    lines: sum((s) => s.lines),
    bytes: sum((s) => s.bytes),
    compressed: ordered.some((s) => s.compressed),
    forms: addCounts(ordered.map((s) => s.forms)),
    wrappers: addCounts(ordered.map((s) => s.wrappers)),
    levels: addCounts(ordered.map((s) => s.levels)),
    times: {
      zoned: sum((s) => s.times.zoned),
      assumedUtc: sum((s) => s.times.assumedUtc),
      none: sum((s) => s.times.none),
    },
    foreignLines: sum((s) => s.foreignLines),
    oversizeLines: sum((s) => s.oversizeLines),
    ...rangeOf(ordered),
    gaps: realGaps(ordered),
    clockJumps: all((s) => s.clockJumps).slice(0, MAX_KEPT),
    signatures: mergeByKey(ordered, (s) => s.signatures, mergeSignature),
    unknown: unknown.slice(0, TOP_UNKNOWN),
    unknownOthers: sum((s) => s.unknownOthers) + unknown.slice(TOP_UNKNOWN).reduce((n, { count }) => n + count, 0),
    warnings: mergeSeries(ordered.map((s) => s.warnings)),
    starts: starts.slice(-MAX_KEPT),
    startsOmitted: sum((s) => s.startsOmitted) + Math.max(0, starts.length - MAX_KEPT),
    ...(config === undefined ? {} : { startupConfig: config }),
    fatal: fatal.slice(-MAX_KEPT),
    fatalOmitted: sum((s) => s.fatalOmitted) + Math.max(0, fatal.length - MAX_KEPT),
    damage: all((s) => s.damage),
  };
}

/** All forms of one meaning as one: the statistics of every signature whose group is `group`, undefined when none was seen. */
export function statsOf(summary: LogSummary, group: string): SignatureStats | undefined {
  const matching = [...summary.signatures.values()].filter((stats) => stats.group === group);
  const [only, ...others] = matching;
  return only === undefined || others.length === 0 ? only : { ...mergeSignature(matching), id: group };
}

function mergeByKey<T, V>(
  items: readonly T[],
  mapOf: (item: T) => ReadonlyMap<string, V>,
  merge: (values: readonly V[]) => V,
): Map<string, V> {
  const byKey = new Map<string, V[]>();
  for (const item of items) {
    for (const [key, value] of mapOf(item)) {
      const list = byKey.get(key);
      if (list === undefined) byKey.set(key, [value]);
      else list.push(value);
    }
  }
  return new Map([...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => [key, merge(values)]));
}

function mergeSignature(all: readonly SignatureStats[]): SignatureStats {
  const [base] = all;
  if (base === undefined) throw new Error('no statistics to merge');
  if (all.length === 1) return base;
  const times = all.flatMap((s) => s.recent).sort((a, b) => a - b);
  const firsts = all.flatMap((s) => (s.first === undefined ? [] : [s.first]));
  const lasts = all.flatMap((s) => (s.last === undefined ? [] : [s.last]));
  return {
    id: base.id,
    group: base.group,
    count: all.reduce((n, s) => n + s.count, 0),
    timed: all.reduce((n, s) => n + s.timed, 0),
    ...(firsts.length > 0 ? { first: Math.min(...firsts), last: Math.max(...lasts) } : {}),
    numbers: mergeByKey(all, (s) => s.numbers, mergeNumbers),
    texts: mergeByKey(all, (s) => s.texts, mergeTexts),
    series: mergeSeries(all.map((s) => s.series)),
    recent: times.slice(-RECENT),
    // A file that forgot older lines leaves holes between the times kept of another.
    recentComplete: all.every((s) => s.recent.length === s.timed),
    samples: mergeSamples(all.flatMap((s) => s.samples)),
  };
}

function mergeSamples(samples: LogSample[]): LogSample[] {
  if (samples.length <= 4) return samples;
  const last = samples.at(-1);
  return last === undefined ? [] : [...samples.slice(0, 3), last];
}

function mergeNumbers(all: readonly NumberStats[]): NumberStats {
  return all.reduce((a, b) => ({
    unit: a.unit,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    worst: isWorse(
      { value: a.worst.value, time: a.worst.sample.time },
      { value: b.worst.value, time: b.worst.sample.time },
    )
      ? b.worst
      : a.worst,
  }));
}

function mergeTexts(all: readonly TextStats[]): TextStats {
  const counts = new Map<string, number>();
  for (const { top } of all) for (const { value, count } of top) counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const top = sorted.slice(0, TOP_VALUES).map(([value, count]) => ({ value, count }));
  const rest = sorted.slice(TOP_VALUES).reduce((n, [, count]) => n + count, 0);
  return { top, others: rest + all.reduce((n, t) => n + t.others, 0), last: all.at(-1)?.last ?? '' };
}

function mergeUnknown(all: readonly UnknownMessage[]): UnknownMessage[] {
  const byMessage = new Map<string, UnknownMessage>();
  for (const one of all) {
    const known = byMessage.get(one.message);
    if (known === undefined) {
      byMessage.set(one.message, { ...one });
      continue;
    }
    known.count += one.count;
    if (one.first !== undefined) known.first = Math.min(known.first ?? one.first, one.first);
    if (one.last !== undefined) known.last = Math.max(known.last ?? one.last, one.last);
  }
  return [...byMessage.values()].sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
}

function addCounts<K extends string>(all: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>> {
  const total: Partial<Record<K, number>> = {};
  for (const counts of all) {
    for (const key of Object.keys(counts) as K[]) total[key] = (total[key] ?? 0) + (counts[key] ?? 0);
  }
  return total;
}

function rangeOf(all: readonly LogSummary[]): { firstTime?: number; lastTime?: number } {
  const firsts = all.flatMap((s) => (s.firstTime === undefined ? [] : [s.firstTime]));
  const lasts = all.flatMap((s) => (s.lastTime === undefined ? [] : [s.lastTime]));
  return firsts.length === 0 ? {} : { firstTime: Math.min(...firsts), lastTime: Math.max(...lasts) };
}

/** A silence in one file is none when another file covers it. */
function realGaps(all: readonly LogSummary[]): LogSummary['gaps'] {
  return all.flatMap((owner) =>
    owner.gaps.filter(
      (gap) =>
        !all.some(
          (other) =>
            other !== owner &&
            other.firstTime !== undefined &&
            other.lastTime !== undefined &&
            other.firstTime < gap.to &&
            other.lastTime > gap.from,
        ),
    ),
  );
}
