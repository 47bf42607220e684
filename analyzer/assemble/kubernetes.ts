import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import { valueIn } from '../facts/access.js';
import type { ApiServerView, ControlPlane } from '../facts/index.js';

type Kubernetes = NonNullable<Report['kubernetes']>;

const SHOWN_KINDS = 5;

const apiServer = (view: ApiServerView): Kubernetes['apiServers'][number] => {
  const { server, version, single, operations, failed, dbSizeBytes, failing } = view;
  const latency = single?.best;
  const p99 = latency?.p99 ?? null;
  const windowed = failed?.delta ?? null;
  const requests = operations.reduce(
    (sum, { latency: { window, sinceStart } }) => sum + (windowed === null ? sinceStart.count : (window?.count ?? 0)),
    0,
  );
  return {
    server,
    ...(version === null ? {} : { version }),
    ...(p99 === null || latency === undefined ? {} : { requestP99: { ...p99, basis: latency.basis } }),
    ...(failed === null
      ? {}
      : { requests, failed: windowed ?? failed.sinceStart, basis: windowed === null ? 'since-start' : 'window' }),
    ...(dbSizeBytes === null ? {} : { dbSizeBytes }),
    failing: (failing ?? []).flatMap(({ path, checks }) => checks.map((check) => `${check} (${path.split('?')[0]})`)),
  };
};

const pod = ({ component, node, ready, restarts, lastExit }: ControlPlane['pods'][number]) => {
  const ended =
    lastExit === null
      ? undefined
      : `${lastExit.reason ?? 'ended'}${lastExit.exitCode === null ? '' : ` (exit code ${lastExit.exitCode})`}${
          lastExit.at === null ? '' : ` at ${new Date(lastExit.at).toISOString()}`
        }`;
  return {
    component,
    ...(node === null ? {} : { node }),
    ...(ready === null ? {} : { ready }),
    restarts,
    ...(ended === undefined ? {} : { lastExit: ended }),
  };
};

/** etcd as Kubernetes sees it; undefined when no API server told anything. */
export const kubernetesSummary = (facts: Facts): Kubernetes | undefined => {
  const servers = valueIn(facts.cluster('apiServer'));
  const plane = valueIn(facts.cluster('controlPlane'));
  if (servers === null && plane === null) return undefined;
  const objects = valueIn(facts.cluster('storedObjects'));
  return {
    apiServers: (servers?.views ?? []).map(apiServer),
    pods: (plane?.pods ?? []).filter(({ ready, restarts }) => restarts > 0 || ready === false).map(pod),
    ailingNodes: (plane?.ailingNodes ?? []).map(({ node, conditions }) => `${node}: ${conditions.join(', ')}`),
    objects: (objects?.kinds ?? [])
      .filter(({ count }) => count > 0)
      .slice(0, SHOWN_KINDS)
      .map(({ name, count, share }) => ({ name, count, share })),
  };
};
