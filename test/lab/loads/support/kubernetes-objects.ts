import { randomBytes } from 'node:crypto';

/** What an API server stores of one resource type: where, how large, how many. */
export type ResourceKind = {
  readonly prefix: string;
  /** Bytes of the smallest and the largest object. */
  readonly bytes: readonly [number, number];
  /** Objects of a cluster with so many nodes before anything is written. */
  readonly count: (nodes: number) => number;
  readonly namespaced: boolean;
  /** Noise instead of text, as in certificates and keys. */
  readonly random?: boolean;
};

export const kinds = {
  nodes: { prefix: 'minions', bytes: [6_000, 12_000], count: (n) => n, namespaced: false },
  nodeLeases: { prefix: 'leases/kube-node-lease', bytes: [380, 420], count: (n) => n, namespaced: false },
  controllerLeases: { prefix: 'leases/kube-system', bytes: [330, 480], count: () => 8, namespaced: false },
  pods: { prefix: 'pods', bytes: [3_000, 8_000], count: (n) => n * 15, namespaced: true },
  events: { prefix: 'events', bytes: [600, 1_200], count: () => 0, namespaced: true },
  configmaps: { prefix: 'configmaps', bytes: [300, 6_000], count: (n) => 40 + n * 2, namespaced: true },
  secrets: { prefix: 'secrets', bytes: [800, 4_000], count: (n) => 30 + n * 2, namespaced: true, random: true },
  replicasets: { prefix: 'replicasets', bytes: [1_800, 4_500], count: (n) => n * 6, namespaced: true },
  deployments: { prefix: 'deployments', bytes: [2_000, 5_000], count: (n) => n * 2, namespaced: true },
  services: { prefix: 'services/specs', bytes: [700, 1_500], count: (n) => n * 2, namespaced: true },
  endpointslices: { prefix: 'endpointslices', bytes: [700, 3_000], count: (n) => n * 2, namespaced: true },
  serviceaccounts: { prefix: 'serviceaccounts', bytes: [150, 300], count: (n) => 50 + n, namespaced: true },
} as const satisfies Record<string, ResourceKind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

/** Types that are watched as well, though this load writes none of them. */
const QUIET = [
  ...['namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'],
  ...['horizontalpodautoscalers', 'poddisruptionbudgets', 'ingress', 'networkpolicies', 'storageclasses', 'csinodes'],
  ...[
    'roles',
    'rolebindings',
    'clusterroles',
    'clusterrolebindings',
    'priorityclasses',
    'resourcequotas',
    'limitranges',
  ],
  ...['customresourcedefinitions', 'validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'flowschemas'],
];

/** Prefixes as API servers watch them, the written ones first. */
export const watchedPrefixes: readonly string[] = [
  ...new Set(kindNames.map((name) => `/registry/${kinds[name].prefix.split('/')[0]}/`)),
  ...QUIET.map((name) => `/registry/${name}/`),
];

const NAMESPACES = ['default', 'kube-system', 'monitoring', 'ingress', 'shop', 'billing', 'search', 'batch'];

/** Spreads small whole numbers over [0, 1): the same number gives the same share. */
const spread = (index: number): number => ((Math.imul(index + 1, 0x9e3779b1) >>> 0) % 65_536) / 65_536;

const hex = (index: number): string => (Math.imul(index + 7, 0x85ebca6b) >>> 0).toString(16).padStart(8, '0');

/** Key of the object number `index` of a kind; different indexes give different keys. */
export function keyOf(name: KindName, index: number): string {
  const kind: ResourceKind = kinds[name];
  const space = kind.namespaced ? `${NAMESPACES[index % NAMESPACES.length]}/` : '';
  return `/registry/${kind.prefix}/${space}${name.toLowerCase().replace(/s$/, '')}-${index}-${hex(index)}`;
}

/** Bytes of that object's value: always the same for the same index. */
export function sizeOf(name: KindName, index: number): number {
  const [least, most] = kinds[name].bytes;
  return least + Math.floor(spread(index) * (most - least + 1));
}

const TEXT = Buffer.from(
  Array.from(
    { length: 4_000 },
    (_, at) => `{"name":"container-${at}","image":"registry/app:${hex(at)}","ready":true},`,
  ).join(''),
);
const NOISE = randomBytes(64 * 1024);
const MAGIC = Buffer.from('k8s\0');

/** A value of that size; `version` changes where it starts, so that an update is a different value. */
export function contentOf(name: KindName, index: number, version = 0): Buffer {
  const kind: ResourceKind = kinds[name];
  const source = kind.random === true ? NOISE : TEXT;
  const length = sizeOf(name, index) - MAGIC.length;
  const from = Math.floor(spread(index * 31 + version) * (source.length - length));
  return Buffer.concat([MAGIC, source.subarray(from, from + length)]);
}
