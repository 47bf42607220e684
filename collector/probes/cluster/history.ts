import { historyQueries, type HistoryQuery, keptLabels } from '../../history-queries.js';
import type { PrometheusAnswer, PrometheusCall, PrometheusPort, PrometheusSeries } from '../../ports/prometheus.js';
import { type ClusterTarget, defineProbe, type MemberTarget, ProbeError, type ProbePart } from '../../probe.js';
import type { HistoryArtifact } from '../../../schemas/index.js';

/** Points of one series at most, so that a day and an hour cost the same. */
const MAX_POINTS = 720;
/** Shortest step, s: few Prometheus servers scrape more often. */
const MIN_STEP = 15;
/** Shortest window of a rate, s: holds two scrapes at the slowest usual interval of a minute. */
const MIN_RATE_WINDOW = 240;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** All answers of one run together. */
const MAX_TOTAL_BYTES = 16 * 1024 * 1024;
const MAX_SERIES = 128;
const MAX_INSTANCES = 64;
const QUERY_MS = 5_000;
const MAX_LABEL = 256;
/** Queries without an answer in a row after which the rest is not asked: the server has enough to do. */
const MAX_SILENT = 3;

interface Choice {
  readonly chosenBy: HistoryArtifact['chosenBy'];
  readonly selector: string;
  /** `job` and `instance`, as a key -> member id. */
  readonly memberOf: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

const hexId = /^[0-9a-f]{16}$/;
const keyOf = ({ job = '', instance = '' }: Readonly<Record<string, string>>): string => `${job}\n${instance}`;

/** A regular expression of literal alternatives, as a PromQL string; `?` and the like lose their meaning. */
const oneOf = (values: Iterable<string>): string =>
  [...values]
    .map((value) => value.replace(/[\\.*+?^${}()|[\]]/g, '\\$&'))
    .join('|')
    .replace(/["\\]/g, '\\$&')
    .replace(/\n/g, '\\n');

const hostOf = (hostPort: string): string => hostPort.replace(/^[a-z]+:\/\//, '').replace(/:\d+$/, '');

/** Hosts under which the members are known; loopback tells nothing, unless the port does. */
const addressesOf = (members: readonly MemberTarget[]): ReadonlySet<string> =>
  new Set(
    members
      .flatMap(({ endpoint, clientUrls, peerUrls, httpUrls }) => [endpoint, ...clientUrls, ...peerUrls, ...httpUrls])
      .flatMap((url) => {
        const hostPort = url.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
        const host = hostOf(hostPort);
        return /^(localhost|127\.|\[::1\])/.test(host) ? [hostPort] : [hostPort, host];
      })
      .filter((address) => address !== ''),
  );

const braces = (...matchers: readonly (string | undefined)[]): string =>
  `{${matchers.filter((matcher) => matcher !== undefined).join(',')}}`;

/** Which series are of this cluster: by the member id that etcd itself exports, else by address, else by what the user said. */
const choose = async (
  port: PrometheusPort,
  { members }: ClusterTarget,
  end: number,
  call: PrometheusCall,
): Promise<Choice> => {
  const past = `[${Math.round(port.historyMs / 1000)}s]`;
  const [ids, seen] = [
    await port.query(`max_over_time(etcd_server_id${braces(port.match)}${past})`, end, call),
    await port.query(`max_over_time(etcd_server_has_leader${braces(port.match)}${past})`, end, call),
  ];
  const known = new Set(members.map(({ id }) => id).filter((id) => hexId.test(id)));
  const memberOf = new Map<string, string>();
  for (const { labels } of ids.series) {
    const id = (labels['server_id'] ?? '').padStart(16, '0');
    // An instance that had two ids was replaced: which values are whose cannot be told.
    if (known.has(id)) memberOf.set(keyOf(labels), memberOf.has(keyOf(labels)) ? '' : id);
  }
  const addresses = addressesOf(members);
  const atAddress = seen.series.filter(({ labels }) => {
    const instance = labels['instance'] ?? '';
    return addresses.has(instance) || addresses.has(hostOf(instance));
  });
  const own = ids.series.filter(({ labels }) => memberOf.has(keyOf(labels)));
  const found =
    own.length > 0 ? [...own, ...atAddress.filter(({ labels }) => !memberOf.has(keyOf(labels)))] : atAddress;
  const chosenBy =
    own.length > 0
      ? 'member-id'
      : atAddress.length > 0
        ? 'address'
        : port.match !== undefined
          ? 'matchers'
          : 'everything';
  const chosen = found.length > 0 ? found : seen.series;
  if (chosen.length === 0) {
    throw new ProbeError(
      'failed',
      'prometheus-answer',
      `${port.url} has no etcd series of the last ${Math.round(port.historyMs / 60_000)} minutes${port.match === undefined ? '' : ` with ${port.match}`}`,
    );
  }
  // Every member is known by its id, others are there, and ours are not: these are other clusters.
  if (chosenBy === 'everything' && known.size > 0 && ids.series.length > 0) {
    throw new ProbeError(
      'failed',
      'prometheus-answer',
      `${port.url} has etcd series, but none of this cluster (no etcd_server_id and no address of its members); if they are there under other names, say which with --prometheus-match`,
    );
  }
  const kept = chosen.slice(0, MAX_INSTANCES);
  const missing = chosenBy === 'member-id' ? [...known].filter((id) => ![...memberOf.values()].includes(id)) : [];
  return {
    chosenBy,
    selector: braces(
      port.match,
      `job=~"${oneOf(new Set(kept.map(({ labels }) => labels['job'] ?? '')))}"`,
      `instance=~"${oneOf(new Set(kept.map(({ labels }) => labels['instance'] ?? '')))}"`,
    ),
    memberOf,
    notes: [
      ...(missing.length === 0 ? [] : [`no series of member ${missing.join(', ')}`]),
      ...(chosen.length === kept.length ? [] : [`${chosen.length - kept.length} instances were left out`]),
    ],
  };
};

/** Derived values need no more than six digits; sizes and counts stay exact. */
const compact = (value: number): number | null =>
  Number.isFinite(value) ? (Number.isInteger(value) ? value : Number(value.toPrecision(6))) : null;

interface Window {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly points: number;
  readonly rateSeconds: number;
}

const windowOf = (historyMs: number, nowMs: number): Window => {
  const step = Math.max(MIN_STEP, Math.ceil(historyMs / 1000 / MAX_POINTS));
  const points = Math.max(2, Math.floor(historyMs / 1000 / step));
  const end = Math.floor(nowMs / 1000);
  return { start: end - (points - 1) * step, end, step, points, rateSeconds: Math.max(MIN_RATE_WINDOW, step) };
};

const valuesOf = ({ points }: PrometheusSeries, { start, step, points: length }: Window): (number | null)[] => {
  const values = new Array<number | null>(length).fill(null);
  for (const [seconds, value] of points) {
    const index = Math.round((seconds - start) / step);
    if (index >= 0 && index < length) values[index] = compact(value);
  }
  return values;
};

const artifactOf = (
  { name, unit, type }: HistoryQuery,
  query: string,
  answer: PrometheusAnswer,
  window: Window,
  { chosenBy, memberOf }: Choice,
): HistoryArtifact => {
  const dropped = new Set<string>();
  const series = new Map<string, HistoryArtifact['series'][number]>();
  let duplicates = 0;
  let cutSeries = 0;
  for (const one of answer.series) {
    const labels: Record<string, string> = {};
    for (const [label, value] of Object.entries(one.labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (keptLabels.has(label)) labels[label] = value.slice(0, MAX_LABEL);
      else if (label !== '__name__') dropped.add(label.slice(0, MAX_LABEL));
    }
    const key = JSON.stringify(labels);
    if (series.has(key)) duplicates += 1;
    else if (series.size >= MAX_SERIES) cutSeries += 1;
    else {
      const memberId = memberOf.get(keyOf(one.labels));
      series.set(key, { labels, ...(memberId ? { memberId } : {}), values: valuesOf(one, window) });
    }
  }
  return {
    name,
    query,
    unit,
    type,
    start: new Date(window.start * 1000).toISOString(),
    stepSeconds: window.step,
    points: window.points,
    ...(type === 'rate' || type === 'quantile' ? { rateWindowSeconds: window.rateSeconds } : {}),
    chosenBy,
    series: [...series.values()],
    ...(dropped.size === 0 ? {} : { droppedLabels: [...dropped].sort().slice(0, 50) }),
    ...(duplicates === 0 ? {} : { duplicates }),
    ...(cutSeries === 0 ? {} : { cutSeries }),
    ...(answer.warnings.length === 0 ? {} : { warnings: [...answer.warnings] }),
    elapsedMs: Math.round(answer.elapsedMs * 1000) / 1000,
  };
};

export default defineProbe({
  kind: 'history',
  scope: 'cluster',
  title: 'The last hours from a Prometheus',
  reads: `${historyQueries.length} range queries about etcd, at most ${MAX_POINTS} points for each series`,
  permission: 'network access to the Prometheus, and a token where it wants one',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  timeoutMs: 30_000,
  source: () => 'GET <prometheus>/api/v1/query and /api/v1/query_range',
  run: async ({ target, prometheus: port, signal, timeoutMs, now, monotonic }) => {
    if (port === undefined) throw new ProbeError('skipped-by-user', 'not-asked', 'no --prometheus was named');
    const endBy = monotonic() + timeoutMs * 0.9;
    let bytesLeft = MAX_TOTAL_BYTES;
    const callNow = (): PrometheusCall => ({
      signal,
      timeoutMs: Math.max(1, Math.min(QUERY_MS, endBy - monotonic())),
      maxBytes: Math.min(MAX_ANSWER_BYTES, bytesLeft),
    });
    const window = windowOf(port.historyMs, now());
    const choice = await choose(port, target, window.end, callNow());
    const parts: ProbePart<'history'>[] = [];
    const problems: string[] = [];
    let firstFailure: ProbeError | undefined;
    let silent = 0;
    for (const [index, query] of historyQueries.entries()) {
      const rest = historyQueries.length - index;
      const stop =
        silent >= MAX_SILENT
          ? `it was silent ${silent} times`
          : monotonic() >= endBy || signal.aborted
            ? 'the time was up'
            : bytesLeft < 64 * 1024
              ? `${MAX_TOTAL_BYTES} bytes were read`
              : undefined;
      if (stop !== undefined) {
        problems.push(`${rest} of ${historyQueries.length} queries not asked: ${stop}`);
        break;
      }
      const promql = query.promql(choice.selector, `${window.rateSeconds}s`);
      const call = callNow();
      try {
        const answer = await port.queryRange(promql, window, call);
        silent = 0;
        bytesLeft -= answer.bytes;
        const content = artifactOf(query, promql, answer, window, choice);
        if (content.cutSeries !== undefined) problems.push(`${query.name}: ${content.cutSeries} series left out`);
        parts.push({ instance: query.name, content });
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        firstFailure ??= error;
        if (error.reason === 'too-large') bytesLeft -= call.maxBytes;
        silent = error.state === 'timeout' || error.state === 'unreachable' ? silent + 1 : 0;
        problems.push(`${query.name}: ${error.message}`);
      }
    }
    if (parts.length === 0 && firstFailure !== undefined) throw firstFailure;
    const message = [...problems, ...choice.notes].join('; ').slice(0, 1500);
    return {
      state: problems.length > 0 ? 'partial' : 'ok',
      ...(problems.length > 0 ? { reason: firstFailure?.reason ?? ('size-cap' as const) } : {}),
      ...(message === '' ? {} : { message }),
      source: `GET ${port.url}/api/v1/query_range`,
      parts,
    };
  },
});
