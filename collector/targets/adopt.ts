import type { NetOptions, NetPort } from '../ports/net.js';
import type { MemberTarget } from '../probe.js';
import { type Address, canonical, isLoopback, isUnspecified, parseUrl, parseUrls } from './addresses.js';

/** Silent seeds that are no client URL of a member already listed, comparing resolved addresses too. */
export const unknownSeeds = async (
  silent: readonly Address[],
  members: readonly MemberTarget[],
  net: NetPort,
  options: NetOptions,
): Promise<readonly Address[]> => {
  const listed = new Set(
    members
      .flatMap(({ clientUrls, endpoint }) => [...clientUrls, `http://${endpoint}`])
      .flatMap((url) => {
        const address = parseUrl(url);
        return address === undefined ? [] : [canonical(address)];
      }),
  );
  const unknown = silent.filter((seed) => !listed.has(canonical(seed)));
  if (listed.size === 0) return unknown;
  const resolved = await Promise.all(
    unknown.map(async (seed) => {
      const { addresses } = await net.resolve(seed.host, options);
      return addresses.some(({ address }) => listed.has(canonical({ host: address, port: seed.port })));
    }),
  );
  return unknown.filter((_seed, index) => resolved[index] !== true);
};

export interface Adoption {
  /** Seed of a listed member, by member id. */
  readonly adopted: ReadonlyMap<string, MemberTarget>;
  /** Seeds that may be of anybody. */
  readonly apart: readonly MemberTarget[];
}

/** A listed member that nothing answered for: never started, or not reached. */
const isSilent = ({ discoveredBy }: MemberTarget): boolean => discoveredBy === 'member-list';
/** The list has no client URL for it: it never finished joining. */
const isUnstarted = ({ clientUrls }: MemberTarget): boolean => clientUrls.length === 0;

/**
 * Which silent seeds are the addresses of listed members: the same local process was matched to both, or the member has
 * no client URL and is alone with the seed on the host of its peer URL. All others stay apart: a wrong guess would put
 * two servers into one.
 */
export const adoptSeeds = async (
  seeds: readonly MemberTarget[],
  members: readonly MemberTarget[],
  fromRemote: boolean,
  net: { readonly port: NetPort; readonly options: NetOptions },
): Promise<Adoption> => {
  const adopted = new Map<string, MemberTarget>();
  const rest: MemberTarget[] = [];
  for (const seed of seeds) {
    const owner = members.find((member) => isSilent(member) && samePid(member, seed));
    if (owner === undefined) rest.push(seed);
    // A second address of one process says nothing new.
    else if (!adopted.has(owner.id)) adopted.set(owner.id, seed);
  }
  const open = members.filter((member) => isSilent(member) && isUnstarted(member));
  if (rest.length === 0 || open.length === 0) return { adopted, apart: rest };

  const hostsOf = async (urls: readonly string[]): Promise<ReadonlySet<string>> =>
    hostKeys(parseUrls(urls.join(',')), fromRemote, net);
  const openHosts = await Promise.all(open.map(({ peerUrls }) => hostsOf(peerUrls)));
  const seedHosts = await Promise.all(rest.map(({ clientUrls }) => hostsOf(clientUrls)));
  const matches = rest.map((_seed, s) =>
    open.filter((_member, m) => [...(seedHosts[s] ?? [])].some((host) => openHosts[m]?.has(host) === true)),
  );
  const apart = rest.filter((seed, s) => {
    const [owner, second] = matches[s] ?? [];
    if (owner === undefined || second !== undefined || adopted.has(owner.id)) return true;
    const claims = matches.filter((found) => found.includes(owner)).length;
    if (claims > 1 || contradicts(owner, seed)) return true;
    adopted.set(owner.id, seed);
    return false;
  });
  return { adopted, apart };
};

const samePid = (member: MemberTarget, seed: MemberTarget): boolean =>
  member.local !== undefined && member.local.pid === seed.local?.pid;

/** Local processes that are known, and are not the same. */
const contradicts = (member: MemberTarget, seed: MemberTarget): boolean =>
  seed.local !== undefined &&
  (member.local !== undefined || (member.name !== undefined && seed.name !== undefined && member.name !== seed.name));

/** Hosts of addresses as given and resolved, for comparing; a loopback address told by another machine means nothing here. */
const hostKeys = async (
  addresses: readonly Address[],
  fromRemote: boolean,
  { port, options }: { readonly port: NetPort; readonly options: NetOptions },
): Promise<ReadonlySet<string>> => {
  const found = await Promise.all(
    addresses.map(async ({ host }) => [host, ...(await port.resolve(host, options)).addresses.map((a) => a.address)]),
  );
  return new Set(
    found
      .flat()
      .filter((host) => !isUnspecified(host) && !(fromRemote && isLoopback(host)))
      .map((host) => canonical({ host, port: 0 })),
  );
};

/** The member, dialled where its seed said when the list has no address for it. */
export const withSeed = (member: MemberTarget, seed: MemberTarget): MemberTarget => {
  const local = member.local ?? seed.local;
  const name = member.name ?? seed.name;
  return {
    ...member,
    ...(name === undefined ? {} : { name }),
    ...(member.endpoint === '' ? { endpoint: seed.endpoint, tls: seed.tls, httpUrls: seed.httpUrls } : {}),
    discoveredBy: 'seed',
    ...(local === undefined ? {} : { local }),
  };
};
