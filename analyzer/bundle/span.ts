import type { LoadedBundle } from './loaded.js';

const NO_CLUSTER = '0'.repeat(16);

/** Cluster ids named by the artifacts of one bundle. */
export const clusterIdsOf = (bundle: LoadedBundle): Set<string> => {
  const ids = new Set<string>();
  for (const { kind, value } of bundle.artifacts) {
    if (kind !== 'endpoint-status' && kind !== 'member-list') continue;
    const { clusterId } = value as { clusterId: string };
    if (clusterId !== NO_CLUSTER) ids.add(clusterId);
  }
  return ids;
};

/** Start and end of the collection of one bundle, epoch ms; without manifest, what the artifacts span. */
export const collectionOf = (bundle: LoadedBundle): { from: number; to: number } => {
  const times = bundle.manifest?.times;
  if (times !== undefined) return { from: Date.parse(times.startedAt), to: Date.parse(times.finishedAt) };
  const created = Date.parse(bundle.header.createdAt);
  let to = created;
  for (const artifact of bundle.artifacts) to = Math.max(to, artifact.startedAt + artifact.durationMs);
  return { from: created, to };
};
