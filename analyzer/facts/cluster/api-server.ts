import type { ApiserverMetricsArtifact } from '../../../schemas/index.js';
import type { LoadedArtifact } from '../../bundle/case.js';
import { absent, defineFact, observed } from '../../fact.js';
import { type Histogram, histogramDelta, mergeHistograms } from '../../metrics/histogram.js';
import { byText, ends, isNonEmpty, missingOf, sourceOf } from '../access.js';
import type { ApiServerView, Counter, Latency } from '../values/index.js';
import { viewOf } from '../views.js';

type Scrape = LoadedArtifact<'apiserver-metrics'>;
type Series = ApiserverMetricsArtifact['families'][number]['series'][number];

const duration = 'etcd_request_duration_seconds';
/** Names of one gauge through the versions, newest first. */
const sizes = [
  'apiserver_storage_size_bytes',
  'apiserver_storage_db_total_size_in_bytes',
  'etcd_db_total_size_in_bytes',
];

export const seriesOf = ({ value }: Scrape, name: string): readonly Series[] =>
  value.families.find((family) => family.name === name)?.series ?? [];

const single = (scrape: Scrape, name: string): number | null => seriesOf(scrape, name)[0]?.value ?? null;

const sum = (list: readonly Series[]): number => list.reduce((total, { value }) => total + (value ?? 0), 0);

/** First and last scrape of the process that was asked last. */
interface Pair {
  readonly last: Scrape;
  /** Absent with one scrape, or when another process answered first: a balancer may stand before several. */
  readonly first: Scrape | undefined;
  readonly seconds: number | null;
  readonly uptimeSeconds: number | null;
  readonly startedAt: number | null;
}

const timeOf = ({ value }: Scrape): number => Date.parse(value.scrapedAt);

export const pairOf = (scrapes: readonly Scrape[]): Pair | undefined => {
  const last = scrapes.at(-1);
  if (last === undefined) return undefined;
  const started = single(last, 'process_start_time_seconds');
  const [before] = scrapes;
  const same = before !== last && before !== undefined && single(before, 'process_start_time_seconds') === started;
  const seconds = same ? (timeOf(last) - timeOf(before)) / 1000 : 0;
  const usable = same && started !== null && seconds > 0 && before.value.complete && last.value.complete;
  return {
    last,
    first: usable ? before : undefined,
    seconds: usable ? seconds : null,
    uptimeSeconds: started === null ? null : timeOf(last) / 1000 - started,
    startedAt: started === null ? null : started * 1000,
  };
};

const counterOf = (
  { first, last, seconds, uptimeSeconds }: Pair,
  of: (scrape: Scrape) => readonly Series[],
): Counter => {
  const sinceStart = sum(of(last));
  const growth = first === undefined ? null : sinceStart - sum(of(first));
  const delta = growth === null || growth < 0 ? null : growth;
  return {
    delta,
    perSecond: delta === null || seconds === null ? null : delta / seconds,
    sinceStart,
    perSecondSinceStart: uptimeSeconds === null || uptimeSeconds <= 0 ? null : sinceStart / uptimeSeconds,
    reset: growth !== null && growth < 0,
  };
};

const histogramOf = (scrape: Scrape, wanted: (labels: Series['labels']) => boolean): Histogram | undefined => {
  const family = scrape.value.families.find(({ name }) => name === duration);
  const bounds = family?.bounds ?? [];
  const fitting = (family?.series ?? []).filter(
    ({ labels, buckets }) => wanted(labels) && buckets?.length === bounds.length,
  );
  return mergeHistograms(
    fitting.map(({ buckets = [], count = 0, sum: total = 0 }) => ({
      boundsMs: bounds.map((bound) => Number((bound * 1000).toPrecision(12))),
      cumulative: [...buckets, count],
      count,
      sumMs: total * 1000,
    })),
  );
};

const latencyOf = (pair: Pair, wanted: (labels: Series['labels']) => boolean): Latency | null => {
  const last = histogramOf(pair.last, wanted);
  if (last === undefined) return null;
  const first = pair.first === undefined ? undefined : histogramOf(pair.first, wanted);
  // Series that appear between the scrapes started at 0, and so did a sum that is made of them alone.
  const zero = { ...last, cumulative: last.cumulative.map(() => 0), count: 0, sumMs: 0 };
  const delta = pair.first === undefined ? undefined : histogramDelta(first ?? zero, last);
  const sinceStart = viewOf(last, 'since-start', pair.uptimeSeconds);
  const window = delta === undefined ? null : viewOf(delta, 'window', pair.seconds);
  return { metric: duration, window, sinceStart, best: window !== null && window.count > 0 ? window : sinceStart };
};

const isList = (operation: string | undefined): boolean => operation?.startsWith('list') === true;

const viewOfBundle = (
  scrapes: readonly Scrape[],
  health: LoadedArtifact<'apiserver-health'> | undefined,
): ApiServerView | undefined => {
  const pair = pairOf(scrapes);
  const about = pair?.last.value ?? health?.value;
  if (about === undefined) return undefined;
  const operations = [
    ...new Set(pair === undefined ? [] : seriesOf(pair.last, duration).map(({ labels }) => labels['operation'] ?? '')),
  ]
    .sort(byText)
    .flatMap((operation) => {
      const latency = pair === undefined ? null : latencyOf(pair, (labels) => labels['operation'] === operation);
      return latency === null ? [] : [{ operation, latency }];
    })
    .sort((a, b) => b.latency.best.count - a.latency.best.count);
  const has = (name: string): boolean => pair !== undefined && seriesOf(pair.last, name).length > 0;
  const size = sizes.find(has);
  const codes = (scrape: Scrape, wanted: (code: string) => boolean): readonly Series[] =>
    seriesOf(scrape, 'apiserver_request_total').filter(({ labels }) => wanted(labels['code'] ?? ''));
  return {
    bundleId: pair?.last.bundleId ?? health?.bundleId ?? '',
    server: about.server,
    kubeconfigFrom: about.kubeconfigFrom,
    version: health?.value.version ?? null,
    startedAt: pair?.startedAt ?? null,
    seconds: pair?.seconds ?? null,
    operations,
    single: pair === undefined ? null : latencyOf(pair, ({ operation }) => !isList(operation)),
    failed:
      pair !== undefined && has('etcd_requests_total')
        ? counterOf(pair, (scrape) => seriesOf(scrape, 'etcd_request_errors_total'))
        : null,
    dbSizeBytes:
      pair === undefined || size === undefined
        ? null
        : Math.max(...seriesOf(pair.last, size).map(({ value }) => value ?? 0)).toFixed(0),
    served:
      pair !== undefined && has('apiserver_request_total')
        ? {
            all: counterOf(pair, (scrape) => codes(scrape, () => true)),
            serverErrors: counterOf(pair, (scrape) => codes(scrape, (code) => /^5\d\d$/.test(code))),
            tooManyRequests: counterOf(pair, (scrape) => codes(scrape, (code) => code === '429')),
          }
        : null,
    failing:
      health === undefined || health.value.probes.length === 0
        ? null
        : health.value.probes.flatMap(({ path, checks }) => {
            const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
            return failed.length === 0 ? [] : [{ path, checks: failed }];
          }),
  };
};

export default defineFact({
  scope: 'cluster',
  id: 'apiServer',
  title: 'etcd as its API servers see it: latency, failures, size of the database',
  artifacts: ['apiserver-metrics', 'apiserver-health'],
  derive: (ctx) => {
    const scrapes = ctx.case.artifacts('apiserver-metrics');
    const health = ctx.case.artifacts('apiserver-health');
    const views = ctx.case.bundles.flatMap(({ id }) => {
      const view = viewOfBundle(
        scrapes.filter(({ bundleId }) => bundleId === id),
        health.find(({ bundleId }) => bundleId === id),
      );
      return view === undefined ? [] : [view];
    });
    if (views.length === 0) return { ok: false, missing: missingOf(ctx.case, 'apiserver-metrics', 'cluster') };
    const read = [...(isNonEmpty(scrapes) ? ends(scrapes) : []), ...health];
    return read.length === 0
      ? absent('apiserver-metrics', 'no answer of an API server')
      : observed(
          { views },
          read.map((artifact) => sourceOf(artifact as unknown as LoadedArtifact)),
        );
  },
});
