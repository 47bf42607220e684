import { parseAllDocuments } from 'yaml';
import type { CrashMarkersArtifact, ServerConfigArtifact } from '../../../schemas/index.js';
import { settings } from '../../facts/cluster/config-defaults.js';
import type { Hint, Piece, Recognised, Who } from '../types.js';
import { eventOf, kubePieces, nodeOf, podOf } from './kube-kinds.js';
import { addressOf, isRecord, known, records, textOf, texts } from '../values.js';

type Json = Readonly<Record<string, unknown>>;

/** A list of everything in a large cluster would be read for a few pods. */
const MAX_YAML = 24 * 1024 * 1024;
/** Flags that say where a member is, besides those that rules read. */
const places: ReadonlySet<string> = new Set([
  'name',
  'data-dir',
  'wal-dir',
  'advertise-client-urls',
  'listen-client-urls',
  'initial-advertise-peer-urls',
  'listen-peer-urls',
  'listen-metrics-urls',
  'initial-cluster',
  'initial-cluster-state',
]);

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
const textAt = (value: unknown, ...path: readonly string[]): string | undefined => textOf(at(value, ...path));
const timeAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const time = Date.parse(textAt(value, ...path) ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};

const isEtcdPod = (pod: Json): boolean =>
  textAt(pod, 'metadata', 'labels', 'component') === 'etcd' ||
  textAt(pod, 'metadata', 'labels', 'app') === 'etcd' ||
  /^etcd-/.test(textAt(pod, 'metadata', 'name') ?? '');

const etcdContainer = (pod: Json): Json | undefined =>
  records(at(pod, 'spec', 'containers')).find(({ name }) => name === 'etcd');

/** `--name=value`, and the value as the next word; only flags whose values are no secret. */
const flagsOf = (container: Json | undefined): { flags: Record<string, string>; omitted: string[] } => {
  const words = [...texts(container?.['command']), ...texts(container?.['args'])].flatMap((word) => word.split(/\s+/));
  const flags: Record<string, string> = Object.create(null) as Record<string, string>;
  const omitted = new Set<string>();
  for (const [i, word] of words.entries()) {
    const match = /^--([a-z0-9-]+)(?:=(.*))?$/.exec(word);
    const [name, value] = [match?.[1], match?.[2] ?? words[i + 1]];
    if (name === undefined) continue;
    const plain = name.replace(/^experimental-/, '');
    if (value !== undefined && !value.startsWith('--') && (places.has(name) || Object.hasOwn(settings, plain)))
      flags[name] = value;
    else omitted.add(name);
  }
  return { flags: { ...flags }, omitted: [...omitted].sort() };
};

const whoOf = (pod: Json, flags: Readonly<Record<string, string>>): Who => {
  const podName = textAt(pod, 'metadata', 'name') ?? 'etcd';
  return {
    ...known({
      name: flags['name'],
      address: addressOf(flags['advertise-client-urls']?.split(',')[0]),
      node: textAt(pod, 'spec', 'nodeName'),
    }),
    label: podName,
  };
};

type Container = CrashMarkersArtifact['containers'][number];

const containerOf = (status: Json, key: 'state' | 'lastState'): Container | undefined => {
  const state = at(status, key);
  const ended = at(state, 'terminated');
  const running = at(state, 'running');
  if (!isRecord(ended) && !isRecord(running)) return undefined;
  const from = isRecord(ended) ? ended : running;
  const restarts = Number(status['restartCount'] ?? 0);
  const exitCode = at(ended, 'exitCode');
  return {
    id: (textAt(from, 'containerID') ?? textOf(status['containerID']) ?? '').replace(/^.*\/\//, '').slice(0, 12),
    attempt: Math.max(0, key === 'state' ? restarts : restarts - 1),
    state: isRecord(ended) ? 'CONTAINER_EXITED' : 'CONTAINER_RUNNING',
    ...known({
      exitCode: typeof exitCode === 'number' ? exitCode : undefined,
      reason: textAt(ended, 'reason'),
      startedAt: timeAt(from, 'startedAt'),
      finishedAt: timeAt(ended, 'finishedAt'),
    }),
  };
};

const podPieces = (pod: Json, notes: string[]): Piece[] => {
  const { flags, omitted } = flagsOf(etcdContainer(pod));
  const who = whoOf(pod, flags);
  const status = records(at(pod, 'status', 'containerStatuses')).find(({ name }) => name === 'etcd');
  const config: ServerConfigArtifact = {
    pid: 0,
    executable: 'etcd',
    discoveredBy: 'pod',
    flags,
    env: {},
    configFileValues: {},
    omitted,
  };
  const pieces: Piece[] = Object.keys(flags).length === 0 ? [] : [{ kind: 'server-config', about: who, value: config }];
  if (status === undefined) return pieces;
  const containers = (['state', 'lastState'] as const)
    .map((key) => containerOf(status, key))
    .filter((each) => each !== undefined);
  const markers: CrashMarkersArtifact = { markers: [], logs: [], containers, units: [], coreFiles: [], asked: [] };
  const last = containers.find(({ state }) => state === 'CONTAINER_EXITED');
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  const restarts = Number(status['restartCount'] ?? 0);
  if (restarts > 0 || waiting !== undefined || status['ready'] === false)
    notes.push(
      `Pod ${who.label}: ${status['ready'] === false ? 'not ready, ' : ''}${waiting === undefined ? '' : `waiting (${waiting}), `}${restarts} restarts${last === undefined ? '' : `, last end ${last.reason ?? ''} (exit code ${last.exitCode ?? '?'}) at ${last.finishedAt ?? 'an unknown time'}`}`,
    );
  return [...pieces, { kind: 'crash-markers', about: who, value: markers }];
};

const eventNote = (event: Json): string | undefined => {
  const about = isRecord(event['involvedObject']) ? event['involvedObject'] : event['regarding'];
  const name = textAt(about, 'name') ?? '';
  if (textOf(event['type']) !== 'Warning' && !/^(Killing|BackOff|Unhealthy)$/.test(textOf(event['reason']) ?? ''))
    return undefined;
  if (!/^etcd-/.test(name)) return undefined;
  const count = textOf(event['count']) ?? textAt(event, 'series', 'count') ?? '1';
  const when =
    textOf(event['lastTimestamp']) ??
    textAt(event, 'series', 'lastObservedTime') ??
    textOf(event['eventTime']) ??
    'an unknown time';
  return `Event of ${name}: ${textOf(event['reason'])} ${count} times, last at ${when}: ${(textOf(event['message']) ?? textOf(event['note']) ?? '').slice(0, 200)}`;
};

const badConditions: ReadonlySet<string> = new Set([
  'DiskPressure',
  'MemoryPressure',
  'PIDPressure',
  'NetworkUnavailable',
]);

const nodeNotes = (node: Json): string[] =>
  records(at(node, 'status', 'conditions')).flatMap((condition) => {
    const type = textOf(condition['type']) ?? '';
    const bad = badConditions.has(type)
      ? condition['status'] === 'True'
      : type === 'Ready' && condition['status'] !== 'True';
    return bad
      ? [
          `Node ${textAt(node, 'metadata', 'name')}: ${type} is ${textOf(condition['status'])} since ${textOf(condition['lastTransitionTime'])} (${textOf(condition['reason'])})`,
        ]
      : [];
  });

/** Documents of a YAML text, as plain data; aliases are few, so that they cannot grow without end. */
export const parseYaml = (text: string): unknown[] | undefined => {
  if (text.length > MAX_YAML) return undefined;
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false, schema: 'core' });
    if (!Array.isArray(documents)) return undefined;
    return documents.some((document) => document.errors.length > 0)
      ? undefined
      : documents.map((document): unknown => document.toJS({ maxAliasCount: 20 }));
  } catch {
    return undefined;
  }
};

const MAX_NOTES = 12;

/** Pods, events and nodes as kubectl prints them in JSON or YAML; undefined for anything else. */
export const recogniseKubernetes = (
  value: unknown,
  hint: Hint,
): Recognised | { readonly reason: string } | undefined => {
  if (!isRecord(value) || textOf(value['apiVersion']) === undefined || textOf(value['kind']) === undefined)
    return undefined;
  const listKind = textOf(value['kind'])?.replace(/List$/, '') ?? '';
  const items = Array.isArray(value['items']) ? records(value['items']) : [value];
  const kindOf = (item: Json): string => textOf(item['kind']) ?? listKind;
  const pods = items.filter((item) => kindOf(item) === 'Pod' && isEtcdPod(item));
  const notes: string[] = [];
  const pieces = pods.flatMap((pod) => podPieces(pod, notes));
  const events = items
    .filter((item) => kindOf(item) === 'Event')
    .map(eventNote)
    .filter((note) => note !== undefined);
  const nodes = items.filter((item) => kindOf(item) === 'Node').flatMap(nodeNotes);
  const all = [...notes, ...events.slice(-MAX_NOTES), ...nodes.slice(0, MAX_NOTES)];
  const kube = kubePieces(
    {
      pods: pods.map(podOf),
      events: items
        .filter((item) => kindOf(item) === 'Event')
        .map(eventOf)
        .filter((event) => event !== undefined),
      nodes: items
        .filter((item) => kindOf(item) === 'Node')
        .map(nodeOf)
        .filter((node) => node !== undefined),
    },
    hint.moment,
  );
  if (pieces.length + kube.length === 0 && all.length === 0)
    return {
      reason: `Kubernetes ${textOf(value['kind'])} without a pod, an event or a node condition that concerns etcd`,
    };
  const forms = [pods.length > 0 ? 'pods' : '', events.length > 0 ? 'events' : '', nodes.length > 0 ? 'nodes' : ''];
  return {
    form: `kubectl get ${forms.filter((form) => form !== '').join(', ')}`,
    pieces: [...pieces, ...kube],
    notes: all,
  };
};
