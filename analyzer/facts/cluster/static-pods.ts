import type { LoadedArtifact } from '../../bundle/case.js';
import { defineFact, observed } from '../../fact.js';
import { missingOf, sourceOf } from '../access.js';

export default defineFact({
  scope: 'cluster',
  id: 'staticPods',
  title: 'Static pods of etcd and API server as written on the nodes',
  artifacts: ['static-pods'],
  derive: ({ case: input }) => {
    const read = input.artifacts('static-pods');
    if (read.length === 0) {
      const [host] = input.hosts;
      return { ok: false, missing: missingOf(input, 'static-pods', host?.id ?? 'cluster') };
    }
    const pods = read.flatMap(({ targetId, value }) =>
      value.pods.map(({ component, flags, probes = [] }) => ({
        host: targetId,
        component,
        flags,
        probes: probes.map(({ kind, asks, periodSeconds, timeoutSeconds, failureThreshold }) => ({
          kind,
          asks: asks ?? null,
          periodSeconds: periodSeconds ?? null,
          timeoutSeconds: timeoutSeconds ?? null,
          failureThreshold: failureThreshold ?? null,
        })),
      })),
    );
    return observed(
      { pods },
      read.map((artifact) => sourceOf(artifact as unknown as LoadedArtifact)),
    );
  },
});
