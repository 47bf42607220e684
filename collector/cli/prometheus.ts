import { UsageError } from '../errors.js';
import type { PrometheusOptions } from '../options.js';
import { isLoopback } from '../targets/addresses.js';
import { readSecretFile } from './secrets.js';
import { parseDuration } from './values.js';

const defaultHistoryMs = 6 * 3_600_000;
const leastMs = 5 * 60_000;
const mostMs = 31 * 24 * 3_600_000;

/** One label matcher as PromQL writes it; only double quotes. */
const matcher = String.raw`[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"`;
const matchers = new RegExp(String.raw`^\s*${matcher}(?:\s*,\s*${matcher}){0,19}\s*,?\s*$`);
const maxMatch = 1000;

export interface PrometheusFlags {
  readonly url: string | undefined;
  readonly history: string | undefined;
  readonly match: string | undefined;
  readonly tokenFile: string | undefined;
  readonly cacert: string | undefined;
}

const baseOf = (text: string): URL => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`--prometheus: not a URL`, 'write it like https://prometheus.example:9090');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--prometheus with user information: it can be seen by every user',
      'use --prometheus-token-file',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`--prometheus ${text}: not http or https`, 'write it like https://prometheus.example:9090');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(`--prometheus ${url.origin}: a base URL has no ? or #`, 'leave out what comes after the path');
  }
  return url;
};

const onThisMachine = ({ hostname }: URL): boolean => {
  return isLoopback(hostname.replace(/^\[|\]$/g, ''));
};

/** Flags about a Prometheus; reads the token. Throws UsageError. */
export const prometheusFrom = (flags: PrometheusFlags): PrometheusOptions | undefined => {
  const { history, match, tokenFile, cacert } = flags;
  if (flags.url === undefined) {
    const lone = Object.entries({
      history,
      'prometheus-match': match,
      'prometheus-token-file': tokenFile,
      'prometheus-cacert': cacert,
    }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
    if (lone.length > 0) throw new UsageError(`${lone.join(', ')} without a Prometheus`, 'add --prometheus URL');
    return undefined;
  }
  const url = baseOf(flags.url);
  const historyMs = history === undefined ? defaultHistoryMs : parseDuration('--history', history);
  if (historyMs < leastMs || historyMs > mostMs)
    throw new UsageError(`--history ${history}: out of range`, 'use 5m to 744h');
  if (match !== undefined && (match.length > maxMatch || !matchers.test(match))) {
    throw new UsageError('--prometheus-match: not a list of label matchers', 'write it like cluster="a",job=~"etcd.*"');
  }
  if (tokenFile !== undefined && url.protocol === 'http:' && !onThisMachine(url)) {
    throw new UsageError(
      `--prometheus ${url.origin}: a token would cross the network in clear text`,
      'use https, or leave out --prometheus-token-file',
    );
  }
  const token =
    tokenFile === undefined ? undefined : readSecretFile('--prometheus-token-file', tokenFile, 'token').trim();
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`--prometheus-token-file ${tokenFile}: not a token`, 'put the token alone in the first line');
  }
  return {
    url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    historyMs,
    ...(match === undefined ? {} : { match: match.trim().replace(/\s*,$/, '') }),
    ...(token === undefined ? {} : { token }),
    ...(cacert === undefined ? {} : { cacert }),
  };
};
