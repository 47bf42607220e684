import { defineFact } from '../../fact.js';
import type { Sample, Scrape } from '../../metrics/parse.js';
import { unique } from '../access.js';
import { addCounters, fromScrapes } from '../views.js';
import type { Counter, RequestRate, Requests, Scrapes } from '../values/index.js';

const handled = 'grpc_server_handled_total';

/** gRPC codes that a server gives for its own trouble or a refusal for lack of resources; the set of etcd's own alert rules. */
const errorCodes: ReadonlySet<string> = new Set([
  'Unknown',
  'FailedPrecondition',
  'ResourceExhausted',
  'Internal',
  'Unavailable',
  'DataLoss',
  'DeadlineExceeded',
]);

const zero: Counter = { delta: 0, perSecond: 0, sinceStart: 0, perSecondSinceStart: 0, reset: false };

interface Series {
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly counter: Counter;
}

/** Every series of a labelled counter that ever counted. */
const seriesOf = (scrapes: Scrapes, name: string, labels: readonly string[]): Series[] => {
  const keyOf = (sample: Sample): string => labels.map((label) => sample.labels[label] ?? '').join('\0');
  const index = (scrape: Scrape): Map<string, number> => {
    const map = new Map<string, number>();
    for (const sample of scrape.samples(name)) map.set(keyOf(sample), (map.get(keyOf(sample)) ?? 0) + sample.value);
    return map;
  };
  const first = index(scrapes.first.scrape);
  const seconds = scrapes.window?.seconds ?? null;
  const list: Series[] = [];
  for (const [key, value] of index(scrapes.last.scrape)) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    const before = first.get(key) ?? 0;
    const reset = value < before;
    const delta = seconds === null || reset || scrapes.first.scrape.truncated ? null : value - before;
    const parts = key.split('\0');
    list.push({
      labels: Object.fromEntries(labels.map((label, i) => [label, parts[i] ?? ''])),
      counter: {
        delta,
        perSecond: delta === null || seconds === null ? null : delta / seconds,
        sinceStart: value,
        perSecondSinceStart:
          scrapes.uptimeSeconds === null || scrapes.uptimeSeconds <= 0 ? null : value / scrapes.uptimeSeconds,
        reset,
      },
    });
  }
  return list.sort(
    (a, b) => (b.counter.delta ?? 0) - (a.counter.delta ?? 0) || b.counter.sinceStart - a.counter.sinceStart,
  );
};

const sum = (list: readonly RequestRate[]): Counter => addCounters(list.map((rate) => rate.counter)) ?? zero;

const requestsOf = (scrapes: Scrapes): Requests | null => {
  if (!scrapes.last.scrape.has(handled)) return null;
  const byMethod = seriesOf(scrapes, handled, ['grpc_service', 'grpc_method', 'grpc_code', 'grpc_type']).map(
    ({ labels, counter }): RequestRate => ({
      service: labels.grpc_service ?? '',
      method: labels.grpc_method ?? '',
      code: labels.grpc_code ?? '',
      type: labels.grpc_type ?? '',
      counter,
    }),
  );
  const total = sum(byMethod);
  const errors = sum(byMethod.filter((rate) => errorCodes.has(rate.code)));
  const inWindow = total.delta !== null && total.delta > 0;
  const codes = unique(byMethod.map((rate) => rate.code));
  return {
    byMethod,
    total,
    errors,
    errorShare: inWindow
      ? (errors.delta ?? 0) / (total.delta ?? 1)
      : total.sinceStart > 0
        ? errors.sinceStart / total.sinceStart
        : null,
    errorShareBasis: inWindow ? 'window' : 'since-start',
    byCode: Object.fromEntries(codes.map((code) => [code, sum(byMethod.filter((rate) => rate.code === code))])),
    clients: seriesOf(scrapes, 'etcd_server_client_requests_total', ['type', 'client_api_version']).map(
      ({ labels, counter }) => ({
        type: labels.type ?? '',
        version: labels.client_api_version ?? '',
        counter,
      }),
    ),
    streamMessages: (['received', 'sent'] as const).flatMap((direction) =>
      seriesOf(scrapes, `grpc_server_msg_${direction}_total`, ['grpc_method', 'grpc_type'])
        .filter(({ labels }) => labels.grpc_type !== 'unary')
        .map(({ labels, counter }) => ({ method: labels.grpc_method ?? '', direction, counter })),
    ),
  };
};

export default defineFact({
  scope: 'member',
  id: 'requests',
  title: 'gRPC requests by method and code',
  artifacts: ['metrics'],
  derive: (ctx) => fromScrapes(ctx, [handled], requestsOf),
});
