import type { NetConfig } from '../../facts/values/host.js';
import type { Sockets } from '../../facts/values/member.js';
import { type EvidenceInput, supporting } from '../../rule.js';

interface NoWayContext {
  readonly members: readonly { readonly id: string; readonly host?: string }[];
  readonly nameOf: (id: string) => string;
  readonly sockets: ReadonlyMap<string, Sockets>;
  readonly netConfigs: ReadonlyMap<string, NetConfig>;
}

/** What the hosts of these members say about a way to peers that is not there: no route, an interface without link, calls without answer. */
export const noWay = (
  { members, nameOf, sockets, netConfigs }: NoWayContext,
  ids: readonly string[],
): EvidenceInput[] => {
  const at = members.flatMap(({ id, host }) => {
    const config = host === undefined ? undefined : netConfigs.get(host);
    return ids.includes(id) && config !== undefined ? [{ id, config }] : [];
  });
  const routes = at.flatMap(({ id, config }) =>
    config.routes.filter(({ via }) => via === 'none').map(({ memberId }) => `${nameOf(id)} to ${nameOf(memberId)}`),
  );
  const links = at.flatMap(({ id, config }) => {
    const used = new Set(config.routes.flatMap((route) => route.interface ?? []));
    return config.interfaces
      .filter((each) => used.has(each.name) && (each.carrier === false || each.operState === 'down'))
      .map(({ name }) => `${nameOf(id)}: ${name}`);
  });
  const calls = ids.flatMap((id) => {
    const seen = sockets.get(id);
    return (seen?.peers ?? [])
      .filter(({ diallingRounds }) => (seen?.rounds ?? 0) > 1 && diallingRounds === seen?.rounds)
      .map(({ peer }) => `${nameOf(id)} to ${nameOf(peer)}`);
  });
  return [
    ...(routes.length === 0
      ? []
      : [supporting(true, 'Its host has no route to a peer', { observed: routes.join(', '), from: ['netConfig'] })]),
    ...(links.length === 0
      ? []
      : [
          supporting(true, 'The interface on the way to its peers has no link', {
            observed: links.join(', '),
            from: ['netConfig'],
          }),
        ]),
    ...(calls.length === 0
      ? []
      : [
          supporting(true, 'Its calls to peers get no answer, in every round', {
            observed: calls.join(', '),
            from: ['sockets'],
          }),
        ]),
  ];
};
