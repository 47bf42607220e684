import { createHash } from 'node:crypto';
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
  pathOf,
  README_PATH,
  readPackageVersion,
} from '../../schemas/index.js';
import { joinKube } from './forms/kube-kinds.js';
import { type Identities, identify, isNamedAfter } from './identity.js';
import { wantedBeyond } from './missing.js';
import { readmeText } from './readme-text.js';
import { type Placed, type Scheduled, schedule } from './rounds.js';
import { spanOf } from './span.js';
import type { Left, Piece } from './types.js';

export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface BundleFiles {
  /** Root directory, and the name of the file without its ending. */
  readonly name: string;
  /** In the order of an archive: header first, checksums last. */
  readonly files: readonly BundleFile[];
  readonly manifest: Manifest;
}

export interface Source {
  readonly file: string;
  readonly form: string;
  readonly pieces: readonly Piece[];
}

type Item = Manifest['items'][number];

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const iso = (at: number): string => new Date(at).toISOString();
const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

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

/** Two artifacts of one kind, target and round would have one path: a counter tells instances apart, of others the last one counts. */
const distinct = (items: readonly Scheduled[], left: Left[]): (Scheduled & { readonly instance?: string })[] => {
  const taken = new Map<string, number>();
  const found = new Map<string, Scheduled & { readonly instance?: string }>();
  for (const item of items) {
    const { piece, target, round } = item;
    const isLog = catalog[piece.kind].repeats === 'instances';
    const base = isLog ? (piece.instance ?? 'imported') : undefined;
    const at = (instance: string | undefined) => ({
      ...(round === undefined ? {} : { round }),
      ...(instance === undefined ? {} : { instance }),
    });
    const first = itemId(piece.kind, target, at(base));
    const count = taken.get(first) ?? 0;
    taken.set(first, count + 1);
    const instance = isLog && count > 0 ? `${base}-${count}` : base;
    const id = itemId(piece.kind, target, at(instance));
    const before = found.get(id);
    // An answer counts more than the word that there was none.
    if (before !== undefined && piece.value === undefined) continue;
    const [whole, wholeBefore] = [piece.lacks === undefined, before?.piece.lacks === undefined];
    if (before?.piece.value !== undefined && wholeBefore && !whole) continue;
    if (before?.piece.value !== undefined && wholeBefore === whole)
      left.push({ file: before.source, reason: `a later ${piece.kind} of the same member counts instead` });
    found.set(id, { ...item, ...(instance === undefined ? {} : { instance }) });
  }
  return [...found.values()];
};

const bytesOf = ({ kind, value }: Piece): Uint8Array =>
  value instanceof Uint8Array
    ? value
    : typeof value === 'string'
      ? Buffer.from(value)
      : catalog[kind].mediaType === 'application/json'
        ? json(value)
        : Buffer.from(String(value));

const itemOf = (
  scheduled: Scheduled & { readonly instance?: string },
  fallback: number,
): { item: Item; file?: BundleFile } => {
  const { piece, target, source, round, instance } = scheduled;
  const { kind } = piece;
  const at = { ...(round === undefined ? {} : { round }), ...(instance === undefined ? {} : { instance }) };
  const base = {
    id: itemId(kind, target, at),
    probe: 'import',
    kind,
    target,
    ...(round === undefined ? {} : { round }),
    source,
    sensitivity: catalog[kind].sensitivity,
    cost: catalog[kind].cost,
  };
  if (piece.value === undefined)
    return {
      item: {
        ...base,
        ...(piece.failure ?? { state: 'failed', reason: 'no-value', message: 'nothing was read' }),
        paths: [],
      },
    };
  const bytes = bytesOf(piece);
  const path = pathOf(kind, target, at);
  const cut = (piece.skippedBytes ?? 0) > 0;
  const startedAt = piece.moment?.at ?? piece.span?.to ?? fallback;
  return {
    item: {
      ...base,
      state: piece.lacks === undefined && !cut ? 'ok' : 'partial',
      ...(piece.lacks === undefined ? {} : { reason: 'incomplete-form', message: piece.lacks }),
      startedAt: iso(Math.max(startedAt, piece.span?.to ?? startedAt)),
      durationMs: 0,
      paths: [path],
      mediaType: catalog[kind].mediaType,
      bytesStored: bytes.length,
      ...(cut
        ? {
            truncation: {
              skippedBytes: piece.skippedBytes ?? 0,
              description: 'the beginning was left out: the file is too large',
            },
          }
        : {}),
      sha256: { [path]: sha256(bytes) },
      redactions: 0,
    },
    file: { path, bytes },
  };
};

const targetsOf = (identities: Identities, items: readonly Item[]): Manifest['targets'] => {
  const asked: ReadonlySet<string> = new Set([
    'endpoint-status',
    'metrics',
    'health',
    'version',
    'hashkv',
    'read-latency',
  ]);
  const hosts = [...new Set(items.filter(({ target }) => target.kind === 'host').map(({ target }) => target.id))];
  const members = [...identities.members.values()].map((member): Manifest['targets'][number] => {
    const own = items.filter(({ kind, target }) => target.id === member.id && asked.has(kind));
    const host = hosts.find((id) => isNamedAfter(member.name, id));
    const answered = own.some(({ state, kind }) => (state === 'ok' || state === 'partial') && kind !== 'read-latency');
    return {
      kind: 'member',
      id: member.id,
      ...(member.name === '' ? {} : { name: member.name }),
      ...(member.endpoint === undefined ? {} : { endpoint: member.endpoint }),
      ...(member.clientUrls.size === 0 ? {} : { clientUrls: [...member.clientUrls] }),
      ...(member.peerUrls.size === 0 ? {} : { peerUrls: [...member.peerUrls] }),
      ...(member.isLearner === undefined ? {} : { isLearner: member.isLearner }),
      ...(host === undefined ? {} : { host }),
      discoveredBy: member.peerUrls.size > 0 ? 'member-list' : 'flag',
      reachable: answered ? true : own.some(({ state }) => state === 'unreachable') ? false : null,
    };
  });
  return [
    ...members,
    ...hosts.map((id): Manifest['targets'][number] => ({
      kind: 'host',
      id,
      name: id,
      discoveredBy: 'flag',
      reachable: null,
    })),
    { kind: 'cluster', id: 'cluster', discoveredBy: 'flag', reachable: null },
  ];
};

const clusterIdOf = (value: unknown): string | undefined => (value as { clusterId?: string } | undefined)?.clusterId;
const isNone = (id: string | undefined): boolean => id === undefined || /^0+$/.test(id);

/** Ids of the clusters that the evidence names. */
const clustersIn = (sources: readonly Source[]): string[] => [
  ...new Set(
    sources
      .flatMap(({ pieces }) => pieces.map(({ value }) => clusterIdOf(value)))
      .filter((id): id is string => id !== undefined && !isNone(id)),
  ),
];

/** A list or status that names no cluster is of the one that is named, when there is only one. */
const withClusterId = (sources: readonly Source[], clusters: readonly string[]): readonly Source[] => {
  const [id, other] = clusters;
  if (id === undefined || other !== undefined) return sources;
  return sources.map((source) => ({
    ...source,
    pieces: source.pieces.map((piece) =>
      (piece.kind === 'member-list' || piece.kind === 'endpoint-status') &&
      piece.value !== undefined &&
      isNone(clusterIdOf(piece.value))
        ? { ...piece, value: { ...(piece.value as object), clusterId: id } }
        : piece,
    ),
  }));
};

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
