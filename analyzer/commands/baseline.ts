import type { Report, SchemaTypes } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import { forTerminal } from '../bundle/errors.js';
import type { LoadedBundle } from '../bundle/loaded.js';
import { clusterIdsOf } from '../bundle/span.js';
import type { Snapshot } from '../compare/snapshot.js';
import type { Arguments, CliIo } from './command.js';
import { UsageError } from './flags.js';
import { readFiles } from './read-files.js';

/** The flag that allows what `refuseStrangers` and `refuseOther` refuse. */
export const anyCluster = {
  type: 'boolean',
  describe: 'Take bundles of different clusters together all the same',
} as const;

const shown = (files: readonly string[]): string => files.slice(0, 3).map(forTerminal).join(', ');

/** The known-good collections of the files, oldest first: bundles of several nodes of one time are one. Exit code when they cannot be read. */
export const readBaselines = async (
  files: readonly string[],
  argv: Arguments,
  io: CliIo,
  now: Date,
): Promise<readonly Snapshot[] | number> => {
  const read = await readFiles(files, argv, io);
  if (typeof read === 'number') return read;
  const [{ extentOf, groupCases }, { buildCase }, { snapshotOf }] = await Promise.all([
    import('../bundle/group.js'),
    import('../bundle/merge.js'),
    import('../compare/index.js'),
  ]);
  return groupCases(read.bundles, extentOf).map((bundles) => snapshotOf(buildCase(bundles), now));
};

/** Throws `UsageError` for a baseline of another cluster. */
export const refuseOther = (baselines: readonly Snapshot[], current: Case): void => {
  for (const { case: baseline } of baselines) {
    if (baseline.clusterIds.length === 0 || current.clusterIds.length === 0) continue;
    if (baseline.clusterIds.some((id) => current.clusterIds.includes(id))) continue;
    const [a, b] = [baseline, current].map(
      ({ bundles, clusterIds }) => `${shown(bundles.map(({ file }) => file))} (cluster ${clusterIds.join(', ')})`,
    );
    throw new UsageError(
      `${a} and ${b} are of different clusters.\nWhat differs between them is not what changed. Name a baseline of the same cluster,\nor give --any-cluster to compare them all the same, members by name.`,
    );
  }
};

/** The report with what has changed since the baselines; exit code when they cannot be read. */
export const withBaseline = async (
  report: Report,
  current: Case,
  files: readonly string[],
  argv: Arguments,
  io: CliIo,
  now: Date,
): Promise<Report | number> => {
  const baselines = await readBaselines(files, argv, io, now);
  if (typeof baselines === 'number') return baselines;
  if (argv['any-cluster'] !== true) refuseOther(baselines, current);
  const [{ compareSnapshots }, { createFacts }, { withComparison }] = await Promise.all([
    import('../compare/index.js'),
    import('../facts/index.js'),
    import('../compare/evidence.js'),
  ]);
  return withComparison(
    report,
    compareSnapshots(baselines, { case: current, facts: createFacts(current), report }, now),
  );
};

/**
 * Throws `UsageError` for bundles of clusters that have nothing to do with each other. Where one knows a member id or an address of the
 * other, different cluster ids are a fault of one cluster, and they stay together; so do names that cannot be compared.
 */
export const refuseStrangers = (bundles: readonly LoadedBundle[]): void => {
  const sides = bundles.map((bundle) => ({ bundle, ...tiesOf(bundle) })).filter(({ clusters }) => clusters.size > 0);
  const [first] = sides;
  if (first === undefined) return;
  // Grows until nothing is tied to it any more.
  const together = { clusters: new Set(first.clusters), ties: new Set(first.ties) };
  const left = new Set(sides.slice(1));
  for (let grown = true; grown; ) {
    grown = false;
    for (const side of left) {
      const tied =
        [...side.clusters].some((id) => together.clusters.has(id)) ||
        [...side.ties].some((tie) => together.ties.has(tie));
      if (!tied && side.naming === first.naming) continue;
      for (const id of side.clusters) together.clusters.add(id);
      for (const tie of side.ties) together.ties.add(tie);
      left.delete(side);
      grown = true;
    }
  }
  const [other] = left;
  if (other === undefined) return;
  const named = (side: typeof other): string =>
    `${forTerminal(side.bundle.file)} (cluster ${[...side.clusters].join(', ')})`;
  throw new UsageError(
    [
      `${named(first)} and ${named(other)} are of different clusters,`,
      'and no member or address is in both.',
      'A report is about one cluster, so nothing was analysed. Analyse them one by one, or all with: etcd-analyze triage FILES...',
      'To compare two: etcd-analyze diff --any-cluster A B. If they belong together all the same, give --any-cluster.',
    ].join('\n'),
  );
};

interface Ties {
  readonly clusters: ReadonlySet<string>;
  readonly ties: ReadonlySet<string>;
  /** Bundles of another naming have no name in common whatever they are of. */
  readonly naming: string;
}

/** The same address on every host. */
const LOOPBACK = /^(?:[a-z]+:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/i;

const tiesOf = (bundle: LoadedBundle): Ties => {
  const ties = new Set<string>();
  const add = (id: string, urls: readonly (string | undefined)[]): void => {
    ties.add(id);
    for (const url of urls) if (url !== undefined && !LOOPBACK.test(url)) ties.add(url);
  };
  for (const { kind, value } of bundle.artifacts)
    if (kind === 'member-list')
      for (const { id, peerURLs, clientURLs } of (value as SchemaTypes['member-list']).members)
        add(id, [...peerURLs, ...clientURLs]);
  for (const { kind, id, endpoint, clientUrls, peerUrls } of bundle.manifest?.targets ?? [])
    if (kind === 'member') add(id, [endpoint, ...(clientUrls ?? []), ...(peerUrls ?? [])]);
  const redaction = bundle.manifest?.redaction;
  return {
    clusters: clusterIdsOf(bundle),
    ties,
    naming: redaction?.mode === 'standard' ? (redaction.keyFingerprint ?? bundle.header.bundleId) : '',
  };
};
