import type { HistoryArtifact } from '../../../schemas/index.js';
import type { Hint, Piece, Recognised } from '../types.js';
import { addressOf, idOfHex, isRecord, known, records, texts } from '../values.js';

/** Raw series that the collector asks a Prometheus for, under the names it gives them. */
const histories: Readonly<
  Record<string, { readonly name: string; readonly unit: string; readonly type: 'gauge' | 'counter' }>
> = {
  etcd_server_has_leader: { name: 'has-leader', unit: '0 or 1', type: 'gauge' },
  etcd_server_is_leader: { name: 'is-leader', unit: '0 or 1', type: 'gauge' },
  up: { name: 'up', unit: '0 or 1', type: 'gauge' },
  etcd_server_leader_changes_seen_total: { name: 'leader-changes', unit: 'count', type: 'counter' },
  etcd_mvcc_db_total_size_in_bytes: { name: 'db-size', unit: 'bytes', type: 'gauge' },
  etcd_mvcc_db_total_size_in_use_in_bytes: { name: 'db-size-in-use', unit: 'bytes', type: 'gauge' },
  etcd_server_quota_backend_bytes: { name: 'quota', unit: 'bytes', type: 'gauge' },
  process_start_time_seconds: { name: 'process-start', unit: 'seconds since epoch', type: 'gauge' },
  etcd_server_proposals_failed_total: { name: 'proposals-failed', unit: 'count', type: 'counter' },
  etcd_server_proposals_pending: { name: 'proposals-pending', unit: 'count', type: 'gauge' },
  etcd_server_proposals_committed_total: { name: 'proposals-committed', unit: 'count', type: 'gauge' },
  etcd_server_proposals_applied_total: { name: 'proposals-applied', unit: 'count', type: 'gauge' },
  etcd_server_heartbeat_send_failures_total: { name: 'heartbeat-send-failures', unit: 'count', type: 'counter' },
  etcd_server_slow_apply_total: { name: 'slow-applies', unit: 'count', type: 'counter' },
  etcd_server_slow_read_indexes_total: { name: 'slow-read-indexes', unit: 'count', type: 'counter' },
  etcd_network_peer_sent_failures_total: { name: 'peer-sent-failures', unit: 'count', type: 'counter' },
  process_cpu_seconds_total: { name: 'cpu', unit: 'seconds', type: 'counter' },
  process_resident_memory_bytes: { name: 'resident-memory', unit: 'bytes', type: 'gauge' },
  process_open_fds: { name: 'open-fds', unit: 'count', type: 'gauge' },
  etcd_debugging_mvcc_keys_total: { name: 'keys', unit: 'count', type: 'gauge' },
};

/** More points than a day has at 15 s would only be memory. */
const MAX_POINTS = 11_000;

type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly labels: Labels;
  readonly points: readonly (readonly [at: number, value: string])[];
}

const pointOf = (value: unknown): [number, string] | undefined =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string'
    ? [value[0], value[1]]
    : undefined;

const seriesOf = (entry: Readonly<Record<string, unknown>>): Series | undefined => {
  const metric = entry['metric'];
  if (!isRecord(metric)) return undefined;
  const labels = Object.fromEntries(
    Object.entries(metric).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const list = Array.isArray(entry['values']) ? entry['values'] : [entry['value']];
  const points = list.map(pointOf).filter((point) => point !== undefined);
  return points.length === 0 ? undefined : { labels, points };
};

const quoted = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** A series as a line of the text format, without the labels that the scraping Prometheus added. */
const added: ReadonlySet<string> = new Set([
  '__name__',
  'instance',
  'job',
  'namespace',
  'pod',
  'node',
  'cluster',
  'endpoint',
  'service',
  'prometheus',
  'container',
]);
const lineOf = ({ labels, points }: Series): string => {
  const own = Object.entries(labels).filter(([name]) => !added.has(name) && /^[a-zA-Z_]\w*$/.test(name));
  const text = own.map(([name, value]) => `${name}="${quoted(value)}"`).join(',');
  return `${labels['__name__']}${text === '' ? '' : `{${text}}`} ${points.at(-1)?.[1]}`;
};

/** An instant query with raw series is a scrape of every instance, at the time it names. */
const scrapes = (all: readonly Series[], hint: Hint): Piece[] => {
  const instances = new Map<string, Series[]>();
  for (const series of all) {
    const instance = series.labels['instance'] ?? hint.who.label;
    instances.set(instance, [...(instances.get(instance) ?? []), series]);
  }
  const servers = [...instances].filter(([, own]) => own.some(({ labels }) => /^etcd_/.test(labels['__name__'] ?? '')));
  return servers.map(([instance, own]): Piece => {
    const id = idOfHex(own.find(({ labels }) => labels['__name__'] === 'etcd_server_id')?.labels['server_id']);
    const at = Math.round(Math.max(...own.flatMap(({ points }) => points.map(([seconds]) => seconds))) * 1000);
    const node = own[0]?.labels['node'] ?? own[0]?.labels['pod']?.replace(/^etcd-/, '');
    return {
      kind: 'metrics',
      // The address is that of the metrics listener, which is no client URL.
      about: { ...known({ id, node, address: addressOf(instance) }), label: instance },
      value: `${own.map(lineOf).join('\n')}\n`,
      moment: { at, by: 'stated' },
      lacks: 'an excerpt from a Prometheus: a metric that is not in it may well exist',
    };
  });
};

/** Range query of one raw metric. */
const historyOf = (metric: string, all: readonly Series[]): HistoryArtifact | undefined => {
  const plan = Object.hasOwn(histories, metric) ? histories[metric] : undefined;
  const times = [...new Set(all.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (plan === undefined || first === undefined || last === undefined || last <= first) return undefined;
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at));
  const stepSeconds = Math.max(1, Math.round(Math.min(...gaps)));
  const points = Math.round((last - first) / stepSeconds) + 1;
  if (points > MAX_POINTS) return undefined;
  return {
    ...plan,
    query: metric,
    start: new Date(first * 1000).toISOString(),
    stepSeconds,
    points,
    chosenBy: 'everything',
    series: all.map(({ labels, points: own }) => {
      const values: (number | null)[] = Array.from({ length: points }, () => null);
      for (const [at, text] of own) {
        const value = Number(text);
        values[Math.round((at - first) / stepSeconds)] = Number.isFinite(value) ? value : null;
      }
      const { __name__: _, ...kept } = labels;
      return { labels: kept, values };
    }),
    elapsedMs: 0,
  };
};

/** The answer of a Prometheus to `query` or `query_range`; undefined for any other JSON. */
export const recognisePrometheus = (
  value: unknown,
  hint: Hint,
): Recognised | { readonly reason: string } | undefined => {
  if (!isRecord(value) || typeof value['status'] !== 'string' || !('data' in value || 'errorType' in value))
    return undefined;
  const data = value['data'];
  if (value['status'] !== 'success' || !isRecord(data) || !['vector', 'matrix'].includes(String(data['resultType'])))
    return { reason: `an answer of a Prometheus without series (status ${String(value['status']).slice(0, 40)})` };
  const all = records(data['result'])
    .map(seriesOf)
    .filter((series) => series !== undefined);
  const named = all.filter(({ labels }) => labels['__name__'] !== undefined);
  const notes = texts(value['warnings'])
    .slice(0, 3)
    .map((warning) => `Prometheus warned: ${warning}`);
  if (named.length === 0)
    return {
      reason:
        'an answer of a Prometheus whose series have no name: the result of a calculation does not say what was asked. Query raw series, e.g. {__name__=~"etcd_.*"}',
    };
  if (data['resultType'] === 'vector') {
    const pieces = scrapes(named, hint);
    return pieces.length === 0
      ? { reason: 'an answer of a Prometheus without a series of an etcd server' }
      : { form: 'Prometheus query', pieces, notes };
  }
  const byMetric = new Map<string, Series[]>();
  for (const series of named) {
    const metric = series.labels['__name__'] ?? '';
    byMetric.set(metric, [...(byMetric.get(metric) ?? []), series]);
  }
  const pieces: Piece[] = [];
  const unused: string[] = [];
  for (const [metric, own] of byMetric) {
    const history = historyOf(metric, own);
    if (history === undefined) unused.push(metric);
    else pieces.push({ kind: 'history', about: 'cluster', value: history, instance: history.name });
  }
  if (unused.length > 0)
    notes.push(
      `Series of ${unused.slice(0, 5).join(', ')}${unused.length > 5 ? ` and ${unused.length - 5} more metrics` : ''} were not used: no history is kept of them`,
    );
  return pieces.length === 0
    ? { reason: 'a range of a Prometheus, but of no metric that is kept as history' }
    : { form: 'Prometheus query_range', pieces, notes };
};
