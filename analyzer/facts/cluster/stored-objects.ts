import { absent, defineFact, observed, type Source } from '../../fact.js';
import type { LoadedArtifact } from '../../bundle/case.js';
import { missingOf, sourceOf } from '../access.js';
import type { StoredKind, StoredObjects } from '../values/index.js';
import { pairOf, seriesOf } from './api-server.js';

/** Names of one gauge through the versions, newest first; one server may have two of them. */
const counts = ['apiserver_resource_objects', 'apiserver_storage_objects', 'etcd_object_counts'];
const estimate = 'apiserver_resource_size_estimate_bytes';

const ranked = (
  kinds: readonly Omit<StoredKind, 'share'>[],
  origin: StoredObjects['origin'],
  others = 0,
): StoredObjects => {
  const total = kinds.reduce((sum, { count }) => sum + count, others);
  const sized = kinds.filter(({ bytes }) => bytes !== null);
  return {
    origin,
    total,
    kinds: kinds
      .map((kind) => ({ ...kind, share: total > 0 ? kind.count / total : 0 }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    totalBytes: sized.length === 0 ? null : sized.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  };
};

type Scrape = LoadedArtifact<'apiserver-metrics'>;

/** -1 is what the server writes when it could not count. */
const byResource = (scrape: Scrape | undefined, name: string | undefined): ReadonlyMap<string, number> =>
  new Map(
    (scrape === undefined || name === undefined ? [] : seriesOf(scrape, name)).flatMap(({ labels, value }) =>
      labels['resource'] === undefined || value === undefined || value < 0
        ? []
        : [[labels['resource'], value] as const],
    ),
  );

/** An API server that keeps some kinds in another etcd (`--etcd-servers-overrides`) does not say which. */
const hasSeveralStores = (scrape: Scrape | undefined): boolean =>
  scrape !== undefined && seriesOf(scrape, 'apiserver_storage_size_bytes').length > 1;

const fromApiServer = (scrapes: readonly Scrape[]): StoredObjects | undefined => {
  const newest = scrapes.at(-1);
  const pair = pairOf(scrapes.filter(({ bundleId }) => bundleId === newest?.bundleId));
  // A server that has just started has counted nothing yet, and says 0 of everything.
  const name = counts.find((each) => [...byResource(pair?.last, each).values()].some((count) => count > 0));
  if (pair === undefined || name === undefined || hasSeveralStores(pair.last)) return undefined;
  const before = byResource(pair.first, name);
  const bytes = byResource(pair.last, estimate);
  return ranked(
    [...byResource(pair.last, name)].map(([resource, count]) => {
      const first = before.get(resource);
      return {
        name: resource,
        count,
        delta: first === undefined ? null : count - first,
        bytes: bytes.get(resource) ?? null,
      };
    }),
    'api-server',
  );
};

const fromKeyspace = ({ value }: LoadedArtifact<'keyspace'>): StoredObjects | undefined => {
  // A prefix that ends early says nothing about shares.
  if (value.ended !== 'finished' || value.notCounted.length > 0 || value.total === undefined) return undefined;
  return ranked(
    value.prefixes.map(({ prefix, count }) => ({ name: prefix, count: Number(count), delta: null, bytes: null })),
    'keyspace',
    Math.max(0, Number(value.others ?? 0)),
  );
};

export default defineFact({
  scope: 'cluster',
  id: 'storedObjects',
  title: 'Objects in the store by kind',
  artifacts: ['apiserver-metrics', 'keyspace'],
  derive: (ctx) => {
    const scrapes = ctx.case.artifacts('apiserver-metrics');
    const counted = ctx.case.artifacts('keyspace').at(-1);
    const value = fromApiServer(scrapes) ?? (counted === undefined ? undefined : fromKeyspace(counted));
    if (value === undefined) {
      return scrapes.length === 0 && counted === undefined
        ? { ok: false, missing: missingOf(ctx.case, 'apiserver-metrics', 'cluster') }
        : absent('apiserver-metrics', 'no count of objects by kind is in what the API server or the key count said');
    }
    const used = value.origin === 'keyspace' ? counted : scrapes.at(-1);
    const source: Source[] = used === undefined ? [] : [sourceOf(used as unknown as LoadedArtifact)];
    return observed(value, source);
  },
});
