import type { MemberListArtifact } from '../schemas/index.js';
import type { CollectOptions } from './options.js';
import type { EtcdPort } from './ports/etcd.js';
import type { NetPort } from './ports/net.js';
import type { EndpointTarget, LocalMember, MemberTarget } from './probe.js';
import {
  type Address,
  canonical,
  isLoopback,
  isUnspecified,
  parseSeed,
  parseUrl,
  parseUrls,
} from './targets/addresses.js';
import { askSeeds, provisional, type SeedAnswer } from './targets/ask.js';
import { endpointTargets } from './targets/endpoints.js';
import { adoptSeeds, unknownSeeds, withSeed } from './targets/adopt.js';
import { httpUrlsOf, parseMetricsEndpoints } from './targets/http-urls.js';
import { aliasesOf, dialable, localSeeds, matchLocal, ownAddresses, type Whereabouts } from './targets/locals.js';

export { EndpointUsageError } from './targets/addresses.js';

export interface Discovery {
  /** All members, unreachable and unstarted ones too, sorted by id. */
  readonly members: readonly MemberTarget[];
  readonly endpoints: readonly EndpointTarget[];
  /** Cluster ids that seeds named, 16 hex digits; more than one when the seeds are of different clusters. */
  readonly clusterIds: readonly string[];
  /** What was unusual, for the user and the run log. */
  readonly notes: readonly string[];
  /** What is no news for the user: for the run log alone. */
  readonly asides: readonly string[];
  /** From here there is no way to any seed: no route, or no address for its name. */
  readonly beyondReach: boolean;
}

/** etcdctl's default. */
const DEFAULT_SEED = '127.0.0.1:2379';
/** Bounds of a second look at an address that differs from what its member advertises, ms. */
const VERIFY_MS = 1_000;

type ListedMember = MemberListArtifact['members'][number];
interface Known {
  readonly member: ListedMember;
  readonly clusterId: string;
  /** Seed at which the member itself answered. */
  answeredAt?: Address;
}

/**
 * Seeds -> members and endpoints. Asks all seeds at once for a serializable member list; seeds that do not answer stay
 * as members. Takes 2 s at most when nothing answers, 0.7 s more than the first answer otherwise. Throws EndpointUsageError.
 */
export const discoverTargets = async (
  options: Pick<
    CollectOptions,
    'endpoints' | 'cluster' | 'tls' | 'metricsEndpoints' | 'itemTimeoutMs' | 'furtherSeeds'
  >,
  ports: { readonly etcd: EtcdPort; readonly net: NetPort },
  signal: AbortSignal,
  locals: readonly LocalMember[] = [],
): Promise<Discovery> => {
  const notes: string[] = [];
  const seeds = seedsOf(options, locals);
  const metrics = parseMetricsEndpoints(options);
  const answers = await askSeeds(seeds, ports.etcd, signal, options.itemTimeoutMs);
  const known = collectKnown(answers, options.cluster);
  const clusterIds = [...new Set(answers.flatMap(({ list }) => (list === undefined ? [] : [list.clusterId])))].sort(
    (a, b) => (a < b ? -1 : 1),
  );
  if (clusterIds.length > 1)
    notes.push(`the endpoints belong to ${clusterIds.length} clusters: ${clusterIds.join(', ')}`);

  const dialled = [...seeds, ...[...known.values()].flatMap(({ member }) => parseUrls(member.clientURLs.join(',')))];
  const here: Whereabouts = {
    own: ownAddresses(),
    aliases: locals.length === 0 ? new Map() : await aliasesOf(dialled, ports.net, { signal, timeoutMs: VERIFY_MS }),
  };
  const fromRemote = answers.some(({ address, list }) => list !== undefined && !isLoopback(address.host));
  const target = async ({ member, answeredAt }: Known): Promise<MemberTarget> => {
    const address = await dialAddress(member, answeredAt, fromRemote, ports.etcd, signal, notes);
    return listedTarget(member, address, answeredAt !== undefined, options, locals, here);
  };
  const members = await Promise.all([...known.values()].map(target));
  // What a file says of other members may be long out of date: the member list of one that answers is better.
  const further = known.size === 0 ? [] : (options.furtherSeeds ?? []);
  const silent = answers
    .filter(({ list, address }) => list === undefined && !further.includes(address.url))
    .map(({ address }) => address);
  const unknown = await unknownSeeds(silent, members, ports.net, { signal, timeoutMs: VERIFY_MS });
  const strangers = unknown.map((address) => seedTarget(address, 'seed', options, locals, here));
  const net = { port: ports.net, options: { signal, timeoutMs: VERIFY_MS } };
  const { adopted, apart } = await adoptSeeds(strangers, members, fromRemote, net);
  for (const [index, member] of members.entries()) {
    const seed = adopted.get(member.id);
    if (seed === undefined) continue;
    notes.push(`${seed.endpoint} is taken for member ${member.id}, which does not answer there`);
    members[index] = withSeed(member, seed);
  }
  members.push(...apart);
  // Named endpoints say which cluster is meant: other processes of this host are not taken for members of it.
  if (known.size === 0 && options.endpoints.length === 0)
    members.push(...unnamedLocals(members, locals, options, here));
  const unmatched = locals.filter(({ pid }) => pid > 0 && !members.some(({ local }) => local?.pid === pid));
  const asides =
    unmatched.length === 0
      ? []
      : [`local etcd processes of none of these members: pid ${unmatched.map(({ pid }) => pid).join(', ')}`];
  noteSharedEndpoints(members, notes);
  members.sort((a, b) => (a.id < b.id ? -1 : 1));
  const beyondReach = answers.every(
    ({ error }) => error?.reason === 'no-route' || error?.reason === 'name-not-resolved',
  );
  return { members, endpoints: endpointTargets(members, metrics), clusterIds, notes, asides, beyondReach };
};

/** The addresses to begin with, each once: as given, else of the local processes, else etcdctl's default. Throws EndpointUsageError. */
export const seedsOf = (
  options: Pick<CollectOptions, 'endpoints' | 'tls' | 'furtherSeeds'>,
  locals: readonly LocalMember[],
): readonly Address[] => {
  const { cacert, cert, insecureSkipTlsVerify } = options.tls;
  const tlsGiven = cacert !== undefined || cert !== undefined || insecureSkipTlsVerify;
  const named = options.endpoints.map((raw) => parseSeed(raw, tlsGiven));
  const further = (options.furtherSeeds ?? []).flatMap((url) => parseUrl(url) ?? []);
  const found = named.length > 0 ? named : [...localSeeds(locals), ...further];
  const seeds = found.length > 0 ? found : [parseSeed(DEFAULT_SEED, tlsGiven)];
  return [...new Map(seeds.map((seed) => [seed.url, seed])).values()];
};

/** Members by id; of several seeds of one member, the one it advertises is kept, else the first. */
const collectKnown = (answers: readonly SeedAnswer[], cluster: boolean): Map<string, Known> => {
  const known = new Map<string, Known>();
  const answered = answers.flatMap(({ address, list, isLearner }) =>
    list === undefined ? [] : [{ address, list, isLearner: isLearner === true }],
  );
  for (const { list } of answered) {
    for (const member of list.members) {
      const wanted = cluster || member.id === list.memberId;
      if (wanted && !known.has(member.id)) known.set(member.id, { member, clusterId: list.clusterId });
    }
  }
  for (const { address, list, isLearner } of answered) {
    // A removed member is not in its own list any more, and a learner refuses to give one.
    const nameless = { id: list.memberId, name: '', peerURLs: [], clientURLs: [address.url], isLearner };
    const own = known.get(list.memberId) ?? { member: nameless, clusterId: list.clusterId };
    known.set(list.memberId, own);
    if (own.answeredAt === undefined || advertises(own.member, address)) own.answeredAt = address;
  }
  return known;
};

const advertises = ({ clientURLs }: ListedMember, address: Address): boolean =>
  clientURLs.some((url) => {
    const advertised = parseUrl(url);
    return advertised !== undefined && canonical(advertised) === canonical(address);
  });

/**
 * Where a member is dialled. Its own seed, when that is a client URL of it; else the advertised URL when it leads to the
 * member (a seed may be a load balancer); else the seed. Undefined for a member that never started.
 */
const dialAddress = async (
  member: ListedMember,
  answeredAt: Address | undefined,
  fromRemote: boolean,
  etcd: EtcdPort,
  signal: AbortSignal,
  notes: string[],
): Promise<Address | undefined> => {
  const advertised = usableUrl(member, fromRemote, notes);
  if (answeredAt === undefined || advertised === undefined) return answeredAt ?? advertised;
  if (advertises(member, answeredAt)) return answeredAt;
  const call = { signal, timeoutMs: VERIFY_MS };
  const elsewhere = provisional(advertised);
  const reached = await etcd.memberList(elsewhere, call).catch(() => undefined);
  if (reached?.memberId === member.id) return advertised;
  if (reached === undefined) etcd.leave(elsewhere);
  notes.push(
    `member ${member.id} advertises ${advertised.url}, which does not lead to it from here; ${answeredAt.url} is used`,
  );
  return answeredAt;
};

/** First client URL one can dial. A wildcard or, seen from elsewhere, a loopback address gets the host of the peer URL. */
const usableUrl = (member: ListedMember, fromRemote: boolean, notes: string[]): Address | undefined => {
  const urls = member.clientURLs.flatMap((url) => parseUrl(url) ?? []);
  const useless = ({ host }: Address) => isUnspecified(host) || (fromRemote && isLoopback(host));
  const good = urls.find((url) => !useless(url));
  const first = urls[0];
  if (good !== undefined || first === undefined) return good;
  const peer = member.peerURLs.flatMap((url) => parseUrl(url) ?? []).find((url) => !useless(url));
  if (peer === undefined) return isUnspecified(first.host) ? dialable(first) : first;
  notes.push(`member ${member.id} advertises ${first.url}; the host of its peer URL is dialled instead`);
  return parseUrl(first.url.replace(first.hostPort, peer.hostPort.replace(/:\d+$/, `:${first.port}`)));
};

type TargetOptions = Pick<CollectOptions, 'metricsEndpoints'>;

const listedTarget = (
  member: ListedMember,
  dialled: Address | undefined,
  isSeed: boolean,
  options: TargetOptions,
  locals: readonly LocalMember[],
  here: Whereabouts,
): MemberTarget => {
  const local = matchLocal(
    { name: member.name, endpoint: dialled?.hostPort ?? '', clientUrls: member.clientURLs, peerUrls: member.peerURLs },
    locals,
    here,
  );
  return {
    kind: 'member',
    id: member.id,
    ...nameOf(member.name, local),
    endpoint: dialled?.hostPort ?? '',
    tls: dialled?.tls ?? false,
    clientUrls: member.clientURLs.map(withoutUserinfo),
    peerUrls: member.peerURLs.map(withoutUserinfo),
    isLearner: member.isLearner,
    discoveredBy: isSeed ? 'seed' : 'member-list',
    httpUrls: dialled === undefined ? [] : httpUrlsOf(dialled, member.clientURLs, local, options),
    ...(local === undefined ? {} : { local }),
  };
};

/** A member that never started has no name in the list; its process may say one. */
const nameOf = (listed: string, local: LocalMember | undefined): { readonly name?: string } => {
  const name = listed === '' ? local?.settings['name'] : listed;
  return name === undefined ? {} : { name };
};

const withoutUserinfo = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');

const seedTarget = (
  address: Address,
  discoveredBy: 'seed' | 'process',
  options: TargetOptions,
  locals: readonly LocalMember[],
  here: Whereabouts,
): MemberTarget => {
  const target = provisional(address, discoveredBy);
  const local = matchLocal({ ...target, clientUrls: [address.url] }, locals, here);
  return {
    ...target,
    ...nameOf('', local),
    httpUrls: httpUrlsOf(address, [], local, options),
    ...(local === undefined ? {} : { local }),
  };
};

/** With no member list at all, the processes of this host are the only other source of members. */
const unnamedLocals = (
  members: readonly MemberTarget[],
  locals: readonly LocalMember[],
  options: TargetOptions,
  here: Whereabouts,
): readonly MemberTarget[] =>
  locals
    .filter(({ pid }) => !members.some(({ local }) => local?.pid === pid))
    .flatMap((local) => localSeeds([local]).map((address) => seedTarget(address, 'process', options, [local], here)))
    .filter(({ id, local }) => local !== undefined && !members.some((member) => member.id === id));

const noteSharedEndpoints = (members: readonly MemberTarget[], notes: string[]): void => {
  const byEndpoint = new Map<string, string[]>();
  for (const { endpoint, id } of members) {
    if (endpoint !== '') byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), id]);
  }
  for (const [endpoint, ids] of byEndpoint) {
    if (ids.length > 1)
      notes.push(`members ${ids.join(', ')} share the address ${endpoint}: only one of them can be asked there`);
  }
};
