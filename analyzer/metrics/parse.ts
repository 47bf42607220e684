import { metricName, type ParseLimits, parseLine, type Sample } from './sample.js';

export type { ParseLimits, Sample } from './sample.js';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

/** A parsed scrape. Lines are indexed by metric name at once; labels and values are read at the first look-up of a name. */
export interface Scrape {
  /** Samples of exactly this name (`x_bucket`, `x_sum` and `x_count` are names of their own); empty when absent. */
  readonly samples: (name: string) => readonly Sample[];
  /** Type by the `# TYPE` line; names ending in `_total` may well be gauges. `untyped` without such a line. */
  readonly typeOf: (family: string) => MetricType;
  readonly has: (name: string) => boolean;
  /** Sample names in order of appearance. */
  readonly names: readonly string[];
  /** Sample lines, good or bad. */
  readonly lines: number;
  /** Lines that are no sample and no comment. Parses everything not yet read. */
  readonly badLines: () => number;
  /** The text was longer than the limit, or had more names or lines than allowed; the rest was not read. */
  readonly truncated: boolean;
}

/** A scrape of a busy member is 0.2 to 1 MB with some 3000 lines; the limits leave a factor of 60. */
export const defaultLimits: ParseLimits = {
  maxChars: 64 * 1024 * 1024,
  maxLines: 1_000_000,
  maxNames: 20_000,
  maxLine: 64 * 1024,
  maxLabels: 64,
};

const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/**
 * Parses the Prometheus text exposition format (0.0.4), and what OpenMetrics adds to sample lines (exemplars).
 * Never throws: what is not a sample is counted.
 */
export const parseScrape = (text: string, limits: ParseLimits = defaultLimits): Scrape => {
  const index = indexLines(text, limits);
  const parsed = new Map<string, readonly Sample[]>();
  let bad = index.bad;
  const samples = (name: string): readonly Sample[] => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    const starts = index.lines.get(name);
    if (starts === undefined) return [];
    const list: Sample[] = [];
    for (const start of starts) {
      const sample = parseLine(text, start + name.length, lineEnd(text, start), limits);
      if (sample === undefined) bad += 1;
      else list.push(sample);
    }
    parsed.set(name, list);
    return list;
  };
  return {
    samples,
    typeOf: (family) => index.types.get(family) ?? 'untyped',
    has: (name) => index.lines.has(name),
    names: [...index.lines.keys()],
    lines: index.count,
    badLines: () => {
      for (const name of index.lines.keys()) samples(name);
      return bad;
    },
    truncated: index.truncated,
  };
};

interface LineIndex {
  readonly lines: Map<string, number[]>;
  readonly types: Map<string, MetricType>;
  readonly bad: number;
  readonly count: number;
  readonly truncated: boolean;
}

const lineEnd = (text: string, start: number): number => {
  const end = text.indexOf('\n', start);
  const stop = end === -1 ? text.length : end;
  return stop > start && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
};

const indexLines = (text: string, limits: ParseLimits): LineIndex => {
  const lines = new Map<string, number[]>();
  const typesByName = new Map<string, MetricType>();
  const limit = Math.min(text.length, limits.maxChars);
  let truncated = text.length > limits.maxChars;
  let bad = 0;
  let count = 0;
  let current = '';
  let currentStarts: number[] = [];
  let at = 0;
  while (at < limit) {
    const newline = text.indexOf('\n', at);
    const next = newline === -1 ? text.length : newline;
    const start = at;
    at = next + 1;
    const first = text.charCodeAt(start);
    if (next === start || first === 13) continue;
    if (first === 35) {
      readType(text, start, next, typesByName, limits);
      continue;
    }
    count += 1;
    if (count > limits.maxLines) {
      truncated = true;
      break;
    }
    if (next - start > limits.maxLine) {
      bad += 1;
      continue;
    }
    const after = text.charCodeAt(start + current.length);
    if (current !== '' && (after === 123 || after === 32) && text.startsWith(current, start)) {
      currentStarts.push(start);
      continue;
    }
    const name = nameAt(text, start, next);
    if (!metricName.test(name)) {
      bad += 1;
      continue;
    }
    let starts = lines.get(name);
    if (starts === undefined) {
      if (lines.size >= limits.maxNames) {
        truncated = true;
        continue;
      }
      starts = [];
      lines.set(name, starts);
    }
    starts.push(start);
    current = name;
    currentStarts = starts;
  }
  return { lines, types: typesByName, bad, count, truncated };
};

const nameAt = (text: string, start: number, end: number): string => {
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 123 || code === 32 || code === 9) break;
    at += 1;
  }
  return text.slice(start, at);
};

const readType = (
  text: string,
  start: number,
  end: number,
  into: Map<string, MetricType>,
  limits: ParseLimits,
): void => {
  if (!text.startsWith('# TYPE ', start) || end - start > limits.maxLine || into.size >= limits.maxNames) return;
  const [name, type] = text
    .slice(start + 7, end)
    .trim()
    .split(/[ \t]+/);
  if (name !== undefined && type !== undefined && types.has(type)) into.set(name, type as MetricType);
};

/** Whether every given label has the given value. */
export const hasLabels = (sample: Sample, labels: Readonly<Record<string, string>>): boolean => {
  for (const [name, value] of Object.entries(labels)) if (sample.labels[name] !== value) return false;
  return true;
};

/** Sum over the samples of a name with these labels; undefined when there is none, or when one is NaN. */
export const sumOf = (
  scrape: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined => {
  let sum: number | undefined;
  for (const sample of scrape.samples(name)) if (hasLabels(sample, labels)) sum = (sum ?? 0) + sample.value;
  return sum === undefined || Number.isNaN(sum) ? undefined : sum;
};

/**
 * The exact integer of a sample (sizes, indexes, revisions); undefined for fractions, NaN and infinities.
 * etcd exports 64-bit floats: above 2^53 the text is exact, the number behind it was rounded by the server already.
 */
export const integerOf = (sample: Sample): bigint | undefined => {
  if (/^[+-]?[0-9]{1,40}$/.test(sample.text)) return BigInt(sample.text.replace(/^\+/, ''));
  return Number.isInteger(sample.value) && Math.abs(sample.value) < 1e40 ? BigInt(sample.value) : undefined;
};
