import type { AccessMapArtifact, ArtifactKind, Target } from '../schemas/index.js';
import type { Here } from './here.js';
import { apiServerAccess, isApiServerKind } from './kubernetes/access.js';
import { explain, isReasonCode } from './messages.js';
import type { FoundPlatform } from './platforms/detect.js';
import type { PlatformProfile, Supplier } from './platforms/profile.js';
import type { PlannedItem } from './plan.js';
import type { MemberTarget, ReasonCode } from './probe.js';
import type { ManifestItem } from './store-item.js';

export type AccessEntry = AccessMapArtifact['entries'][number];
type Barrier = NonNullable<AccessEntry['barrier']>;
type Denial = 'permission' | 'authentication' | 'network' | 'absence' | 'platform';

const barriers: Partial<Record<ReasonCode, Barrier>> = {
  'connection-refused': 'port',
  'connection-timeout': 'network',
  'connection-reset': 'network',
  'no-route': 'network',
  'name-not-resolved': 'network',
  'tls-untrusted': 'certificate',
  'tls-name-mismatch': 'certificate',
  'tls-expired': 'certificate',
  'tls-client-certificate': 'certificate',
  'tls-protocol': 'certificate',
  'not-answering': 'silent-server',
  'stopped-answering': 'silent-server',
  'target-unreachable': 'network',
  'auth-required': 'auth-role',
  'auth-failed': 'auth-role',
  'permission-denied': 'auth-role',
  'file-access': 'permission',
  'file-missing': 'absent',
  'not-local': 'other-host',
  'no-such-process': 'absent',
  'redaction-failed': 'policy',
  'write-blocked': 'policy',
  'no-kubeconfig': 'absent',
  'kubeconfig-unusable': 'auth-role',
};

const denials: Readonly<Record<Barrier, Denial>> = {
  permission: 'permission',
  port: 'network',
  network: 'network',
  'silent-server': 'network',
  certificate: 'authentication',
  'auth-role': 'authentication',
  'missing-binary': 'absence',
  absent: 'absence',
  'other-host': 'absence',
  policy: 'permission',
  'off-limits': 'platform',
};

const suppliers: Readonly<Record<Denial, string>> = {
  network: 'whoever can log in to that host, or runs the network in between',
  authentication: 'whoever holds the certificates and users of this cluster',
  permission: 'someone with root on that host, or the root role in etcd',
  absence: 'whoever can log in to that host',
  platform: 'see the page of this platform',
};

/** States that say nothing about access. */
const silent = new Set<ManifestItem['state']>([
  'not-applicable',
  'unsupported',
  'skipped-by-user',
  'skipped-by-budget',
]);
const got = new Set<ManifestItem['state']>(['ok', 'partial', 'empty']);

const what: Readonly<Record<Target['kind'], string>> = {
  cluster: 'the cluster as a whole',
  member: 'the member over the network',
  host: 'the host of a member',
  endpoint: 'the path to an endpoint',
  collection: 'the run itself',
};

/** Who reads, and where. */
export interface AccessContext {
  readonly platform?: FoundPlatform;
  readonly uid?: number;
  /** Subject of the client certificate in use. */
  readonly certificate?: string;
  /** `given` by flags or environment, or found on the `platform`. */
  readonly certificateFrom?: 'given' | 'platform';
  readonly user?: string;
  /** Why there is no client certificate, when one was looked for in vain. */
  readonly withoutCertificate?: string;
  /** As whom the API server is asked. */
  readonly kubernetes?: string;
  /** Kinds that are read over the network. */
  readonly isRemote?: (kind: string) => boolean;
}

const whatOf = ({ kind }: Target, artifact: string, { isRemote }: AccessContext): string =>
  isApiServerKind(artifact)
    ? 'the API server of Kubernetes'
    : kind === 'member' && isRemote?.(artifact) === false
      ? 'process, files and log of the member'
      : what[kind];

const asMember = (kind: Target['kind']): boolean => kind === 'member' || kind === 'cluster' || kind === 'endpoint';

/** Identity under which a kind is read: of the operating system, or of TLS and etcd. */
const identityOf = (target: Target, kind: string, context: AccessContext): string | undefined => {
  const { uid, certificate, user, isRemote, kubernetes } = context;
  if (isApiServerKind(kind)) return kubernetes;
  if (isRemote === undefined) return undefined;
  if (!isRemote(kind) || !asMember(target.kind)) return uid === undefined ? undefined : `uid ${uid}`;
  const parts = [
    ...(certificate === undefined ? [] : [`certificate ${certificate}`]),
    ...(user === undefined ? [] : [`user ${user}`]),
  ];
  return parts.length === 0 ? 'no certificate, no user' : parts.join(', ');
};

/** A name from the cluster goes into a command only when a shell sees nothing in it. */
const named = (command: string, member: MemberTarget | undefined): string => {
  const name = member?.name;
  return name !== undefined && /^[A-Za-z0-9][A-Za-z0-9.-]{0,100}$/.test(name)
    ? command.replace(/\bNODE\b/g, name)
    : command;
};

const genericCommand = (reason: ReasonCode, member: MemberTarget | undefined): string | undefined => {
  const seeds = member?.clientUrls[0] ?? member?.endpoint;
  const endpoints = seeds === undefined || seeds === '' ? '' : ` --endpoints ${seeds}`;
  if (reason === 'not-local') return `on the host of the member: etcd-collect run${endpoints}`;
  if (reason === 'file-access') return 'sudo etcd-collect run';
  if (reason === 'auth-required' || reason === 'auth-failed')
    return `etcd-collect run${endpoints} --user NAME --password-file FILE`;
  if (reason === 'tls-untrusted' || reason === 'tls-client-certificate') {
    return `etcd-collect run${endpoints} --cacert CA.crt --cert CLIENT.crt --key CLIENT.key`;
  }
  return undefined;
};

const supplierOf = (profile: PlatformProfile, barrier: Barrier, kind: string): Supplier | undefined => {
  if (barrier === 'permission' || barrier === 'other-host')
    return kind === 'server-log' ? profile.suppliers.log : profile.suppliers.host;
  return barrier === 'certificate' ? profile.suppliers.certificate : undefined;
};

const offLimitsOf = (profile: PlatformProfile | undefined, kind: string, member: MemberTarget | undefined) =>
  profile?.offLimits.find(
    ({ kinds, of }) =>
      (kinds as readonly string[]).includes(kind) && (of !== 'others' || (member !== undefined && !member.local)),
  );

type Denied = Pick<AccessEntry, 'barrier' | 'deniedBy' | 'whoCanSupply' | 'command' | 'reason'>;

const denied = (
  reason: ReasonCode,
  kind: string,
  message: string | undefined,
  member: MemberTarget | undefined,
  profile: PlatformProfile | undefined,
): Denied => {
  if (isApiServerKind(kind)) {
    const barrier = barriers[reason];
    return {
      ...(barrier === undefined ? {} : { barrier, deniedBy: denials[barrier] }),
      reason: explain(reason).happened,
      ...apiServerAccess(kind, reason),
    };
  }
  const limits = offLimitsOf(profile, kind, member);
  if (limits !== undefined) {
    return {
      barrier: 'off-limits',
      deniedBy: denials['off-limits'],
      whoCanSupply: limits.who,
      command: named(limits.command, member),
      reason: limits.why,
    };
  }
  const isTool = reason === 'file-missing' && message !== undefined && /is not installed here/.test(message);
  const barrier = isTool ? 'missing-binary' : barriers[reason];
  const from = profile === undefined || barrier === undefined ? undefined : supplierOf(profile, barrier, kind);
  // A user without the role lacks a permission; the certificate or the user itself was in order.
  const coarse = (of: Barrier): Denial => (reason === 'permission-denied' ? 'permission' : denials[of]);
  const command = from === undefined ? genericCommand(reason, member) : named(from.command, member);
  return {
    ...(barrier === undefined
      ? {}
      : { barrier, deniedBy: coarse(barrier), whoCanSupply: from?.who ?? suppliers[coarse(barrier)] }),
    reason: explain(reason).happened,
    ...(command === undefined ? {} : { command }),
  };
};

/** One verdict for each kind of each target; equal ones become one entry. */
interface Verdict {
  readonly target: Target;
  readonly kind: ArtifactKind;
  readonly rest: Omit<AccessEntry, 'kinds' | 'target'>;
}

const merged = (verdicts: readonly Verdict[]): AccessEntry[] => {
  const entries = new Map<string, { target: Target; kinds: string[]; rest: Verdict['rest'] }>();
  for (const { target, kind, rest } of verdicts) {
    const key = JSON.stringify([target.kind, target.id, rest]);
    const known = entries.get(key) ?? { target, kinds: [], rest };
    known.kinds.push(kind);
    entries.set(key, known);
  }
  return [...entries.values()].map(({ target, kinds, rest }) => {
    const { what: name, access, ...more } = rest;
    return { what: name, kinds: [...new Set(kinds)].sort(), target, access, ...more };
  });
};

const aboutPlatform = (profile: PlatformProfile | undefined): AccessEntry[] =>
  (profile?.offLimits ?? [])
    .filter(({ kinds }) => kinds.length === 0 || profile?.etcd !== 'here')
    .map(({ what: name, kinds, why, who, command }) => ({
      what: name,
      kinds: [...kinds],
      target: { kind: 'cluster', id: 'cluster' },
      access: 'none',
      barrier: 'off-limits',
      deniedBy: denials['off-limits'],
      reason: why,
      whoCanSupply: who,
      command,
    }));

const vantageOf = ({
  uid,
  certificate,
  certificateFrom,
  user,
}: AccessContext): NonNullable<AccessMapArtifact['vantage']> => ({
  ...(uid === undefined ? {} : { uid }),
  ...(certificate === undefined ? {} : { certificate }),
  ...(certificateFrom === undefined ? {} : { certificateFrom }),
  ...(user === undefined ? {} : { user }),
});

const map = (entries: readonly AccessEntry[], context: AccessContext): AccessMapArtifact => ({
  ...(context.platform === undefined ? {} : { platform: context.platform.profile.name }),
  ...(context.isRemote === undefined ? {} : { vantage: vantageOf(context) }),
  entries: [...entries, ...aboutPlatform(context.platform?.profile)],
});

const order = { full: 0, partial: 1, none: 2 } as const;

/**
 * What could be read from this vantage: for each kind of each target whether it was, as whom, else what denied it, who can supply it, and
 * the command for that. A kind stands in one entry of its target.
 */
export const accessMap = (
  items: readonly ManifestItem[],
  members: readonly MemberTarget[],
  context: AccessContext = {},
): AccessMapArtifact => {
  const groups = new Map<string, ManifestItem[]>();
  for (const item of items) {
    const key = `${item.target.kind}/${item.target.id}/${item.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const profile = context.platform?.profile;
  const verdicts = [...groups.values()].flatMap((group): Verdict[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { target } = first;
    const kind = first.kind as ArtifactKind;
    const member = members.find(({ id }) => id === target.id);
    const read = group.filter(({ state }) => got.has(state));
    const gaps = group.filter(
      ({ state, reason }) =>
        (!got.has(state) &&
          (!silent.has(state) ||
            reason === 'not-local' ||
            reason === 'kubeconfig-unusable' ||
            // Without Kubernetes there is no kubeconfig to miss.
            (reason === 'no-kubeconfig' && profile !== undefined))) ||
        (state === 'partial' && reason !== undefined),
    );
    const [gap] = gaps;
    if (read.length === 0 && gap === undefined) return [];
    const access = gap === undefined ? 'full' : read.length === 0 ? 'none' : 'partial';
    const identity = identityOf(target, kind, context);
    const reason = gap?.reason;
    const why =
      reason === undefined || !isReasonCode(reason) ? {} : denied(reason, kind, gap?.message, member, profile);
    const name = reason === 'not-local' ? 'host, configuration and logs of the member' : whatOf(target, kind, context);
    return [{ target, kind, rest: { what: name, access, ...(identity === undefined ? {} : { identity }), ...why } }];
  });
  const targets = [...new Set(verdicts.map(({ target }) => `${target.kind}/${target.id}`))];
  const place = ({ target }: AccessEntry): number => targets.indexOf(`${target.kind}/${target.id}`);
  const entries = merged(verdicts).sort((a, b) => place(a) - place(b) || order[a.access] - order[b.access]);
  return map(entries, context);
};

/** An entry before the run: `unknown` is what only the read itself can tell. */
export type ExpectedEntry = Omit<AccessEntry, 'access'> & { readonly access: AccessEntry['access'] | 'unknown' };

const expected: Readonly<Record<Here, ExpectedEntry['access']>> = {
  yes: 'full',
  partly: 'partial',
  no: 'none',
  unknown: 'unknown',
};

/** A member that did not say who it is, asked without the certificate that its platform wants. */
const hint = (
  { target, kind }: PlannedItem,
  here: Here,
  member: MemberTarget | undefined,
  context: AccessContext,
): Denied | Record<string, never> => {
  const { withoutCertificate, isRemote, platform } = context;
  const asked = target.kind === 'cluster' || (target.kind === 'member' && target.id.startsWith('endpoint-'));
  if (withoutCertificate === undefined || here !== 'unknown' || !asked || isRemote?.(kind) !== true) return {};
  return {
    ...denied('tls-client-certificate', kind, undefined, member, platform?.profile),
    reason: withoutCertificate,
  };
};

/** What a run may expect, from the plan and the tests of readability: same entries as `accessMap`, with `unknown` besides. */
export const expectedAccess = (
  items: readonly PlannedItem[],
  members: readonly MemberTarget[],
  hereOf: (item: PlannedItem) => Here,
  context: AccessContext = {},
): Omit<AccessMapArtifact, 'entries'> & { readonly entries: readonly ExpectedEntry[] } => {
  const profile = context.platform?.profile;
  const seen = new Set<string>();
  const verdicts = items.flatMap((item): Verdict[] => {
    const { target, kind, inapplicable } = item;
    const key = `${target.kind}/${target.id}/${kind}`;
    if (
      seen.has(key) ||
      (inapplicable !== undefined &&
        inapplicable.reason !== 'not-local' &&
        !(inapplicable.reason === 'no-kubeconfig' && profile !== undefined))
    )
      return [];
    seen.add(key);
    const member = members.find(({ id }) => id === target.id);
    const identity = identityOf(target, kind, context);
    const here = inapplicable === undefined ? hereOf(item) : 'no';
    const reason: ReasonCode | undefined =
      inapplicable?.reason ?? (here === 'no' || here === 'partly' ? 'file-access' : undefined);
    const why =
      reason === undefined ? hint(item, here, member, context) : denied(reason, kind, undefined, member, profile);
    const name = reason === 'not-local' ? 'host, configuration and logs of the member' : whatOf(target, kind, context);
    // `unknown` is no word of a bundle: it stays inside this function's own type.
    const access = expected[here] as AccessEntry['access'];
    return [{ target, kind, rest: { what: name, access, ...(identity === undefined ? {} : { identity }), ...why } }];
  });
  return map(merged(verdicts), context);
};
