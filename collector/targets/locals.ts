import type { LocalMember } from '../probe.js';
import { type Address, canonical, isLoopback, isUnspecified, parseUrls } from './addresses.js';

/** What is known of a member when local processes are matched to it. */
export interface Matchable {
  readonly name?: string;
  readonly endpoint: string;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
}

/** A match needs one exact URL, or a wildcard listener on the member's port together with its name. */
const ENOUGH = 3;
const EXACT_URL = 4;
const SAME_NAME = 2;
const WILDCARD_PORT = 1;

/** The local process of a member, with the reasons in `matchedBy`; undefined when none fits. */
export const matchLocal = (member: Matchable, locals: readonly LocalMember[]): LocalMember | undefined => {
  const ranked = locals
    .map((local) => ({ local, ...score(member, local) }))
    .filter(({ points }) => points >= ENOUGH)
    .sort((a, b) => b.points - a.points);
  const best = ranked[0];
  return best === undefined ? undefined : { ...best.local, matchedBy: best.reasons.join(', ') };
};

const score = (member: Matchable, { settings, matchedBy }: LocalMember): { points: number; reasons: string[] } => {
  const own = settings['name'];
  const known = member.name !== undefined && member.name !== '';
  // Members of other clusters on the same host may share a wildcard listener's port text, never the name as well.
  if (known && own !== undefined && own !== member.name) return { points: 0, reasons: [] };
  const clientUrls = parseUrls(member.clientUrls.join(','));
  const endpoint = parseUrls(`http://${member.endpoint}`);
  const peers = parseUrls(member.peerUrls.join(','));
  const found: [number, string][] = [];
  if (known && own === member.name) found.push([SAME_NAME, `name ${own}`]);
  if (overlap(parseUrls(settings['initial-advertise-peer-urls']), peers)) found.push([EXACT_URL, 'peer URL']);
  if (overlap(parseUrls(settings['advertise-client-urls']), clientUrls)) found.push([EXACT_URL, 'client URL']);
  const listen = parseUrls(settings['listen-client-urls']);
  const dialled = [...clientUrls, ...endpoint];
  const wildcards = listen.filter(({ host }) => isUnspecified(host));
  const samePort = dialled.filter(({ port }) => wildcards.some((url) => url.port === port));
  // A wildcard listener of this host owns the port on its loopback address.
  if (overlap(listen, dialled) || samePort.some(({ host }) => isLoopback(host)))
    found.push([EXACT_URL, 'listening client URL']);
  else if (samePort.length > 0) found.push([WILDCARD_PORT, 'client port']);
  const points = found.reduce((sum, [worth]) => sum + worth, 0);
  return { points, reasons: [matchedBy, ...found.map(([, reason]) => reason)].filter((reason) => reason !== '') };
};

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
