import { FORMAT, type Manifest } from '../schemas/index.js';
import type { CollectOptions } from './options.js';
import type { FoundPlatform } from './platforms/detect.js';
import type { EndpointTarget, HostTarget, MemberTarget } from './probe.js';
import type { Redactor } from './redact/index.js';
import type { ManifestItem } from './store-item.js';

export const COLLECTOR_NAME = 'etcd-collect';

export interface RunFacts {
  readonly bundleId: string;
  readonly version: string;
  readonly options: CollectOptions;
  readonly members: readonly MemberTarget[];
  readonly hosts: readonly HostTarget[];
  readonly endpoints: readonly EndpointTarget[];
  readonly vantage: Manifest['vantage'];
  readonly startedAt: Date;
  readonly maxBytes: number;
  readonly windowMs: number;
  readonly synchronisation: Manifest['synchronisation'];
  readonly platform?: FoundPlatform;
}

export interface RunEnd {
  readonly items: readonly ManifestItem[];
  readonly endReason: Manifest['endReason'];
  readonly finishedAt: Date;
  readonly elapsedMs: number;
  readonly used: Manifest['used'];
}

/** Reasons that only a target that answered can give. */
const answered = new Set([
  'auth-required',
  'auth-failed',
  'permission-denied',
  'no-quorum',
  'not-supported-by-server',
  'not-for-learner',
  'http-status',
  'malformed-answer',
  'schema-mismatch',
  'redaction-failed',
  'size-cap',
]);

/** Kinds that are read over the network; the others say nothing about whether a member can be reached. */
export type IsRemote = (kind: string) => boolean;

/** Whether a target answered at least once; `null` when it was never asked. */
export const reachableOf = (items: readonly ManifestItem[], isRemote: IsRemote, targetId: string): boolean | null => {
  const asked = items.filter(
    ({ kind, target, state }) =>
      target.id === targetId &&
      isRemote(kind) &&
      kind !== 'dns' &&
      !['not-applicable', 'skipped-by-user', 'skipped-by-budget'].includes(state),
  );
  if (asked.length === 0) return null;
  return asked.some(
    ({ state, reason }) =>
      state === 'ok' || state === 'partial' || state === 'empty' || (reason !== undefined && answered.has(reason)),
  );
};

const stripUserinfo = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');

const targetsOf = (run: RunFacts, items: readonly ManifestItem[], isRemote: IsRemote): Manifest['targets'] => {
  const auth = run.options.auth === undefined ? 'none' : 'password';
  return [
    { kind: 'cluster', id: 'cluster', discoveredBy: 'seed', reachable: reachableOf(items, isRemote, 'cluster') },
    ...run.members.map((member): Manifest['targets'][number] => ({
      kind: 'member',
      id: member.id,
      ...(member.name === undefined ? {} : { name: member.name }),
      endpoint: stripUserinfo(member.endpoint),
      clientUrls: member.clientUrls.map(stripUserinfo),
      peerUrls: member.peerUrls.map(stripUserinfo),
      isLearner: member.isLearner,
      discoveredBy: member.discoveredBy,
      reachable: reachableOf(items, isRemote, member.id),
      auth,
      tls: member.tls,
      ...(member.local === undefined ? {} : { host: run.vantage.host }),
    })),
    ...run.hosts.map(({ id }): Manifest['targets'][number] => ({
      kind: 'host',
      id,
      discoveredBy: 'process',
      reachable: true,
    })),
    ...run.endpoints.map((endpoint): Manifest['targets'][number] => ({
      kind: 'endpoint',
      id: endpoint.id,
      endpoint: `${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`,
      discoveredBy: 'vantage',
      reachable: reachableOf(items, isRemote, endpoint.id),
      tls: endpoint.tls,
    })),
  ];
};

export const countStates = (items: readonly ManifestItem[]): Record<string, number> => {
  const states: Record<string, number> = {};
  for (const { state } of items) states[state] = (states[state] ?? 0) + 1;
  return Object.fromEntries(Object.entries(states).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** The platform as the manifest and `plan` tell it. */
export const describePlatform = ({
  profile,
  evidence,
  detectedBy,
}: FoundPlatform): NonNullable<Manifest['platform']> => ({ name: profile.name, evidence: [...evidence], detectedBy });

/** The manifest of a finished or cut-off run; planned = sum of states by construction. */
export const buildManifest = (run: RunFacts, end: RunEnd, redactor: Redactor, isRemote: IsRemote): Manifest => {
  const { options } = run;
  const plain = redactor.document<Manifest>({
    format: { ...FORMAT },
    minReader: { major: FORMAT.major, minor: 0 },
    bundleId: run.bundleId,
    endReason: end.endReason,
    collector: {
      name: COLLECTOR_NAME,
      version: run.version,
      runtime: `node ${process.version}`,
      platform: `${process.platform} ${process.arch}`,
    },
    invocation: { profile: options.profile, flags: { ...options.invocationFlags } },
    vantage: run.vantage,
    ...(run.platform === undefined ? {} : { platform: describePlatform(run.platform) }),
    times: {
      startedAt: run.startedAt.toISOString(),
      finishedAt: end.finishedAt.toISOString(),
      elapsedMs: end.elapsedMs,
    },
    targets: targetsOf(run, end.items, isRemote),
    limits: {
      budgetMs: options.budgetMs,
      itemTimeoutMs: options.itemTimeoutMs,
      maxBytes: run.maxBytes,
      rounds: options.rounds,
      windowMs: run.windowMs,
    },
    used: end.used,
    completeness: { planned: end.items.length, states: countStates(end.items) },
    items: [...end.items],
    synchronisation: run.synchronisation,
    redaction: {
      mode: options.redact,
      ruleset: redactor.ruleset,
      ...(redactor.identities === undefined ? {} : { keyFingerprint: redactor.identities.tokens.fingerprint }),
      verified: options.redact !== 'none',
      replacements: 0,
    },
  });
  const manifest = redactor.identities?.maskDocument('manifest', plain) ?? plain;
  const inItems = end.items.reduce((sum, { redactions }) => sum + (redactions ?? 0), 0);
  return { ...manifest, redaction: { ...manifest.redaction, replacements: inItems + redactor.ownReplacements() } };
};
