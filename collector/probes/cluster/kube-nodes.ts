import { at, defined, type Json, mapsOf, textOf, timeOf } from '../../kubernetes/json.js';
import { kubernetesOf, listObjects } from '../../kubernetes/lists.js';
import { defineProbe } from '../../probe.js';
import type { KubeNodesArtifact } from '../../../schemas/index.js';

/** `master` up to Kubernetes 1.23, and in some distributions longer. */
const roles = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'] as const;
const MAX_NODES = 32;
/** Other keys name products and teams. */
const ownKey = /^(?:[a-z0-9.-]{1,60}\.)?(?:kubernetes|k8s)\.io\/[A-Za-z0-9._-]{1,63}$/;

type Node = KubeNodesArtifact['nodes'][number];

const nodeOf = (node: Json): Node => {
  const info = at(node, 'status', 'nodeInfo');
  const taints = mapsOf(at(node, 'spec', 'taints'));
  const own = taints.filter(({ key }) => typeof key === 'string' && ownKey.test(key));
  return defined({
    name: textOf(at(node, 'metadata', 'name')) ?? '',
    createdAt: timeOf(at(node, 'metadata', 'creationTimestamp')),
    unschedulable: at(node, 'spec', 'unschedulable') === true,
    kubeletVersion: textOf(at(info, 'kubeletVersion'), 64),
    containerRuntime: textOf(at(info, 'containerRuntimeVersion'), 64),
    kernelVersion: textOf(at(info, 'kernelVersion'), 128),
    osImage: textOf(at(info, 'osImage'), 128),
    cpu: textOf(at(node, 'status', 'capacity', 'cpu'), 32),
    memory: textOf(at(node, 'status', 'capacity', 'memory'), 32),
    conditions: mapsOf(at(node, 'status', 'conditions')).map((condition) =>
      defined({
        type: textOf(condition['type'], 64) ?? '',
        status: textOf(condition['status'], 16) ?? '',
        reason: textOf(condition['reason'], 64),
        since: timeOf(condition['lastTransitionTime']),
        heartbeatAt: timeOf(condition['lastHeartbeatTime']),
      }),
    ),
    taints: own.map(({ key, effect }) => `${String(key)}:${textOf(effect, 32) ?? ''}`),
    otherTaints: taints.length > own.length ? taints.length - own.length : undefined,
  });
};

export default defineProbe({
  kind: 'kube-nodes',
  scope: 'cluster',
  title: 'Control-plane nodes',
  reads: 'conditions, taints and versions of the control-plane nodes',
  permission: 'network access to the API server; a user with list on nodes',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  lane: 'kubernetes',
  source: () => 'GET <API server>/api/v1/nodes (control plane)',
  run: async (context) => {
    const { server } = kubernetesOf(context);
    const readAt = new Date(context.now()).toISOString();
    let found: readonly Json[] = [];
    for (const labelSelector of roles) {
      found = (await listObjects(context, '/api/v1/nodes', { labelSelector })).items;
      if (found.length > 0) break;
    }
    const nodes = found.slice(0, MAX_NODES).map(nodeOf);
    return {
      state: nodes.length === 0 ? 'empty' : 'ok',
      ...(nodes.length === 0 ? { message: 'no node has a control-plane role: others run the control plane' } : {}),
      source: `GET ${server}/api/v1/nodes`,
      parts: [{ content: { readAt, nodes } }],
    };
  },
});
