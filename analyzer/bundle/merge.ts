import type { ArtifactKind } from '../../schemas/index.js';
import type { BundleInfo, Case, CaseItem, LoadedArtifact, LoadedLog } from './case.js';
import type { LoadedBundle } from './loaded.js';
import { conflictsOf, namingOf } from './merge-checks.js';
import { mergeTargets } from './merge-targets.js';
import { clusterIdsOf, collectionOf } from './span.js';

const infoOf = (bundle: LoadedBundle): BundleInfo => {
  const { header, manifest } = bundle;
  const naming = namingOf(bundle);
  return {
    id: header.bundleId,
    file: bundle.file,
    createdAt: header.createdAt,
    collector: { name: header.collector.name, version: header.collector.version },
    redaction: header.redaction,
    ...(naming === undefined ? {} : { naming }),
    endReason: manifest?.endReason ?? 'unknown',
    intact: bundle.intact,
    problems: bundle.problems,
    ...(manifest === undefined ? {} : { vantage: manifest.vantage, limits: manifest.limits }),
    ...(manifest?.imported === undefined ? {} : { imported: manifest.imported }),
    ...(header.label === undefined ? {} : { label: header.label }),
    ...(bundle.encrypted === true ? { encrypted: true } : {}),
    ...(bundle.signature === undefined ? {} : { signature: bundle.signature }),
  };
};

/** Sampling rounds of one bundle: their number, first and last barrier, and the largest spread of starts within one round. */
const roundsOf = (bundle: LoadedBundle): { rounds: number; barriers: number[]; maxSkewMs: number } => {
  const synchronisation = bundle.manifest?.synchronisation ?? [];
  let maxSkewMs = 0;
  for (const { skewMs } of synchronisation) {
    const starts = Object.values(skewMs).filter((ms): ms is number => typeof ms === 'number' && Number.isFinite(ms));
    if (starts.length > 1) {
      const spread = starts.reduce((a, b) => Math.max(a, b)) - starts.reduce((a, b) => Math.min(a, b));
      maxSkewMs = Math.max(maxSkewMs, spread);
    }
  }
  let rounds = synchronisation.length;
  if (bundle.manifest === undefined) {
    for (const { round } of bundle.artifacts) if (round !== undefined) rounds = Math.max(rounds, round + 1);
  }
  return { rounds, barriers: synchronisation.map(({ barrierAt }) => Date.parse(barrierAt)), maxSkewMs };
};

const byStart = (order: ReadonlyMap<string, number>) => (a: LoadedArtifact, b: LoadedArtifact) =>
  a.startedAt - b.startedAt ||
  (order.get(a.bundleId) ?? 0) - (order.get(b.bundleId) ?? 0) ||
  (a.round ?? -1) - (b.round ?? -1) ||
  (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/**
 * Merges bundles into one case, members matched by id. Bundles of different clusters and of different times are all kept
 * and named in `conflicts`; the same bundle given twice counts once. `notes` are added to the conflicts
 * (inputs that could not be read at all).
 */
export const buildCase = (input: readonly LoadedBundle[], notes: readonly string[] = []): Case => {
  const seen = new Map<string, LoadedBundle>();
  const conflicts = [...notes];
  for (const bundle of input) {
    const known = seen.get(bundle.header.bundleId);
    if (known === undefined) seen.set(bundle.header.bundleId, bundle);
    else conflicts.push(`${bundle.file} is the same bundle as ${known.file} and was left out.`);
  }
  const bundles = [...seen.values()].sort(
    (a, b) =>
      Date.parse(a.header.createdAt) - Date.parse(b.header.createdAt) ||
      (a.header.bundleId < b.header.bundleId ? -1 : 1),
  );
  const { members, hosts, endpoints, canonical } = mergeTargets(bundles);
  conflicts.push(...conflictsOf(bundles, members));

  const items: CaseItem[] = [];
  const artifacts = new Map<ArtifactKind, LoadedArtifact[]>();
  const logs: LoadedLog[] = [];
  const clusterIds = new Set<string>();
  const barriers: number[] = [];
  let [rounds, maxSkewMs, from, to] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const bundle of bundles) {
    const bundleId = bundle.header.bundleId;
    for (const item of bundle.items) items.push({ ...item, bundleId, targetId: canonical(bundle, item.target) });
    for (const { target, ...artifact } of bundle.artifacts) {
      const list = artifacts.get(artifact.kind) ?? [];
      artifacts.set(artifact.kind, list);
      // The reader checked the value against the schema of its kind.
      list.push({ ...artifact, targetId: canonical(bundle, target), bundleId } as LoadedArtifact);
    }
    for (const { target, ...log } of bundle.logs) logs.push({ ...log, memberId: canonical(bundle, target), bundleId });
    for (const id of clusterIdsOf(bundle)) clusterIds.add(id);
    const span = collectionOf(bundle);
    [from, to] = [Math.min(from, span.from), Math.max(to, span.to)];
    const sampling = roundsOf(bundle);
    barriers.push(...sampling.barriers);
    [rounds, maxSkewMs] = [Math.max(rounds, sampling.rounds), Math.max(maxSkewMs, sampling.maxSkewMs)];
  }
  const order = new Map(bundles.map((bundle, index) => [bundle.header.bundleId, index]));
  const lookup = new Map<string, LoadedArtifact[]>();
  for (const [kind, list] of artifacts) {
    list.sort(byStart(order));
    lookup.set(kind, list);
    for (const artifact of list) {
      const key = `${kind}@${artifact.targetId}`;
      const ofTarget = lookup.get(key) ?? [];
      lookup.set(key, ofTarget);
      ofTarget.push(artifact);
    }
  }
  logs.sort((a, b) => a.startedAt - b.startedAt || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const collection = bundles.length === 0 ? { from: 0, to: 0 } : { from, to };
  const [first, last] = [Math.min(...barriers), Math.max(...barriers)];
  return {
    bundles: bundles.map(infoOf),
    members,
    hosts,
    endpoints,
    items,
    artifacts: <K extends ArtifactKind>(kind: K, targetId?: string) =>
      (lookup.get(targetId === undefined ? kind : `${kind}@${targetId}`) ??
        []) as readonly unknown[] as readonly LoadedArtifact<K>[],
    logs: (memberId) => (memberId === undefined ? logs : logs.filter((log) => log.memberId === memberId)),
    clusterIds: [...clusterIds].sort((a, b) => (a < b ? -1 : 1)),
    window: barriers.length > 1 && last > first ? { from: first, to: last } : collection,
    collection,
    rounds,
    maxSkewMs,
    conflicts,
  };
};
