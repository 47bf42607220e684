import type { ArtifactValue, Case } from '../../analyzer/bundle/case.js';
import type { ItemRecord, LoadedBundle, StoredArtifact, StoredLog } from '../../analyzer/bundle/loaded.js';
import { buildCase } from '../../analyzer/bundle/merge.js';
import type { LogSummary } from '../../analyzer/logs/types.js';
import {
  type ArtifactKind,
  catalog,
  FORMAT,
  itemId,
  type Manifest,
  pathOf,
  type SchemaName,
  type State,
  type Target,
  validate,
} from '../../schemas/index.js';

type TargetRecord = Manifest['targets'][number];

/** Start of the collection in every fake case: 2026-01-02T03:04:05Z. */
export const FAKE_START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Time between rounds unless `rounds` says otherwise, ms. */
export const FAKE_ROUND_MS = 12_000;

/** Id of the nth fake member (0-based), above 2^53 on purpose: `8e9e05c52164694d`-like, 16 hex digits. */
export const fakeId = (index: number): string => `f1a2b3c4d5e6f7${(index + 1).toString(16).padStart(2, '0')}`;

export const FAKE_CLUSTER_ID = 'cdf818194e3a8c32';

export interface FakeMember {
  readonly name: string;
  /** Default `fakeId(index)`. */
  readonly id?: string;
  /** Default true. */
  readonly reachable?: boolean | null;
  readonly isLearner?: boolean;
  /** Default `http://10.0.0.<n>:2379`. */
  readonly clientUrls?: readonly string[];
  readonly peerUrls?: readonly string[];
  readonly host?: string;
}

export type FakeArtifact = {
  readonly [K in Exclude<ArtifactKind, 'server-log'>]: {
    readonly kind: K;
    /** Member name or id, host id, endpoint id; may be left out for the scopes cluster and collection. */
    readonly of?: string;
    readonly round?: number;
    /** Epoch ms; default the start of the round, or of the collection. */
    readonly at?: number;
    readonly value: ArtifactValue<K>;
  };
}[Exclude<ArtifactKind, 'server-log'>];

export interface FakeGap {
  readonly kind: ArtifactKind;
  readonly of?: string;
  readonly round?: number;
  readonly state: State;
  readonly reason?: string;
  readonly message?: string;
}

export interface FakeBundle {
  /** Names alone give members with default ids and addresses. Default: m1, m2, m3. */
  readonly members?: readonly (string | FakeMember)[];
  readonly hosts?: readonly string[];
  readonly endpoints?: readonly { readonly id: string; readonly endpoint: string }[];
  readonly artifacts?: readonly FakeArtifact[];
  /** Planned items that gave nothing. */
  readonly gaps?: readonly FakeGap[];
  readonly logs?: readonly { readonly member: string; readonly summary: LogSummary; readonly instance?: string }[];
  /** Barrier times, epoch ms; default one every 12 s for as many rounds as the artifacts name. */
  readonly rounds?: readonly number[];
  /** Start of each member's first read after the barrier, ms, by member name; the same in every round. */
  readonly skewMs?: Readonly<Record<string, number>>;
  readonly bundleId?: string;
  readonly file?: string;
  /** Epoch ms, default `FAKE_START`. */
  readonly createdAt?: number;
  readonly vantageHost?: string;
  readonly endReason?: Manifest['endReason'];
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A bundle from plain objects, as the reader would hand it over; throws when a value does not fit its schema. */
export const fakeBundle = (fake: FakeBundle = {}): LoadedBundle => {
  const members = (fake.members ?? ['m1', 'm2', 'm3']).map((member, index) => {
    const given: FakeMember = typeof member === 'string' ? { name: member } : member;
    return { ...given, id: given.id ?? fakeId(index), address: `10.0.0.${index + 1}` };
  });
  const idOf = (name: string): string =>
    members.find((member) => member.name === name || member.id === name)?.id ?? name;
  const createdAt = fake.createdAt ?? FAKE_START;
  const named = (fake.artifacts ?? []).reduce((count, { round }) => Math.max(count, (round ?? -1) + 1), 0);
  const rounds = fake.rounds ?? Array.from({ length: named }, (_, round) => createdAt + 1000 + round * FAKE_ROUND_MS);

  const targetOf = (kind: ArtifactKind, of: string | undefined): Target => {
    const { scope } = catalog[kind];
    if (scope === 'cluster' || scope === 'collection') return { kind: scope, id: scope };
    if (of === undefined) throw new Error(`fake ${kind}: \`of\` must name a ${scope}`);
    return { kind: scope, id: scope === 'member' ? idOf(of) : of };
  };
  const startOf = (round: number | undefined): number =>
    round === undefined ? createdAt : (rounds[round] ?? createdAt);
  const itemOf = (
    kind: ArtifactKind,
    target: Target,
    round: number | undefined,
    more: Partial<ItemRecord>,
  ): ItemRecord => ({
    id: itemId(kind, target, round === undefined ? {} : { round }),
    probe: kind,
    kind,
    target,
    state: 'ok',
    paths: [],
    sensitivity: catalog[kind].sensitivity,
    cost: catalog[kind].cost,
    startedAt: iso(startOf(round)),
    ...(round === undefined ? {} : { round }),
    ...more,
  });

  const items: ItemRecord[] = [];
  const artifacts: StoredArtifact[] = (fake.artifacts ?? []).map(({ kind, of, round, at, value }) => {
    const target = targetOf(kind, of);
    if (catalog[kind].mediaType === 'application/json') {
      const checked = validate(kind as SchemaName, value);
      if (!checked.ok) throw new Error(`fake ${kind} of ${target.id}: ${checked.errors.join('; ')}`);
    }
    const path = pathOf(kind, target, round === undefined ? {} : { round });
    const startedAt = at ?? startOf(round);
    items.push(itemOf(kind, target, round, { paths: [path], startedAt: iso(startedAt), durationMs: 1 }));
    return { kind, target, path, startedAt, durationMs: 1, value, ...(round === undefined ? {} : { round }) };
  });
  for (const { kind, of, round, ...gap } of fake.gaps ?? []) items.push(itemOf(kind, targetOf(kind, of), round, gap));
  const logs: StoredLog[] = (fake.logs ?? []).map(({ member, summary, instance = 'window' }) => {
    const target = targetOf('server-log', member);
    const path = pathOf('server-log', target, { instance });
    items.push({
      ...itemOf('server-log', target, undefined, { paths: [path] }),
      id: itemId('server-log', target, { instance }),
    });
    return { target, instance, path, startedAt: createdAt, summary, flaws: [] };
  });

  const targets: TargetRecord[] = [
    { kind: 'cluster', id: 'cluster', discoveredBy: 'vantage', reachable: null },
    ...members.map(
      (member): TargetRecord => ({
        kind: 'member',
        id: member.id,
        name: member.name,
        // As the collector has it: nothing is dialled for a member without client URLs.
        endpoint:
          member.clientUrls?.length === 0
            ? ''
            : (member.clientUrls?.[0] ?? `${member.address}:2379`).replace(/^https?:\/\//, ''),
        clientUrls: [...(member.clientUrls ?? [`http://${member.address}:2379`])],
        peerUrls: [...(member.peerUrls ?? [`http://${member.address}:2380`])],
        isLearner: member.isLearner ?? false,
        discoveredBy: 'member-list',
        reachable: member.reachable === undefined ? true : member.reachable,
        ...(member.host === undefined ? {} : { host: member.host }),
      }),
    ),
    ...(fake.hosts ?? []).map((id): TargetRecord => ({ kind: 'host', id, discoveredBy: 'vantage', reachable: true })),
    ...(fake.endpoints ?? []).map(
      (target): TargetRecord => ({ kind: 'endpoint', discoveredBy: 'seed', reachable: null, ...target }),
    ),
  ];
  const skew = Object.fromEntries(members.map(({ id, name }) => [id, fake.skewMs?.[name] ?? 0]));
  const bundleId = fake.bundleId ?? 'b'.repeat(32);
  const finishedAt = Math.max(createdAt + 2000, ...rounds.map((at) => at + 1000));
  const states: Record<string, number> = {};
  for (const { state } of items) states[state] = (states[state] ?? 0) + 1;
  const manifest: Manifest = {
    format: { ...FORMAT },
    minReader: { ...FORMAT },
    bundleId,
    endReason: fake.endReason ?? 'finished',
    collector: { name: 'etcd-collect', version: '0.1.0', runtime: 'v20.20.0', platform: 'linux x64' },
    invocation: { profile: 'default', flags: {} },
    vantage: {
      host: fake.vantageHost ?? 'vantage',
      privileged: true,
      container: false,
      kernel: '6.1.0',
      timezone: 'UTC',
    },
    times: { startedAt: iso(createdAt), finishedAt: iso(finishedAt), elapsedMs: finishedAt - createdAt },
    targets,
    limits: { budgetMs: 60_000, itemTimeoutMs: 5000, maxBytes: 1_000_000_000, rounds: rounds.length, windowMs: 36_000 },
    used: { elapsedMs: finishedAt - createdAt, bytesStored: 0, requests: {}, cpuMs: 0, maxRssBytes: 0 },
    completeness: { planned: items.length, states },
    items,
    synchronisation: rounds.map((at, round) => ({ round, barrierAt: iso(at), skewMs: skew })),
    redaction: { mode: 'secrets-only', ruleset: '1', verified: false, replacements: 0 },
  };
  const checked = validate('manifest', manifest);
  if (!checked.ok) throw new Error(`fake manifest: ${checked.errors.join('; ')}`);
  return {
    file: fake.file ?? 'fake.tar.gz',
    header: {
      magic: 'etcd-evidence',
      format: { ...FORMAT },
      bundleId,
      createdAt: iso(createdAt),
      collector: { name: 'etcd-collect', version: '0.1.0' },
      redaction: 'secrets-only',
    },
    manifest,
    items,
    artifacts,
    logs,
    intact: true,
    problems: [],
  };
};

/** A case of one fake bundle. */
export const fakeCase = (fake: FakeBundle = {}): Case => buildCase([fakeBundle(fake)]);
