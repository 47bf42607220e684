import { parse } from 'yaml';
import { containerOf } from '../platforms/pod-file.js';
import { ProbeError } from '../probe.js';
import { parseArguments as parseEtcdArguments } from '../settings.js';
import type { StaticPodsArtifact } from '../../schemas/index.js';
import { imageTagOf } from './image.js';
import { at, defined, integerOf, isMap, mapsOf, textOf } from './json.js';

type StaticPod = StaticPodsArtifact['pods'][number];
type KubeletProbe = NonNullable<StaticPod['probes']>[number];

/** Flags of kube-apiserver about etcd and about load on it (`kube-apiserver --help`, 1.24 to 1.33); the values of others are dropped. */
const apiServerFlags = new Set(
  `etcd-servers etcd-servers-overrides etcd-prefix etcd-compaction-interval etcd-count-metric-poll-period
  etcd-db-metric-poll-interval etcd-healthcheck-timeout etcd-readycheck-timeout etcd-cafile etcd-certfile etcd-keyfile
  storage-backend storage-media-type lease-reuse-duration-seconds event-ttl watch-cache default-watch-cache-size
  watch-cache-sizes delete-collection-workers enable-garbage-collector max-requests-inflight
  max-mutating-requests-inflight enable-priority-and-fairness request-timeout min-request-timeout goaway-chance
  shutdown-delay-duration feature-gates profiling`
    .trim()
    .split(/\s+/),
);
const MAX_VALUE = 2048;

const apiServerSettings = (argv: readonly string[]): Pick<StaticPod, 'flags' | 'omitted'> => {
  const flags: Record<string, string> = {};
  const omitted = new Set<string>();
  for (const word of argv) {
    // Components of Kubernetes are started with `--name=value`.
    const [, name, value = 'true'] = /^--([a-z0-9-]{1,80})(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined) continue;
    if (apiServerFlags.has(name)) flags[name] = value.replace(/([a-z]+:\/\/)[^/@\s,]*@/gi, '$1').slice(0, MAX_VALUE);
    else omitted.add(name);
  }
  return { flags, omitted: [...omitted].sort() };
};

const etcdSettings = (argv: readonly string[]): Pick<StaticPod, 'flags' | 'omitted'> => {
  const start = argv.findIndex((word) => word.startsWith('-'));
  const { values, omitted } = parseEtcdArguments(start < 0 ? [] : argv.slice(start));
  return { flags: { ...values }, omitted: [...omitted] };
};

const probeOf = (container: unknown, kind: KubeletProbe['kind']): KubeletProbe[] => {
  const probe = at(container, `${kind}Probe`);
  if (!isMap(probe)) return [];
  const http = probe['httpGet'];
  const port = at(http, 'port');
  const path = textOf(at(http, 'path'), 128) ?? '/';
  const asks = isMap(http)
    ? `${at(http, 'scheme') === 'HTTPS' ? 'https' : 'http'}://:${typeof port === 'number' ? port : 'named'}${/^\/[\w./?=&-]*$/.test(path) ? path : '/...'}`
    : isMap(probe['exec'])
      ? 'exec'
      : undefined;
  return [
    defined({
      kind,
      asks,
      initialDelaySeconds: integerOf(probe['initialDelaySeconds']),
      periodSeconds: integerOf(probe['periodSeconds']),
      timeoutSeconds: integerOf(probe['timeoutSeconds']),
      failureThreshold: integerOf(probe['failureThreshold']),
      successThreshold: integerOf(probe['successThreshold']),
    }),
  ];
};

/** Quantities of the usual resources. */
const quantities = (value: unknown): Record<string, string> | undefined => {
  const found = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name): (readonly [string, string])[] => {
    const quantity = at(value, name);
    const text = typeof quantity === 'number' ? String(quantity) : textOf(quantity, 32);
    return text === undefined ? [] : [[name, text]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
};

/** What may be kept of a static pod; undefined when the container is not in it. Throws ProbeError on text that is no YAML, without quoting it. */
export const staticPodOf = (
  component: StaticPod['component'],
  path: string,
  text: string,
  stat: { readonly mtimeMs: number } | undefined,
): StaticPod | undefined => {
  let known: ReturnType<typeof containerOf>;
  try {
    known = containerOf(text, component);
  } catch {
    throw new ProbeError('failed', 'malformed-answer', `${path} is not valid YAML`);
  }
  if (known === undefined) return undefined;
  const spec = at(parse(text, { maxAliasCount: 20, logLevel: 'error' }), 'spec');
  const container = mapsOf(at(spec, 'containers')).find(({ name }) => name === component);
  const probes = (['liveness', 'readiness', 'startup'] as const).flatMap((kind) => probeOf(container, kind));
  return defined({
    component,
    path,
    modified: stat === undefined ? undefined : new Date(stat.mtimeMs).toISOString(),
    imageTag: imageTagOf(container?.['image']),
    ...(component === 'etcd' ? etcdSettings(known.argv) : apiServerSettings(known.argv)),
    priorityClass: textOf(at(spec, 'priorityClassName'), 64),
    requests: quantities(at(container, 'resources', 'requests')),
    limits: quantities(at(container, 'resources', 'limits')),
    probes: probes.length === 0 ? undefined : probes,
  });
};
