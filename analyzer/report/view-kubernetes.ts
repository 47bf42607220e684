import type { Report } from '../../schemas/index.js';
import { bytes, count, listed, percent, percentile, plural } from './format.js';

type Kubernetes = NonNullable<Report['kubernetes']>;

const basisOf = (basis: 'window' | 'since-start' | undefined): string =>
  basis === 'window' ? 'in the window' : 'since it started';

const serverLine = (server: Kubernetes['apiServers'][number]): string => {
  const { requestP99, requests, failed, basis, dbSizeBytes, failing } = server;
  const parts = [
    requestP99 === undefined
      ? ''
      : `its requests to etcd take ${percentile(requestP99)} at the 99th percentile, lists left out (${plural(Math.round(requestP99.count), 'request')} ${basisOf(requestP99.basis)})`,
    requests === undefined || failed === undefined
      ? ''
      : `${count(Math.round(failed))} of ${count(Math.round(requests))} failed ${basisOf(basis)}`,
    dbSizeBytes === undefined ? '' : `etcd tells it a database of ${bytes(dbSizeBytes)}`,
    failing.length === 0 ? '' : `failing checks: ${listed(failing)}`,
  ].filter((part) => part !== '');
  return `API server ${server.server}${server.version === undefined ? '' : ` (${server.version})`}: ${parts.length === 0 ? 'it answers' : parts.join('; ')}.`;
};

const podLine = ({ component, node, ready, restarts, lastExit }: Kubernetes['pods'][number]): string =>
  `Pod of ${component}${node === undefined ? '' : ` on ${node}`}: ${plural(restarts, 'restart')}${ready === false ? ', not ready' : ''}${lastExit === undefined ? '' : `; last end: ${lastExit}`}.`;

/** Lines of one sort; the rest is in report.json. */
const SHOWN = 6;

const some = (lines: readonly string[], what: string): readonly string[] =>
  lines.length <= SHOWN
    ? lines
    : [...lines.slice(0, SHOWN), `${count(lines.length - SHOWN)} further ${what}: see the JSON report.`];

/** What Kubernetes says of its etcd, in a few lines; none when it was not asked. */
export const kubernetesLines = ({ kubernetes }: Report): string[] => {
  if (kubernetes === undefined) return [];
  const { apiServers, pods, ailingNodes, objects } = kubernetes;
  return [
    ...some(apiServers.map(serverLine), 'API servers'),
    ...some(pods.map(podLine), 'pods'),
    ...some(
      ailingNodes.map((text) => `Control-plane node ${text}.`),
      'nodes',
    ),
    ...(objects.length === 0
      ? []
      : [
          `Most frequent objects: ${listed(objects.map(({ name, count: n, share }) => `${name} ${count(n)} (${percent(share * 100)})`))}.`,
        ]),
  ];
};
