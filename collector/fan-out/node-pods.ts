import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { readPackageFile } from '../../schemas/index.js';
import { UsageError } from '../errors.js';
import type { RunPipe } from '../ports/pipe.js';
import { type KubectlOptions, kubectlCall, podTargets } from './kubectl.js';
import type { Target } from './transport.js';

const manifest = 'deploy/kubernetes/daemonset/daemonset.yaml';
const controlPlane = 'node-role.kubernetes.io/control-plane=';
/** Most time that pods get to start. One that does not is a host that is not reached, ms. */
const startMs = 30_000;
/** After the last moment somebody may need them, pods end by themselves, s. */
const spareSeconds = 60;

interface Container {
  readonly args: readonly string[];
  readonly [field: string]: unknown;
}

interface Template {
  readonly namespace: string;
  readonly container: Container;
  /** Without its containers and what places it on nodes. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The DaemonSet of deploy/: not privileged, no capability, what it mounts of the node is read-only. */
const template = (): Template => {
  const { metadata, spec } = parse(readPackageFile(manifest)) as {
    metadata: { namespace: string };
    spec: { template: { spec: { containers: [Container]; nodeSelector: unknown; [field: string]: unknown } } };
  };
  const { containers, nodeSelector: _, ...rest } = spec.template.spec;
  return { namespace: metadata.namespace, container: containers[0], spec: rest };
};

/** Namespace of the pods when none is named. */
export const nodePodNamespace = (): string => template().namespace;

/** Flags of the collector in such a pod when none are given: those of the DaemonSet. */
export const nodePodArgs = (): string[] =>
  template().container.args.map((argument) => argument.replaceAll('$(HOST_IP)', '{address}'));

/**
 * A pod that waits on a node until the collector is run in it. It is bound to the node, so that it needs no scheduler, and ends by itself; its
 * labels are not those of the DaemonSet, which would take it for one of its own.
 */
export const nodePod = (name: string, node: string, image: string, seconds: number): object => {
  const { container, spec } = template();
  const { args: _args, env: _env, ...rest } = container;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'etcd-collect-fan-out' } },
    spec: {
      ...spec,
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: seconds,
      terminationGracePeriodSeconds: 1,
      containers: [{ ...rest, image, command: ['node'], args: ['-e', `setTimeout(() => {}, ${seconds * 1000})`] }],
    },
  };
};

const namesIn = (json: string): string[] => {
  const { items } = JSON.parse(json) as { items?: readonly { metadata?: { name?: unknown } }[] };
  return (items ?? []).flatMap(({ metadata }) => (typeof metadata?.name === 'string' ? [metadata.name] : []));
};

export interface NodePods {
  readonly targets: readonly Target[];
  /** Deletes the pods. Never rejects; what could not be deleted is returned as a line for people. */
  readonly remove: () => Promise<string | undefined>;
}

/**
 * Makes one pod on each node (default: those of the control plane) and waits for them. Throws UsageError when kubectl refuses; nothing is left
 * then.
 */
export const createNodePods = async (
  program: string,
  options: KubectlOptions,
  {
    image,
    nodes: named,
    workMs,
  }: { readonly image: string; readonly nodes: readonly string[]; readonly workMs: number },
  pipe: RunPipe,
): Promise<NodePods> => {
  const call = (args: readonly string[], input?: string) => kubectlCall(program, options, args, pipe, input);
  let nodes = named;
  if (nodes.length === 0) {
    const { failure, stdout } = await call(['get', 'nodes', '--output=json', `--selector=${controlPlane}`]);
    if (failure !== undefined)
      throw new UsageError(`kubectl does not tell the nodes: ${failure}`, 'name them with --node');
    nodes = namesIn(stdout);
    if (nodes.length === 0) throw new UsageError(`no node has the label ${controlPlane}`, 'name them with --node');
  }
  const series = randomBytes(4).toString('hex');
  const seconds = Math.ceil((startMs + workMs) / 1000) + spareSeconds;
  const names = nodes.map((_, index) => `etcd-collect-${series}-${index + 1}`);
  const items = nodes.map((node, index) => nodePod(names[index] ?? '', node, image, seconds));
  const remove = async (): Promise<string | undefined> => {
    const { failure } = await call(['delete', 'pods', '--ignore-not-found', '--wait=false', ...names]);
    return failure === undefined
      ? undefined
      : `note: the pods ${names.join(', ')} could not be deleted (${failure}); they end by themselves in ${seconds} s at most. To go on: kubectl delete pods ${names.join(' ')}`;
  };
  try {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { failure } = await call(['create', '--filename=-', '--output=name'], list);
    if (failure !== undefined)
      throw new UsageError(
        `kubectl does not make the pods: ${failure}`,
        'the namespace has to allow host paths (pod security level privileged) and you to create pods; else use --ssh',
      );
    // Who is not ready is found out when the collector is to be started there.
    await call([
      'wait',
      '--for=condition=Ready',
      `--timeout=${startMs / 1000}s`,
      ...names.map((name) => `pod/${name}`),
    ]);
    return { targets: await podTargets(program, { ...options, pods: names }, pipe), remove };
  } catch (error) {
    await remove();
    throw error;
  }
};
