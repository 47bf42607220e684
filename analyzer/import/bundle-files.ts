import {
  type ArtifactKind,
  type Bundle,
  bundleName,
  CHECKSUMS_PATH,
  catalog,
  FORMAT,
  HEADER_PATH,
  itemId,
  MAGIC,
  MANIFEST_PATH,
  type Manifest,
  README_PATH,
  readPackageVersion,
} from '../../schemas/index.js';
import { clustersIn, withClusterId } from './cluster-ids.js';
import { joinKube } from './forms/kube-kinds.js';
import { type Identities, identify } from './identity.js';
import { type BundleFile, distinct, type Item, iso, itemOf, json, sha256 } from './items.js';
import { wantedBeyond } from './missing.js';
import { readmeText } from './readme-text.js';
import { type Placed, schedule } from './rounds.js';
import { spanOf } from './span.js';
import { targetsOf } from './targets.js';
import type { Left, Source } from './types.js';

export interface BundleFiles {
  /** Root directory, and the name of the file without its ending. */
  readonly name: string;
  /** In the order of an archive: header first, checksums last. */
  readonly files: readonly BundleFile[];
  readonly manifest: Manifest;
}

const CLUSTER = { kind: 'cluster', id: 'cluster' } as const;
const COLLECTION = { kind: 'collection', id: 'collection' } as const;

const placedOf = (sources: readonly Source[], identities: Identities): Placed[] =>
  sources.flatMap(({ file, pieces }) =>
    pieces.map((piece): Placed => {
      const { about } = piece;
      const target: Placed['target'] =
        about === 'cluster' || piece.kind === 'history'
          ? CLUSTER
          : 'host' in about
            ? { kind: 'host', id: about.host }
            : { kind: 'member', id: identities.of(about) };
      return { piece, target, source: file };
    }),
  );

/**
 * An ordinary bundle, as files, of what was recognised. The same evidence gives the same bundle; `now` only stands in where no
 * time is known at all.
 */
export const bundleFiles = (
  recognised: readonly Source[],
  leftBefore: readonly Left[],
  notesBefore: readonly string[],
  now: Date,
): BundleFiles => {
  const clusters = clustersIn(recognised);
  const sources = joinKube(withClusterId(recognised, clusters));
  const identities = identify(sources.flatMap(({ pieces }) => pieces));
  const plan = schedule(placedOf(sources, identities));
  const left: Left[] = [...leftBefore, ...plan.left.map(({ item, reason }) => ({ file: item.source, reason }))];
  const span = spanOf(
    sources.flatMap(({ pieces }) => pieces),
    plan.barriers.map(({ at }) => at),
    now.getTime(),
  );
  const made = distinct(plan.items, left).map((item) => itemOf(item, span.to));
  const artifacts = made.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const count = (kind: ArtifactKind, targetId?: string): number =>
    made.filter(
      ({ item, file }) =>
        file !== undefined && item.kind === kind && (targetId === undefined || item.target.id === targetId),
    ).length;
  const wanted = wantedBeyond([...identities.members.values()], count);
  const access = itemOf(
    { piece: { kind: 'access-map', about: 'cluster', value: wanted.access }, target: COLLECTION, source: 'import' },
    span.to,
  );
  const gaps = wanted.missing.map(
    ({ kind, target, message }): Item => ({
      id: `${itemId(kind, target)}/missing`,
      probe: 'import',
      kind,
      target,
      state: 'skipped-by-user',
      reason: 'not-imported',
      message,
      paths: [],
      sensitivity: catalog[kind].sensitivity,
      cost: catalog[kind].cost,
    }),
  );
  const items = [...made.map(({ item }) => item), access.item, ...gaps];
  const states: Record<string, number> = {};
  for (const { state } of items) states[state] = (states[state] ?? 0) + 1;
  const stored = [...artifacts, ...(access.file === undefined ? [] : [access.file])];
  const version = readPackageVersion();
  const bundleId = sha256(
    Buffer.from(
      stored
        .map(({ path, bytes }) => `${path} ${sha256(bytes)}`)
        .sort()
        .join('\n'),
    ),
  ).slice(0, 32);
  const createdAt = iso(span.from);
  const header: Bundle = {
    magic: MAGIC,
    format: { ...FORMAT },
    bundleId,
    createdAt,
    collector: { name: 'etcd-analyze import', version },
    redaction: 'none',
    label: 'imported',
  };
  const manifest: Manifest = {
    format: { ...FORMAT },
    minReader: { ...FORMAT },
    bundleId,
    endReason: 'finished',
    collector: { ...header.collector, runtime: process.version, platform: `${process.platform} ${process.arch}` },
    invocation: { profile: 'import', flags: {} },
    imported: {
      sources: recognised.map(({ file, form, pieces }) => ({ file, form, items: pieces.length })),
      left,
      notes: [
        ...notesBefore,
        ...(clusters.length > 1
          ? [`The evidence is of ${clusters.length} clusters (${clusters.join(', ')}): import that of each by itself.`]
          : []),
        ...identities.notes,
        ...plan.notes,
        ...span.notes,
      ],
    },
    vantage: { host: 'not-collected', privileged: false, container: false, kernel: 'unknown', timezone: 'UTC' },
    times: { startedAt: createdAt, finishedAt: iso(span.to), elapsedMs: span.to - span.from },
    targets: targetsOf(identities, items),
    limits: { budgetMs: 0, itemTimeoutMs: 0, maxBytes: 0, rounds: plan.barriers.length, windowMs: span.to - span.from },
    used: {
      elapsedMs: 0,
      bytesStored: stored.reduce((sum, { bytes }) => sum + bytes.length, 0),
      requests: {},
      cpuMs: 0,
      maxRssBytes: 0,
    },
    completeness: { planned: items.length, states },
    items,
    synchronisation: plan.barriers.map(({ round, at, skewMs }) => ({
      round,
      barrierAt: iso(at),
      skewMs: { ...skewMs },
    })),
    redaction: { mode: 'none', ruleset: 'none', verified: false, replacements: 0 },
  };
  const files: BundleFile[] = [
    { path: HEADER_PATH, bytes: json(header) },
    { path: README_PATH, bytes: Buffer.from(readmeText(manifest)) },
    ...stored,
    { path: MANIFEST_PATH, bytes: json(manifest) },
  ];
  const sums = files.map(({ path, bytes }) => `${sha256(bytes)}  ${path}\n`).join('');
  return {
    name: bundleName('imported', new Date(createdAt), bundleId, 'none'),
    files: [...files, { path: CHECKSUMS_PATH, bytes: Buffer.from(sums) }],
    manifest,
  };
};
