import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { joinHostPort } from '../ports/host-port.js';
import type { NetOptions, NetPort } from '../ports/net.js';
import type { LocalMember } from '../probe.js';
import { type Address, canonical, isLoopback, isUnspecified, parseUrls } from './addresses.js';

/** What is known of a member when local processes are matched to it. */
export interface Matchable {
  readonly name?: string;
  readonly endpoint: string;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
}

/** What this host knows of addresses. */
export interface Whereabouts {
  /** Addresses of the interfaces of this host. */
  readonly own: ReadonlySet<string>;
  /** Addresses of the names that were dialled or advertised. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
}

export const ownAddresses = (): ReadonlySet<string> =>
  new Set([
    hostname().toLowerCase(),
    ...Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address)),
  ]);

/** Looks up the names among addresses; what cannot be resolved is left out. */
export const aliasesOf = async (
  addresses: readonly Address[],
  net: NetPort,
  options: NetOptions,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const names = [...new Set(addresses.map(({ host }) => host).filter((host) => isIP(host) === 0))];
  const found = await Promise.all(
    names.map(async (name) => {
      const answer = await net.resolve(name, options);
      return [name, answer.addresses.map(({ address }) => address)] as const;
    }),
  );
  return new Map(found);
};

/** A match needs one exact URL, or a wildcard listener on the member's port together with its name. */
const ENOUGH = 3;
const EXACT_URL = 4;
const SAME_NAME = 2;
const WILDCARD_PORT = 1;

/**
 * The local process of a member, with the reasons in `matchedBy`; undefined when none fits, or when two fit alike (the
 * same listener in different containers): evidence of the wrong process is worse than none.
 */
export const matchLocal = (
  member: Matchable,
  locals: readonly LocalMember[],
  here: Whereabouts,
): LocalMember | undefined => {
  const ranked = locals
    .map((local) => ({ local, ...score(member, local, here) }))
    .filter(({ points }) => points >= ENOUGH)
    .sort((a, b) => b.points - a.points);
  const [best, second] = ranked;
  return best === undefined || second?.points === best.points
    ? undefined
    : { ...best.local, matchedBy: best.reasons.join(', ') };
};

const score = (
  member: Matchable,
  { settings, matchedBy }: LocalMember,
  here: Whereabouts,
): { points: number; reasons: string[] } => {
  const own = settings['name'];
  const known = member.name !== undefined && member.name !== '';
  // Members of other clusters on the same host may share a wildcard listener's port text, never the name as well.
  if (known && own !== undefined && own !== member.name) return { points: 0, reasons: [] };
  const clientUrls = withAliases(parseUrls(member.clientUrls.join(',')), here);
  const endpoint = withAliases(parseUrls(`http://${member.endpoint}`), here);
  const peers = parseUrls(member.peerUrls.join(','));
  const found: [number, string][] = [];
  if (known && own === member.name) found.push([SAME_NAME, `name ${own}`]);
  if (overlap(parseUrls(settings['initial-advertise-peer-urls']), peers)) found.push([EXACT_URL, 'peer URL']);
  if (overlap(parseUrls(settings['advertise-client-urls']), clientUrls)) found.push([EXACT_URL, 'client URL']);
  const listen = parseUrls(settings['listen-client-urls']);
  const dialled = [...clientUrls, ...endpoint];
  const wildcards = listen.filter(({ host }) => isUnspecified(host));
  const samePort = dialled.filter(({ port }) => wildcards.some((url) => url.port === port));
  // A wildcard listener owns the port on every address of its host.
  if (overlap(listen, dialled) || samePort.some(({ host }) => isLoopback(host) || here.own.has(host.toLowerCase())))
    found.push([EXACT_URL, 'listening client URL']);
  else if (samePort.length > 0) found.push([WILDCARD_PORT, 'client port']);
  const points = found.reduce((sum, [worth]) => sum + worth, 0);
  return { points, reasons: [matchedBy, ...found.map(([, reason]) => reason)].filter((reason) => reason !== '') };
};

const withAliases = (addresses: readonly Address[], { aliases }: Whereabouts): readonly Address[] =>
  addresses.flatMap((address) => [
    address,
    ...(aliases.get(address.host) ?? []).map((host) => ({
      ...address,
      host,
      hostPort: joinHostPort(host, address.port),
    })),
  ]);

const overlap = (a: readonly Address[], b: readonly Address[]): boolean => {
  const known = new Set(b.filter(({ host }) => !isUnspecified(host)).map(canonical));
  return a.some((address) => known.has(canonical(address)));
};

/** Addresses at which the processes of this host serve clients; a wildcard listener is reached over loopback. */
export const localSeeds = (locals: readonly LocalMember[]): readonly Address[] =>
  locals.flatMap(({ settings }) => {
    const listen = parseUrls(settings['listen-client-urls'] ?? settings['advertise-client-urls']).map(dialable);
    return listen.slice(0, 1);
  });

/** The same listener as this host can dial it. */
export const dialable = (address: Address): Address => {
  if (!isUnspecified(address.host)) return address;
  const hostPort = `127.0.0.1:${address.port}`;
  return { ...address, host: '127.0.0.1', hostPort, url: `${address.tls ? 'https' : 'http'}://${hostPort}` };
};
