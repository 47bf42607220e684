import { componentOf, places } from '../../kubernetes/components.js';
import { imageTagOf } from '../../kubernetes/image.js';
import { at, defined, integerOf, isMap, type Json, mapsOf, textOf, timeOf } from '../../kubernetes/json.js';
import { kubernetesOf, listObjects } from '../../kubernetes/lists.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { KubePodsArtifact } from '../../../schemas/index.js';

const MAX_PODS = 64;

type Pod = KubePodsArtifact['pods'][number];
type Container = Pod['containers'][number];

const stateOf = (state: unknown): Container['state'] | undefined => {
  for (const kind of ['running', 'terminated', 'waiting'] as const) {
    const found = at(state, kind);
    if (!isMap(found)) continue;
    return defined({
      kind,
      reason: textOf(found['reason'], 64),
      exitCode: integerOf(found['exitCode']),
      signal: integerOf(found['signal']),
      startedAt: timeOf(found['startedAt']),
      finishedAt: timeOf(found['finishedAt']),
    });
  }
  return undefined;
};

const containerOf = (status: Json): Container =>
  defined({
    name: textOf(status['name'], 64) ?? '',
    imageTag: imageTagOf(status['image']),
    ready: typeof status['ready'] === 'boolean' ? status['ready'] : undefined,
    restarts: integerOf(status['restartCount']) ?? 0,
    state: stateOf(status['state']),
    lastState: stateOf(status['lastState']),
  });

const podOf = (pod: Json): Pod[] => {
  const name = textOf(at(pod, 'metadata', 'name')) ?? '';
  const component = componentOf(name);
  if (component === undefined) return [];
  const ready = mapsOf(at(pod, 'status', 'conditions')).find(({ type }) => type === 'Ready');
  return [
    defined({
      component,
      namespace: textOf(at(pod, 'metadata', 'namespace')) ?? '',
      name,
      node: textOf(at(pod, 'spec', 'nodeName')),
      phase: textOf(at(pod, 'status', 'phase'), 32),
      ready: ready === undefined ? undefined : ready['status'] === 'True',
      startedAt: timeOf(at(pod, 'status', 'startTime')),
      containers: mapsOf(at(pod, 'status', 'containerStatuses')).map(containerOf),
    }),
  ];
};

export default defineProbe({
  kind: 'kube-pods',
  scope: 'cluster',
  title: 'Pods of etcd and API server',
  reads: 'restarts, states and last exits of the pods of etcd and of the API server',
  permission: 'network access to the API server; a user with list on pods of kube-system',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  lane: 'kubernetes',
  source: () => 'GET <API server>/api/v1/namespaces/kube-system/pods (etcd and kube-apiserver)',
  run: async (context) => {
    const { server } = kubernetesOf(context);
    const readAt = new Date(context.now()).toISOString();
    const pods: Pod[] = [];
    let problem: ProbeError | undefined;
    for (const [index, { namespace, labelSelector }] of places.entries()) {
      // Where the first place has them the others are not those of this platform.
      if (index === 1 && pods.length > 0) break;
      try {
        const { items } = await listObjects(context, `/api/v1/namespaces/${namespace}/pods`, { labelSelector });
        pods.push(...items.flatMap(podOf));
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        problem ??= error;
        // Who may not read one namespace may read another; a server that does not answer is not asked again.
        if (error.state !== 'denied') break;
      }
    }
    if (pods.length === 0 && problem !== undefined) throw problem;
    return {
      state: problem !== undefined ? 'partial' : pods.length === 0 ? 'empty' : 'ok',
      ...(problem === undefined ? {} : { reason: problem.reason, message: problem.message }),
      source: `GET ${server}/api/v1/namespaces/kube-system/pods`,
      parts: [{ content: { readAt, pods: pods.slice(0, MAX_PODS) } }],
    };
  },
});
