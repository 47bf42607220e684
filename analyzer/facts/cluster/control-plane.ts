import type { LoadedArtifact } from '../../bundle/case.js';
import { defineFact, observed } from '../../fact.js';
import { missingOf, sourceOf } from '../access.js';
import type { ControlPlane } from '../values/index.js';

const epoch = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

const podsOf = (pods: LoadedArtifact<'kube-pods'> | undefined): ControlPlane['pods'] =>
  (pods?.value.pods ?? []).map(({ component, node, ready, containers }) => {
    // Pods of OpenShift have helpers beside the server.
    const main = containers.find(({ name }) => name === component) ?? containers[0];
    const ended = main?.lastState?.kind === 'terminated' ? main.lastState : undefined;
    return {
      component,
      node: node ?? null,
      ready: ready ?? null,
      restarts: main?.restarts ?? 0,
      lastExit:
        ended === undefined
          ? null
          : { reason: ended.reason ?? null, exitCode: ended.exitCode ?? null, at: epoch(ended.finishedAt) },
    };
  });

const ailing = (nodes: LoadedArtifact<'kube-nodes'> | undefined): ControlPlane['ailingNodes'] =>
  (nodes?.value.nodes ?? []).flatMap(({ name, conditions }) => {
    const bad = conditions
      .filter(({ type, status }) =>
        type === 'Ready' ? status !== 'True' : /Pressure$/.test(type) && status === 'True',
      )
      .map(({ type, status }) => (type === 'Ready' ? `Ready is ${status}` : type));
    return bad.length === 0 ? [] : [{ node: name, conditions: bad }];
  });

export default defineFact({
  scope: 'cluster',
  id: 'controlPlane',
  title: 'Pods, nodes, events and elections of the control plane, as the API server tells',
  artifacts: ['kube-pods', 'kube-nodes', 'kube-events', 'kube-leases'],
  derive: ({ case: input }) => {
    const pods = input.artifacts('kube-pods').at(-1);
    const nodes = input.artifacts('kube-nodes').at(-1);
    const events = input.artifacts('kube-events').at(-1);
    const leases = input.artifacts('kube-leases').at(-1);
    const read = [pods, nodes, events, leases].filter((artifact) => artifact !== undefined);
    if (read.length === 0) return { ok: false, missing: missingOf(input, 'kube-pods', 'cluster') };
    const serverTime = epoch(leases?.value.serverTime);
    const value: ControlPlane = {
      pods: podsOf(pods),
      ailingNodes: ailing(nodes),
      nodes: nodes?.value.nodes.length ?? 0,
      warnings: (events?.value.events ?? [])
        .filter(({ type }) => type === 'Warning')
        .map(({ component, reason, count, last }) => ({ component, reason, count: count ?? 1, last: epoch(last) })),
      leases: (leases?.value.leases ?? [])
        .filter(({ name }) => name !== 'apiserver')
        .map(({ name, transitions, durationSeconds, renewedAt }) => ({
          name,
          transitions: transitions ?? null,
          durationSeconds: durationSeconds ?? null,
          ageSeconds:
            serverTime === null || renewedAt === undefined ? null : (serverTime - Date.parse(renewedAt)) / 1000,
        })),
    };
    return observed(
      value,
      read.map((artifact) => sourceOf(artifact as unknown as LoadedArtifact)),
    );
  },
});
