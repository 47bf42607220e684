import type { CollectOptions } from '../options.js';
import type { LocalMember } from '../probe.js';
import { type Address, isLoopback, isUnspecified, parseSeed, parseUrl, parseUrls } from './addresses.js';

/**
 * Base URLs to try for /metrics and health, in order: what is dialled for gRPC, listeners named by the flags of the
 * local process, `--metrics-endpoints` on the same host, and last by convention port 2381 (kubeadm, RKE2, k3s; 2382 is
 * k3s's HTTP client port). Which of them are this member's is told by the metrics page itself.
 */
export const httpUrlsOf = (
  dialled: Address,
  clientUrls: readonly string[],
  local: LocalMember | undefined,
  options: Pick<CollectOptions, 'metricsEndpoints'>,
): readonly string[] => {
  const named = parseMetricsEndpoints(options);
  const onHost = named.filter(
    ({ host }) => host === dialled.host || (isLoopback(host) && (local !== undefined || isLoopback(dialled.host))),
  );
  // A listener named by the user whose host says nothing about the member is still worth a try: the page tells.
  const elsewhere = named.filter((address) => !onHost.includes(address));
  const flags = ['listen-client-http-urls', 'listen-metrics-urls'].flatMap((flag) => [
    ...parseUrls(local?.settings[flag]),
  ]);
  const conventions = [
    `http://${hostOf(dialled)}:2381`,
    ...(local === undefined ? [] : ['http://127.0.0.1:2381', 'https://127.0.0.1:2382']),
  ];
  const urls = [
    dialled.url,
    ...flags.map((address) =>
      isUnspecified(address.host) ? `${address.tls ? 'https' : 'http'}://127.0.0.1:${address.port}` : address.url,
    ),
    ...onHost.map(({ url }) => url),
    ...clientUrls.filter((url) => !isUnspecified(parseUrl(url)?.host ?? '0.0.0.0')),
    ...elsewhere.map(({ url }) => url),
    ...conventions,
  ];
  return [...new Set(urls)];
};

/** `--metrics-endpoints` entries; without a scheme they are plain http, as etcd's examples have it. */
export const parseMetricsEndpoints = ({
  metricsEndpoints,
}: Pick<CollectOptions, 'metricsEndpoints'>): readonly Address[] =>
  metricsEndpoints.map((entry) => parseSeed(entry, false));

const hostOf = ({ host }: Address): string => (host.includes(':') ? `[${host}]` : host);
