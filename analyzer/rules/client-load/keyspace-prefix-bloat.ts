import type { StoredObjects } from '../../facts/values/kubernetes.js';
import { type Claim, defineRule, type EvidenceInput, inconclusive, necessary, supporting } from '../../rule.js';
import { kindOf } from '../evidence/nospace.js';
import { nospaceThresholds, readNospace } from '../evidence/nospace-claims.js';
import { mib } from '../evidence/responsiveness.js';

/** A count that the API server made up to a minute ago may be a little above the keys of now. */
const OTHER_STORE = 1.1;
/** With fewer counted, a kind that was not counted may have more than half of the keys. */
const ACCOUNTED_FOR = 0.5;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const counted = ({ origin }: StoredObjects): string =>
  origin === 'api-server' ? 'counted by the API server' : 'counted by prefix in etcd';

/** What is known of its growth and its size. */
const sizeAndGrowth = (objects: StoredObjects): EvidenceInput[] => {
  const [largest] = objects.kinds;
  if (largest === undefined) return [];
  const { delta, bytes } = largest;
  return [
    ...(delta === null || delta <= 0
      ? []
      : [supporting(true, 'It grows', { observed: `${delta} more within the window`, from: ['storedObjects'] })]),
    ...(bytes === null || objects.totalBytes === null || objects.totalBytes <= 0
      ? []
      : [
          supporting(bytes / objects.totalBytes > 0.5 ? true : undefined, 'Its size, as the API server estimates', {
            observed: `${mib(bytes)}, ${percent(bytes / objects.totalBytes)} of all`,
            from: ['storedObjects'],
          }),
        ]),
  ];
};

export default defineRule({
  id: 'keyspace-prefix-bloat',
  title: 'One kind of objects fills the key space',
  category: 'client-load',
  role: 'risk',
  scope: 'cluster',
  why: 'A producer that never cleans up fills the database with one kind of objects; lists of it get slow, and when the quota is reached all writes are refused.',
  needs: [],
  wants: ['storedObjects', 'storage', 'alarms', 'log'],
  explains: ['quota-nospace-live-data', 'large-range-reads'],
  messages: {
    fills: 'The quota is full of live keys, and {share} of all keys are of one kind: {kind} ({count}).',
    dominates: '{share} of all keys are of one kind: {kind} ({count}).',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See who makes them: owner, age and number by namespace',
      tag: 'read-only',
      command:
        'kubectl get <resource> -A --no-headers -o custom-columns=NS:.metadata.namespace | sort | uniq -c | sort -rn | head',
    },
    { text: 'Fix or stop the producer, or give it limits (history limits, TTL, retention)', tag: 'brief-interruption' },
    {
      text: 'If these are events: shorten --event-ttl, or give events an etcd of their own (--etcd-servers-overrides)',
      tag: 'restarts',
    },
    {
      text: 'Delete what nobody needs in small batches, then compact and defragment one member at a time',
      tag: 'destructive',
      command: 'kubectl delete <resource> -n <namespace> -l <selector> --wait=false',
    },
  ],
  doNot: ['delete a whole prefix in one request', 'raise the quota as the only measure'],
  owner: 'application',
  alternatives: [
    { rule: 'auto-compaction-off', why: 'Old revisions, not live keys, would fill the database.' },
    { rule: 'large-values-or-txns', why: 'Few keys with large values would fill it.' },
  ],
  wouldDisprove: ['a count by prefix in which no kind has more than half of the keys'],
  nextEvidence: [
    { what: 'keys by kind, counted in etcd', command: 'etcd-collect --allow-load --keyspace' },
    {
      what: 'objects by kind as the API server counts them',
      command: "kubectl get --raw /metrics | grep -E '^apiserver_(storage|resource)_objects'",
    },
  ],
  thresholds: [...nospaceThresholds, 'quota-in-use-share', 'prefix-share', 'prefix-count'],
  evaluate: (ctx) => {
    const { storedObjects } = ctx.want;
    const storage = [...ctx.each('storage').values()];
    const keys = Math.max(0, ...storage.map((each) => each.keys?.last ?? 0));
    const inUse = Math.max(0, ...storage.map((each) => each.inUseShare ?? each.sizeShare));
    const judged = readNospace(ctx);
    // A store with few keys and much room is not full of anything, whatever is in it.
    const isSmall =
      keys > 0 && keys < ctx.limit('prefix-count') && inUse < ctx.limit('quota-in-use-share') && judged.armed !== true;
    if (isSmall) return [];
    const largest = storedObjects?.kinds[0];
    if (storedObjects === undefined || largest === undefined)
      return inconclusive('objects were not counted by kind: neither an API server nor --keyspace was asked');
    if (keys > 0 && storedObjects.total > keys * OTHER_STORE)
      return inconclusive(
        `${storedObjects.total} objects were counted, but the members hold ${keys} keys: the API server may be of another cluster`,
      );
    // Of the other half nobody knows what it is.
    if (storedObjects.total < keys * ACCOUNTED_FOR)
      return inconclusive(
        `${storedObjects.total} objects were counted by kind, but the members hold ${keys} keys: what the others are is not known`,
      );
    const share = largest.count / Math.max(storedObjects.total, keys, 1);
    const fills = judged.armed === true && kindOf(judged) === 'live';
    const isMany = largest.count >= ctx.limit('prefix-count');
    const isFull = inUse >= ctx.limit('quota-in-use-share');
    const claim: Claim = {
      message: fills ? 'fills' : 'dominates',
      data: { share: percent(share), kind: largest.name, count: largest.count },
      severity: 'warning',
      role: fills ? 'cause' : 'risk',
      evidence: [
        necessary(share > ctx.limit('prefix-share'), 'Share of the most frequent kind in all keys', {
          observed: `${percent(share)} (${largest.count} of ${Math.max(storedObjects.total, keys)}, ${counted(storedObjects)})`,
          threshold: 'prefix-share',
          from: keys > 0 ? ['storedObjects', 'storage'] : ['storedObjects'],
        }),
        // Half of a small store is no trouble.
        necessary(isMany || isFull || fills, 'The store is large: by number, or by the quota', {
          observed: `${largest.count} objects; ${storage.length === 0 ? 'the quota is not known' : `${percent(inUse)} of the quota in use`}`,
          threshold: isFull ? 'quota-in-use-share' : 'prefix-count',
          from: storage.length > 0 ? ['storedObjects', 'storage'] : ['storedObjects'],
        }),
        ...(fills
          ? [
              necessary(true, 'The NOSPACE alarm is armed, and most stored revisions are live keys', {
                from: ['alarms', 'storage'],
              }),
            ]
          : []),
        ...sizeAndGrowth(storedObjects),
      ],
    };
    return [claim];
  },
});
