import type { KubeEventsArtifact, KubeNodesArtifact, KubePodsArtifact } from '../../../schemas/index.js';
import type { Moment, Piece } from '../types.js';
import { isRecord, known, records, textOf } from '../values.js';

type Json = Readonly<Record<string, unknown>>;
type Pod = KubePodsArtifact['pods'][number];
type Container = Pod['containers'][number];
type State = NonNullable<Container['state']>;
type Event = KubeEventsArtifact['events'][number];
type Node = KubeNodesArtifact['nodes'][number];

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
const textAt = (value: unknown, ...path: readonly string[]): string | undefined => textOf(at(value, ...path));
const time = (text: string | undefined): string | undefined => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

const stateOf = (value: unknown): State | undefined => {
  for (const kind of ['running', 'terminated', 'waiting'] as const) {
    const state = at(value, kind);
    if (!isRecord(state)) continue;
    const code = state['exitCode'];
    return {
      kind,
      ...known({
        reason: textOf(state['reason']),
        exitCode: typeof code === 'number' && Number.isInteger(code) ? code : undefined,
        startedAt: time(textOf(state['startedAt'])),
        finishedAt: time(textOf(state['finishedAt'])),
      }),
    };
  }
  return undefined;
};

export const podOf = (pod: Json): Pod => ({
  component: 'etcd',
  namespace: textAt(pod, 'metadata', 'namespace') ?? '',
  name: textAt(pod, 'metadata', 'name') ?? '',
  containers: records(at(pod, 'status', 'containerStatuses')).map(
    (status): Container => ({
      name: textOf(status['name']) ?? '',
      restarts: Math.max(0, Math.trunc(Number(status['restartCount'] ?? 0)) || 0),
      ...known({
        imageTag: /:([\w.-]+)$/.exec(textOf(status['image']) ?? '')?.[1],
        ready: typeof status['ready'] === 'boolean' ? status['ready'] : undefined,
        state: stateOf(status['state']),
        lastState: stateOf(status['lastState']),
      }),
    }),
  ),
  ...known({
    node: textAt(pod, 'spec', 'nodeName'),
    phase: textAt(pod, 'status', 'phase'),
    startedAt: time(textAt(pod, 'status', 'startTime')),
  }),
});

/** An event about a pod of etcd; undefined for any other. */
export const eventOf = (event: Json): Event | undefined => {
  const about = isRecord(event['involvedObject']) ? event['involvedObject'] : event['regarding'];
  const name = textAt(about, 'name') ?? '';
  if (!name.startsWith('etcd-')) return undefined;
  const count = Number(textOf(event['count']) ?? textAt(event, 'series', 'count') ?? 1);
  const last =
    textOf(event['lastTimestamp']) ?? textAt(event, 'series', 'lastObservedTime') ?? textOf(event['eventTime']);
  return {
    component: 'etcd',
    namespace: textAt(about, 'namespace') ?? '',
    name,
    type: textOf(event['type']) ?? 'Normal',
    reason: textOf(event['reason']) ?? '',
    ...known({
      message: (textOf(event['message']) ?? textOf(event['note']))?.slice(0, 300),
      count: Number.isInteger(count) ? count : undefined,
      first: time(textOf(event['firstTimestamp'])),
      last: time(last),
    }),
  };
};

/** Nodes of a control plane; of others nothing is read. */
export const nodeOf = (node: Json): Node | undefined => {
  const labels = at(node, 'metadata', 'labels');
  const roles = isRecord(labels) ? Object.keys(labels) : [];
  if (!roles.some((role) => /^node-role\.kubernetes\.io\/(?:control-plane|master|etcd)$/.test(role))) return undefined;
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    taints: [],
    conditions: records(at(node, 'status', 'conditions')).map((condition) => ({
      type: textOf(condition['type']) ?? '',
      status: textOf(condition['status']) ?? 'Unknown',
      ...known({
        reason: textOf(condition['reason']),
        since: time(textOf(condition['lastTransitionTime'])),
        heartbeatAt: time(textOf(condition['lastHeartbeatTime'])),
      }),
    })),
  };
};

/** What is known of Kubernetes as cluster-wide artifacts; without a time of the reading, the newest time in it stands for it. */
export const kubePieces = (
  found: { readonly pods: readonly Pod[]; readonly events: readonly Event[]; readonly nodes: readonly Node[] },
  moment: Moment | undefined,
): Piece[] => {
  const times = [
    ...found.events.map(({ last }) => last),
    ...found.pods.flatMap(({ containers }) =>
      containers.flatMap(({ state, lastState }) => [state?.startedAt, lastState?.finishedAt]),
    ),
    ...found.nodes.flatMap(({ conditions }) => conditions.flatMap(({ heartbeatAt, since }) => [heartbeatAt, since])),
  ].filter((text) => text !== undefined);
  const newest = times.sort().at(-1);
  const readAt = moment === undefined ? newest : new Date(moment.at).toISOString();
  if (readAt === undefined) return [];
  const piece = (kind: Piece['kind'], value: unknown): Piece => ({ kind, about: 'cluster', value });
  return [
    ...(found.pods.length > 0 ? [piece('kube-pods', { readAt, pods: [...found.pods] })] : []),
    ...(found.events.length > 0 ? [piece('kube-events', { readAt, complete: false, events: [...found.events] })] : []),
    ...(found.nodes.length > 0 ? [piece('kube-nodes', { readAt, nodes: [...found.nodes] })] : []),
  ];
};

const lists: Readonly<Record<string, string>> = { 'kube-pods': 'pods', 'kube-events': 'events', 'kube-nodes': 'nodes' };

/** Several answers about Kubernetes, e.g. one file per namespace, as one: the bundle has one artifact of each kind. */
export const joinKube = <T extends { readonly pieces: readonly Piece[] }>(sources: readonly T[]): T[] => {
  const first = new Map<string, Piece>();
  const joined = new Map<Piece, Piece>();
  for (const piece of sources.flatMap(({ pieces }) => pieces)) {
    const list = Object.hasOwn(lists, piece.kind) ? lists[piece.kind] : undefined;
    if (list === undefined) continue;
    const head = first.get(piece.kind);
    if (head === undefined) first.set(piece.kind, piece);
    else {
      const [before, more] = [(joined.get(head) ?? head).value, piece.value] as [Json, Json];
      const readAt = [before['readAt'], more['readAt']].map(String).sort().at(-1);
      joined.set(head, {
        ...head,
        value: { ...before, readAt, [list]: [...records(before[list]), ...records(more[list])] },
      });
    }
  }
  return sources.map((source) => ({
    ...source,
    pieces: source.pieces
      .filter((piece) => !Object.hasOwn(lists, piece.kind) || first.get(piece.kind) === piece)
      .map((piece) => joined.get(piece) ?? piece),
  }));
};
