import { endpointSlug } from '../../schemas/index.js';
import type { EndpointTarget, MemberTarget } from '../probe.js';
import { type Address, isLoopback, isUnspecified, parseUrl } from './addresses.js';

/** Vantage targets: what is dialled for clients, the peer URLs, what is advertised elsewhere, and named metrics listeners; one per host:port. */
export const endpointTargets = (
  members: readonly MemberTarget[],
  metrics: readonly Address[],
): readonly EndpointTarget[] => {
  const found = new Map<string, EndpointTarget>();
  const add = (address: Address | undefined, role: EndpointTarget['role'], memberId?: string) => {
    if (address === undefined || isUnspecified(address.host)) return;
    const id = endpointSlug(address.hostPort);
    if (found.has(id)) return;
    const { host, port, tls, url } = address;
    found.set(id, {
      kind: 'endpoint',
      id,
      host,
      port,
      tls,
      role,
      ...(role === 'client' ? { httpUrl: url } : {}),
      ...(memberId === undefined ? {} : { memberId }),
    });
  };
  for (const member of members) {
    if (member.endpoint !== '')
      add(parseUrl(`${member.tls ? 'https' : 'http'}://${member.endpoint}`), 'client', member.id);
  }
  for (const member of members) for (const url of member.peerUrls) add(parseUrl(url), 'peer', member.id);
  // Clients that follow the member list dial these; a loopback address leads this host to itself.
  for (const member of members)
    for (const url of member.clientUrls) {
      const address = parseUrl(url);
      if (address !== undefined && !isLoopback(address.host)) add(address, 'advertised', member.id);
    }
  for (const address of metrics) add(address, 'metrics');
  return [...found.values()];
};
