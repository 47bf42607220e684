import { defineLoad } from '../load.js';
import { type KindName, keyOf, kindNames, kinds, contentOf, watchedPrefixes } from './support/kubernetes-objects.js';
import { atRate, every } from './support/pace.js';
import { openPool } from './support/pool.js';
import { createTally } from './support/tally.js';
import { endOf, keepWatching } from './support/watches.js';

/** A stored object: its number within its kind and the revision that an update must still find. */
type Stored = { readonly kind: KindName; readonly index: number; modRevision: string; version: number };

/** How often a node renews its lease, seconds. */
const RENEWAL_SECONDS = 10;
/** Seconds for which new events share one lease, and their time to live. */
const LEASE_SHARED_SECONDS = 60;
const EVENT_TTL_SECONDS = 3_600;
const LIST_SECONDS = 10;
const PAGE = 500;

/** Of a hundred writes that are not renewals of node leases. */
const MIX: readonly (readonly [share: number, what: KindName | 'churn'])[] = [
  [38, 'pods'],
  [30, 'events'],
  [10, 'endpointslices'],
  [8, 'controllerLeases'],
  [6, 'configmaps'],
  [3, 'replicasets'],
  [2, 'nodes'],
  [3, 'churn'],
];

export default defineLoad({
  name: 'kubernetes',
  title: 'The API servers of a small Kubernetes cluster',
  params: {
    rate: { default: 25, about: 'writes per second, renewals of node leases included', strength: true },
    nodes: { default: 20, about: 'nodes; each renews a lease every 10 s, and pods, services and so on go with it' },
    watches: { default: 40, about: 'watches on resource types, each on a stream of its own' },
    compactEvery: { default: 300, about: 'seconds between compactions, each at the revision of the one before' },
  },
  start: async (cluster, { rate, nodes, watches, compactEvery }) => {
    const pool = openPool(cluster);
    const tally = createTally();
    const stored = new Map<KindName, Stored[]>(kindNames.map((kind) => [kind, []]));
    const nextIndex = new Map<KindName, number>();
    let revision = 0;
    let eventLease: { id: unknown; until: number } | undefined;

    const of = (kind: KindName): Stored[] => stored.get(kind) ?? [];
    const anyOf = (kind: KindName): Stored | undefined => of(kind)[Math.floor(Math.random() * of(kind).length)];
    const create = (kind: KindName): Stored => {
      const index = nextIndex.get(kind) ?? 0;
      nextIndex.set(kind, index + 1);
      return { kind, index, modRevision: '0', version: 0 };
    };

    /** As an API server writes: only if nobody else did meanwhile, else it learns the present revision. */
    const write = async (object: Stored, what: 'put' | 'delete', lease?: unknown): Promise<void> => {
      const key = Buffer.from(keyOf(object.kind, object.index));
      object.version += 1;
      const value = what === 'put' ? contentOf(object.kind, object.index, object.version) : undefined;
      const operation =
        value === undefined
          ? { requestDeleteRange: { key } }
          : { requestPut: { key, value, ...(lease === undefined ? {} : { lease }) } };
      const reply = await pool.next().call('Txn', {
        compare: [{ result: 'EQUAL', target: 'MOD', key, modRevision: object.modRevision }],
        success: [operation],
        failure: [{ requestRange: { key } }],
      });
      const now = (reply.header as { revision: string }).revision;
      revision = Math.max(revision, Number(now));
      object.modRevision = reply.succeeded === true ? now : foundRevision(reply.responses);
    };

    const leaseOfEvents = async (): Promise<unknown> => {
      if (eventLease === undefined || eventLease.until < performance.now()) {
        const { id } = await pool.next().call('LeaseGrant', { ttl: String(EVENT_TTL_SECONDS + LEASE_SHARED_SECONDS) });
        eventLease = { id, until: performance.now() + LEASE_SHARED_SECONDS * 1000 };
      }
      return eventLease.id;
    };

    const act = async (what: KindName | 'churn'): Promise<void> => {
      if (what === 'events') return write(create('events'), 'put', await leaseOfEvents());
      if (what === 'churn') {
        // One pod comes, the oldest goes: the number stays.
        const pod = create('pods');
        await write(pod, 'put');
        of('pods').push(pod);
        const oldest = of('pods').shift();
        return oldest === undefined ? undefined : write(oldest, 'delete');
      }
      const object = anyOf(what);
      if (object !== undefined) await write(object, 'put');
    };

    const list = async (kind: KindName): Promise<void> => {
      const prefix = `/registry/${kinds[kind].prefix}/`;
      let key = Buffer.from(prefix);
      for (;;) {
        const reply = await pool.next().call('Range', { key, rangeEnd: endOf(prefix), limit: String(PAGE) });
        const last = (reply.kvs as { key: Buffer }[]).at(-1);
        if (reply.more !== true || last === undefined) return;
        key = Buffer.concat([last.key, Buffer.from([0])]);
      }
    };

    const preload = async (): Promise<void> => {
      for (const kind of kindNames) {
        const objects = Array.from({ length: kinds[kind].count(nodes) }, () => create(kind));
        of(kind).push(...objects);
        for (let from = 0; from < objects.length; from += 64) {
          const some = objects.slice(from, from + 64);
          const success = some.map(({ index }) => {
            return { requestPut: { key: Buffer.from(keyOf(kind, index)), value: contentOf(kind, index) } };
          });
          await tally.timed(async () => {
            const reply = await pool.next().call('Txn', { success });
            for (const object of some) object.modRevision = (reply.header as { revision: string }).revision;
          });
        }
      }
    };

    await preload();
    let renewal = 0;
    const renewals = Math.min(rate, nodes / RENEWAL_SECONDS);
    const paces = [
      atRate(renewals, 16, () => {
        const lease = of('nodeLeases')[renewal++ % nodes];
        return lease === undefined ? Promise.resolve() : tally.timed(() => write(lease, 'put'));
      }),
      atRate(Math.max(0.1, rate - renewals), 64, () => tally.timed(() => act(pick(MIX)))),
      // Gets behind the caches of API servers: quorum reads of single objects.
      atRate(Math.max(0.1, rate / 2), 32, () => {
        const pod = anyOf('pods');
        const key = Buffer.from(pod === undefined ? '/registry/health' : keyOf('pods', pod.index));
        return tally.timed(() => pool.next().call('Range', { key }));
      }),
      every(LIST_SECONDS, () =>
        tally.timed(() =>
          list(
            pick([
              [3, 'pods'],
              [1, 'events'],
              [1, 'replicasets'],
              [1, 'secrets'],
            ]),
          ),
        ),
      ),
      every(compactEvery, compaction()),
    ];
    const ends = Array.from({ length: watches }, (_, at) =>
      keepWatching({
        choose: pool.next,
        prefix: watchedPrefixes[at % watchedPrefixes.length] ?? '/registry/',
        prevKv: true,
      }),
    );

    /** At the revision of the last time: clients have that long to read on. The first time there is none. */
    function compaction(): () => Promise<unknown> {
      let target = 0;
      return async () => {
        const at = target;
        target = revision;
        if (at > 0) await tally.timed(() => pool.next().call('Compact', { revision: String(at) }));
      };
    }

    return {
      stop: async () => {
        for (const end of ends) end();
        await Promise.all(paces.map((pace) => pace.stop()));
        pool.close();
        return tally.report();
      },
    };
  },
});

/** The revision that a failed comparison read instead; 0 if the key is gone. */
function foundRevision(responses: unknown): string {
  const [first] = responses as { responseRange?: { kvs?: { modRevision: string }[] } | null }[];
  return first?.responseRange?.kvs?.[0]?.modRevision ?? '0';
}

function pick<T>(shares: readonly (readonly [share: number, what: T])[]): T {
  let left = Math.random() * shares.reduce((sum, [share]) => sum + share, 0);
  for (const [share, what] of shares) {
    left -= share;
    if (left < 0) return what;
  }
  throw new Error('nothing to pick from');
}
