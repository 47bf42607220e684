import type { Manifest } from '../../schemas/index.js';
import { type Identities, isNamedAfter } from './identity.js';
import type { Item } from './items.js';

/** What the evidence is about: members and hosts as far as it names them, and the cluster. */
export const targetsOf = (identities: Identities, items: readonly Item[]): Manifest['targets'] => {
  const asked: ReadonlySet<string> = new Set([
    'endpoint-status',
    'metrics',
    'health',
    'version',
    'hashkv',
    'read-latency',
  ]);
  const hosts = [...new Set(items.filter(({ target }) => target.kind === 'host').map(({ target }) => target.id))];
  const members = [...identities.members.values()].map((member): Manifest['targets'][number] => {
    const own = items.filter(({ kind, target }) => target.id === member.id && asked.has(kind));
    const host = hosts.find((id) => isNamedAfter(member.name, id));
    const answered = own.some(({ state, kind }) => (state === 'ok' || state === 'partial') && kind !== 'read-latency');
    return {
      kind: 'member',
      id: member.id,
      ...(member.name === '' ? {} : { name: member.name }),
      ...(member.endpoint === undefined ? {} : { endpoint: member.endpoint }),
      ...(member.clientUrls.size === 0 ? {} : { clientUrls: [...member.clientUrls] }),
      ...(member.peerUrls.size === 0 ? {} : { peerUrls: [...member.peerUrls] }),
      ...(member.isLearner === undefined ? {} : { isLearner: member.isLearner }),
      ...(host === undefined ? {} : { host }),
      discoveredBy: member.peerUrls.size > 0 ? 'member-list' : 'flag',
      reachable: answered ? true : own.some(({ state }) => state === 'unreachable') ? false : null,
    };
  });
  return [
    ...members,
    ...hosts.map((id): Manifest['targets'][number] => ({
      kind: 'host',
      id,
      name: id,
      discoveredBy: 'flag',
      reachable: null,
    })),
    { kind: 'cluster', id: 'cluster', discoveredBy: 'flag', reachable: null },
  ];
};
