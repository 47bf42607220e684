import type { PrometheusOptions } from '../options.js';
import { ProbeError } from '../probe.js';
import { redactText } from '../redact/text.js';
import { clean } from './etcd/errors.js';
import { createGet } from './http/get.js';
import { createRequestCounter } from './requests.js';
import { loadTlsMaterial } from './tls.js';

/** Read-only door to the one Prometheus that the user named. Every call is bounded; errors are ProbeErrors. */
export interface PrometheusPort {
  /** Base URL, without user information. */
  readonly url: string;
  /** How far back is asked, ms. */
  readonly historyMs: number;
  /** Label matchers of the user, `a="b",c=~"d"`. */
  readonly match?: string;
  readonly query: (promql: string, atSeconds: number, call: PrometheusCall) => Promise<PrometheusAnswer>;
  readonly queryRange: (promql: string, range: TimeRange, call: PrometheusCall) => Promise<PrometheusAnswer>;
  readonly close: () => void;
}

export interface PrometheusCall {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** A longer answer is refused whole: half a JSON document cannot be read. */
  readonly maxBytes: number;
}

/** Seconds since epoch; both ends belong to it. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export interface PrometheusSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since epoch and value; NaN and infinite values are kept as such. */
  readonly points: readonly (readonly [number, number])[];
}

export interface PrometheusAnswer {
  readonly series: readonly PrometheusSeries[];
  readonly warnings: readonly string[];
  /** Length of the answer. */
  readonly bytes: number;
  readonly elapsedMs: number;
}

/** Longest text of a server that is kept, characters. */
const MAX_TEXT = 300;
const MAX_WARNINGS = 5;

/**
 * Redirects are not followed and the environment's proxy is not used, so the token reaches nobody but the named endpoint; the
 * client certificate of etcd is never presented to it. Throws ProbeError `file-missing` / `file-access` for the CA file.
 */
export const createPrometheusPort = (options: PrometheusOptions): PrometheusPort => {
  const { cacert, token, url, historyMs, match } = options;
  const material = loadTlsMaterial({ insecureSkipTlsVerify: false, ...(cacert === undefined ? {} : { cacert }) });
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const { get, close } = createGet(material, createRequestCounter(), headers);

  const ask = async (
    path: string,
    parameters: Readonly<Record<string, string>>,
    { signal, timeoutMs, maxBytes }: PrometheusCall,
  ): Promise<PrometheusAnswer> => {
    const asked = `GET ${url}${path}`;
    // The server gives up a little earlier than we do, and then says why.
    const timeout = `${Math.max(100, Math.floor(timeoutMs * 0.9))}ms`;
    const search = new URLSearchParams({ ...parameters, timeout }).toString();
    const answer = await get(`${url}${path}?${search}`, { signal, timeoutMs, maxBytes }).catch((error: unknown) => {
      // The query stands in the artifact, and is too long for a message.
      if (!(error instanceof ProbeError)) throw error;
      throw new ProbeError(error.state, error.reason, error.message.replace(/\?\S*?(?=[:\s]|$)/, ''), error.detail);
    });
    const { status, body, truncated, elapsedMs } = answer;
    if (truncated) throw refusal('failed', 'too-large', `${asked}: the answer is longer than ${maxBytes} bytes`);
    if (status >= 300 && status < 400) {
      throw refusal(
        'failed',
        'prometheus-answer',
        `${asked}: status ${status}, and redirects are not followed: name the place itself with --prometheus`,
        status,
      );
    }
    if (status === 401 || status === 403) {
      const next =
        token === undefined ? 'give --prometheus-token-file' : 'the token of --prometheus-token-file is refused';
      throw refusal('denied', 'prometheus-answer', `${asked}: status ${status}: ${next}`, status);
    }
    const type = answer.headers['content-type'] ?? 'none';
    const reply = /^application\/json\b/i.test(type) ? parse(body) : undefined;
    if (status !== 200) {
      const why = isRecord(reply) && typeof reply['error'] === 'string' ? `: ${shortened(reply['error'])}` : '';
      throw refusal('failed', 'prometheus-answer', `${asked}: status ${status}${why}`, status);
    }
    if (reply === undefined) {
      throw refusal(
        'failed',
        'malformed-answer',
        `${asked}: no JSON came back (content type ${shortened(type)}); is this the base URL of a Prometheus?`,
      );
    }
    return { ...answerOf(reply, asked), bytes: body.length, elapsedMs };
  };

  return {
    url,
    historyMs,
    ...(match === undefined ? {} : { match }),
    query: (query, time, call) => ask('/api/v1/query', { query, time: String(time) }, call),
    queryRange: (query, { start, end, step }, call) =>
      ask('/api/v1/query_range', { query, start: String(start), end: String(end), step: String(step) }, call),
    close,
  };
};

const refusal = (
  state: 'failed' | 'denied',
  reason: 'too-large' | 'prometheus-answer' | 'malformed-answer',
  message: string,
  httpStatus?: number,
): ProbeError => new ProbeError(state, reason, message, httpStatus === undefined ? {} : { httpStatus });

const shortened = (text: string): string => redactText(clean(text)).value.slice(0, MAX_TEXT);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Values are decimal texts in Prometheus's JSON, with NaN, +Inf and -Inf. */
const numberOf = (text: unknown): number => {
  if (typeof text !== 'string') return Number.NaN;
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : text === '' ? Number.NaN : Number(text);
};

const pointOf = (pair: unknown): readonly [number, number] | undefined =>
  Array.isArray(pair) && typeof pair[0] === 'number' ? [pair[0], numberOf(pair[1])] : undefined;

const seriesOf = (entry: unknown): PrometheusSeries | undefined => {
  if (!isRecord(entry) || !isRecord(entry['metric'])) return undefined;
  const labels = Object.entries(entry['metric']).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const raw = Array.isArray(entry['values']) ? entry['values'] : [entry['value']];
  const points = raw.flatMap((pair: unknown) => {
    const point = pointOf(pair);
    return point === undefined ? [] : [point];
  });
  return { labels: Object.fromEntries(labels), points };
};

/** Result of the query API (https://prometheus.io/docs/prometheus/latest/querying/api/): a vector or a matrix. */
const answerOf = (reply: unknown, asked: string): Pick<PrometheusAnswer, 'series' | 'warnings'> => {
  const data = isRecord(reply) && reply['status'] === 'success' && isRecord(reply['data']) ? reply['data'] : undefined;
  const kind = data?.['resultType'];
  if (
    !isRecord(reply) ||
    data === undefined ||
    (kind !== 'matrix' && kind !== 'vector') ||
    !Array.isArray(data['result'])
  ) {
    throw refusal('failed', 'malformed-answer', `${asked}: the JSON is not an answer of Prometheus's query API`);
  }
  const warnings: readonly unknown[] = Array.isArray(reply['warnings']) ? reply['warnings'] : [];
  return {
    series: data['result'].flatMap((entry: unknown) => seriesOf(entry) ?? []),
    warnings: warnings
      .filter((text): text is string => typeof text === 'string')
      .slice(0, MAX_WARNINGS)
      .map(shortened),
  };
};
