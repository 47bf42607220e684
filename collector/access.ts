import type { AccessMapArtifact, ArtifactKind, Target } from '../schemas/index.js';
import { explain, isReasonCode } from './messages.js';
import type { MemberTarget, ReasonCode } from './probe.js';
import type { ManifestItem } from './store-item.js';

type Entry = AccessMapArtifact['entries'][number];
type Denial = 'permission' | 'authentication' | 'network' | 'absence';

const denials: Partial<Record<ReasonCode, Denial>> = {
  'connection-refused': 'network',
  'connection-timeout': 'network',
  'connection-reset': 'network',
  'no-route': 'network',
  'name-not-resolved': 'network',
  'tls-untrusted': 'authentication',
  'tls-name-mismatch': 'authentication',
  'tls-expired': 'authentication',
  'tls-client-certificate': 'authentication',
  'tls-protocol': 'authentication',
  'not-answering': 'network',
  'stopped-answering': 'network',
  'target-unreachable': 'network',
  'auth-required': 'authentication',
  'auth-failed': 'authentication',
  'permission-denied': 'permission',
  'file-access': 'permission',
  'file-missing': 'absence',
  'not-local': 'absence',
  'no-such-process': 'absence',
};

const suppliers: Readonly<Record<Denial, string>> = {
  network: 'whoever can log in to that host, or runs the network in between',
  authentication: 'whoever holds the certificates and users of this cluster',
  permission: 'someone with root on that host, or the root role in etcd',
  absence: 'whoever can log in to that host',
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

const commandFor = (reason: ReasonCode, member: MemberTarget | undefined): string | undefined => {
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

/**
 * What could be read from this vantage, what not, by what it was denied, and who can supply it: one `full` or `partial`
 * entry for each target that gave something, one entry for each target and reason that did not.
 */
export const accessMap = (items: readonly ManifestItem[], members: readonly MemberTarget[]): AccessMapArtifact => {
  const targets = new Map<string, { target: Target; items: ManifestItem[] }>();
  for (const item of items) {
    const key = `${item.target.kind}/${item.target.id}`;
    const known = targets.get(key) ?? { target: item.target, items: [] };
    known.items.push(item);
    targets.set(key, known);
  }
  const entries: Entry[] = [];
  for (const { target, items: own } of targets.values()) {
    const kinds = (list: readonly ManifestItem[]): string[] =>
      [...new Set(list.map(({ kind }) => kind as ArtifactKind))].sort();
    const read = own.filter(({ state }) => got.has(state));
    const missing = own.filter(
      ({ state, reason }) => !got.has(state) && (!silent.has(state) || reason === 'not-local'),
    );
    if (read.length > 0) {
      const access = missing.some(({ reason }) => reason !== 'not-local') ? 'partial' : 'full';
      entries.push({ what: what[target.kind], kinds: kinds(read), target, access });
    }
    const reasons = [...new Set(missing.map(({ reason }) => reason))].filter((reason) => reason !== undefined).sort();
    for (const reason of reasons) {
      if (!isReasonCode(reason)) continue;
      const denied = denials[reason];
      const member = members.find(({ id }) => id === target.id);
      const command = commandFor(reason, member);
      entries.push({
        what: reason === 'not-local' ? 'host, configuration and logs of the member' : what[target.kind],
        kinds: kinds(missing.filter((item) => item.reason === reason)),
        target,
        access: 'none',
        ...(denied === undefined ? {} : { deniedBy: denied, whoCanSupply: suppliers[denied] }),
        reason: explain(reason).happened,
        ...(command === undefined ? {} : { command }),
      });
    }
  }
  return { entries };
};
