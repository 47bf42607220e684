import type { ApiserverMetricsArtifact } from '../../schemas/index.js';
import { type Family, families, resourceOf } from './metric-families.js';

/** Series of one family: enough for some hundred kinds of objects under six operations. */
const MAX_SERIES = 4000;
/** Longest line that is read; none of the families comes near. */
const MAX_LINE = 8192;
const MAX_LABEL = 256;

type Kept = ApiserverMetricsArtifact['families'][number];

interface Series {
  readonly labels: Record<string, string>;
  value?: number;
  sum?: number;
  count?: number;
  readonly buckets: Map<number, number>;
}

interface State {
  readonly family: Family;
  readonly series: Map<string, Series>;
  cut: number;
}

const suffixes = /_(?:bucket|sum|count)$/;

/** `name{a="b",c="d"} 12 [time]`; undefined for comments and for what is not in that form. */
const sampleOf = (
  line: string,
): { readonly name: string; readonly labels: Map<string, string>; readonly value: number } | undefined => {
  const [, name, body, text] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: -?\d+)?$/.exec(line) ?? [];
  if (name === undefined || text === undefined) return undefined;
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  const labels = new Map<string, string>();
  for (const [, label = '', written = ''] of (body ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g))
    labels.set(label, written.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)).slice(0, MAX_LABEL));
  return { name, labels, value };
};

const keptLabels = ({ labels: wanted }: Family, labels: ReadonlyMap<string, string>): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const label of wanted) {
    const value = label === 'resource' ? resourceOf(labels) : labels.get(label);
    if (value !== undefined) kept[label] = value;
  }
  return kept;
};

/** Takes a text in Prometheus's format piece by piece and keeps the families of the list, added up over labels that are dropped. */
export const createMetricFilter = (): {
  readonly take: (chunk: Buffer) => void;
  readonly finish: () => readonly Kept[];
} => {
  const states = new Map<string, State>(
    families.map((family) => [family.name, { family, series: new Map(), cut: 0 }] as const),
  );
  const histograms = new Set(families.filter(({ type }) => type === 'histogram').map(({ name }) => name));
  let rest = '';
  let overlong = false;

  const stateOf = (name: string): State | undefined => {
    const base = name.replace(suffixes, '');
    return histograms.has(base) ? states.get(base) : states.get(name);
  };

  const takeLine = (line: string): void => {
    // Cheap test first: most of the text is other families.
    const end = line.search(/[{ ]/);
    const state = end <= 0 ? undefined : stateOf(line.slice(0, end));
    if (state === undefined) return;
    const sample = sampleOf(line);
    if (sample === undefined || Number.isNaN(sample.value)) return;
    const labels = keptLabels(state.family, sample.labels);
    const key = JSON.stringify(labels);
    let series = state.series.get(key);
    if (series === undefined) {
      if (state.series.size >= MAX_SERIES) {
        state.cut += 1;
        return;
      }
      series = { labels, buckets: new Map() };
      state.series.set(key, series);
    }
    const { name, value } = sample;
    if (state.family.type !== 'histogram') series.value = (series.value ?? 0) + value;
    else if (name.endsWith('_sum')) series.sum = (series.sum ?? 0) + value;
    else if (name.endsWith('_count')) series.count = (series.count ?? 0) + value;
    else {
      const bound = Number((sample.labels.get('le') ?? '').replace('+Inf', 'Infinity'));
      if (!Number.isNaN(bound)) series.buckets.set(bound, (series.buckets.get(bound) ?? 0) + value);
    }
  };

  const take = (chunk: Buffer): void => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!overlong) takeLine(line);
      overlong = false;
    }
    if (rest.length > MAX_LINE) {
      rest = '';
      overlong = true;
    }
  };

  const finish = (): readonly Kept[] =>
    [...states.values()].flatMap(({ family: { name, type }, series, cut }): Kept[] => {
      if (series.size === 0) return [];
      const bounds = [...new Set([...series.values()].flatMap(({ buckets }) => [...buckets.keys()]))]
        .filter(Number.isFinite)
        .sort((a, b) => a - b);
      return [
        {
          name,
          type,
          ...(type === 'histogram' ? { bounds } : {}),
          series: [...series.values()].map(({ labels, value, sum, count, buckets }) =>
            type === 'histogram'
              ? { labels, sum: sum ?? 0, count: count ?? 0, buckets: bounds.map((bound) => buckets.get(bound) ?? 0) }
              : { labels, value: value ?? 0 },
          ),
          ...(cut === 0 ? {} : { cutSamples: cut }),
        },
      ];
    });

  return { take, finish };
};
