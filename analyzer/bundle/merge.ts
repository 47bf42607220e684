import type { ArtifactKind } from '../../schemas/index.js';
import type { BundleInfo, Case, CaseItem, LoadedArtifact, LoadedLog } from './case.js';
import type { LoadedBundle } from './loaded.js';
import { mergeTargets } from './merge-targets.js';

const NO_CLUSTER = '0'.repeat(16);

const infoOf = (bundle: LoadedBundle): BundleInfo => {
  const { header, manifest } = bundle;
  return {
    id: header.bundleId,
    file: bundle.file,
    createdAt: header.createdAt,
    collector: { name: header.collector.name, version: header.collector.version },
    redaction: header.redaction,
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

/** Cluster ids named by the artifacts of one bundle. */
const clusterIdsOf = (bundle: LoadedBundle): Set<string> => {
  const ids = new Set<string>();
  for (const { kind, value } of bundle.artifacts) {
    if (kind !== 'endpoint-status' && kind !== 'member-list') continue;
    const { clusterId } = value as { clusterId: string };
    if (clusterId !== NO_CLUSTER) ids.add(clusterId);
  }
  return ids;
};

/** Start and end of the collection of one bundle, epoch ms; without manifest, what the artifacts span. */
const collectionOf = (bundle: LoadedBundle): { from: number; to: number } => {
  const times = bundle.manifest?.times;
  if (times !== undefined) return { from: Date.parse(times.startedAt), to: Date.parse(times.finishedAt) };
  const created = Date.parse(bundle.header.createdAt);
  let to = created;
  for (const artifact of bundle.artifacts) to = Math.max(to, artifact.startedAt + artifact.durationMs);
  return { from: created, to };
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

const seconds = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

/** What the names in a bundle are: those of the place, or tokens of one series key. */
const namingOf = ({ manifest }: LoadedBundle): string | undefined =>
  manifest === undefined
    ? undefined
    : manifest.redaction.mode === 'standard'
      ? `the series key ${manifest.redaction.keyFingerprint ?? 'of an unknown fingerprint'}`
      : 'no key: real names';

const namingConflict = (bundles: readonly LoadedBundle[]): readonly string[] => {
  const files = new Map<string, string>();
  for (const bundle of bundles) {
    const naming = namingOf(bundle);
    if (naming !== undefined && !files.has(naming)) files.set(naming, bundle.file);
  }
  if (files.size < 2) return [];
  const keys = [...files].map(([naming, file]) => `${file}: ${naming}`).join('; ');
  return [
    `The bundles name hosts, members and addresses by different keys (${keys}), so that what one says of another’s address cannot be joined. Collect with one --series-key on all nodes, or with --redact secrets-only.`,
  ];
};

/** What keeps bundles from being one case, in words. */
const conflictsOf = (bundles: readonly LoadedBundle[]): string[] => {
  const conflicts: string[] = [];
  const clusters = bundles.map(clusterIdsOf);
  const spans = bundles.map(collectionOf);
  for (let i = 1; i < bundles.length; i += 1) {
    const [here, span, file] = [clusters[i], spans[i], bundles[i]?.file];
    for (let j = 0; j < i; j += 1) {
      const [there, other, otherFile] = [clusters[j], spans[j], bundles[j]?.file];
      if (!here || !there || !span || !other) continue;
      if (here.size > 0 && there.size > 0 && ![...here].some((id) => there.has(id))) {
        conflicts.push(
          `${otherFile} and ${file} are of different clusters (${[...there].join(', ')} and ${[...here].join(', ')}).`,
        );
      }
      const apart = Math.max(span.from - other.to, other.from - span.to);
      if (apart > 0)
        conflicts.push(`${otherFile} and ${file} were not taken at the same time: ${seconds(apart)} lie between them.`);
    }
  }
  return conflicts;
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
  conflicts.push(...namingConflict(bundles), ...conflictsOf(bundles));
  const { members, hosts, endpoints, canonical } = mergeTargets(bundles);

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
