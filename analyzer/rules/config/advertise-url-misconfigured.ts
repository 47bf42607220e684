import type { Membership, MembershipMember } from '../../facts/values/cluster.js';
import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { aliveMembers, linkStates } from '../evidence/peer-links.js';

type UrlKind = 'unspecified' | 'loopback' | 'other';

const hostOf = (url: string): string => {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  } catch {
    return '';
  }
};

const kindOf = (url: string): UrlKind => {
  const host = hostOf(url);
  if (host === '0.0.0.0' || host === '::' || host === '0:0:0:0:0:0:0:0') return 'unspecified';
  return host === 'localhost' || host === '::1' || /^127\./.test(host) ? 'loopback' : 'other';
};

/** The token of an address stands for an address, although it looks like a name. */
const isAddressToken = (host: string): boolean => /^ip[46]-[a-z]+-[0-9a-f]{6}-[0-9a-f]{10}$/.test(host);

const hasLetters = (host: string): boolean => /[a-z]/i.test(host) && !isAddressToken(host);

const isName = (host: string): boolean => /[g-z]/i.test(host) && !isAddressToken(host);

const portOf = (url: string): string => {
  try {
    return new URL(url).port;
  } catch {
    return '';
  }
};

const urlsIn = (value: string | undefined): readonly string[] =>
  (value ?? '').split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()]));

interface WrongUrl {
  readonly member: string;
  readonly role: 'peer' | 'client';
  readonly url: string;
  readonly why: string;
  /** Other members have it right: a mistake, and no habit of the place. */
  readonly odd: boolean;
}

/** URLs that cannot be right whatever the network: no address at all, this host only (where others are elsewhere), or another member's. */
const wrongUrls = ({ members, views }: Membership): readonly WrongUrl[] => {
  const roles = [
    ['peer', (member: MembershipMember) => member.peerURLs],
    ['client', (member: MembershipMember) => member.clientURLs],
  ] as const;
  return roles.flatMap(([role, urlsOf]) => {
    const all = members.flatMap((member) => urlsOf(member).map((url) => ({ member: member.id, url })));
    // A cluster that is on loopback as a whole is meant to be there.
    const elsewhere = members.some(
      (member) => urlsOf(member).length > 0 && urlsOf(member).every((url) => kindOf(url) === 'other'),
    );
    // Lists of two clusters may name one address each for itself.
    const together = (a: string, b: string): boolean =>
      views.length === 0 || views.some(({ ids }) => ids.includes(a) && ids.includes(b));
    return all.flatMap(({ member, url }): WrongUrl[] => {
      const others = urlsOf(members.find((each) => each.id === member) as MembershipMember);
      const kind = kindOf(url);
      if (kind === 'unspecified')
        return [{ member, role, url, why: 'no address that anyone could dial', odd: elsewhere }];
      if (kind === 'loopback' && elsewhere && (role === 'peer' || others.every((other) => kindOf(other) !== 'other')))
        return [{ member, role, url, why: 'leads everyone else to themselves', odd: true }];
      if (all.some((other) => other.member !== member && other.url === url && together(member, other.member)))
        return [{ member, role, url, why: 'another member advertises it too', odd: true }];
      return [];
    });
  });
};

export default defineRule({
  id: 'advertise-url-misconfigured',
  title: 'Advertised URLs of a member are wrong',
  category: 'config',
  role: 'cause',
  scope: 'cluster',
  why: 'Peers and clients dial what a member advertises: a wrong URL cuts off a member that runs well.',
  needs: ['membership'],
  wants: ['peerMatrix', 'leaderView', 'reachability', 'log', 'quorum', 'config'],
  explains: [
    'member-partitioned',
    'quorum-lost',
    'leader-flapping',
    'dead-member-in-list',
    'slow-follower-lag',
    'learner-stuck',
    'peer-port-blocked-asymmetric',
  ],
  messages: {
    refused:
      'The peer URL of {subject} ({urls}) refuses connections, while the member itself answers its clients: nothing listens there.',
    elsewhere:
      'The member list has {urls} for {subject}, which listens for its peers at {own}: they dial an address where it is not.',
    nobody:
      '{subject} advertises {urls} to clients, where nothing answers the hosts of the members: clients that follow the member list do not find it.',
    wrong: '{subject} advertises {urls}: {why}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the member list with the addresses the processes listen on',
      tag: 'read-only',
      command: 'etcdctl member list -w table; ss -ltnp | grep etcd',
    },
    {
      text: 'Correct the registered peer URL; the flag of a member that joined long ago does not change it',
      tag: 'brief-interruption',
      command: 'etcdctl member update <member id> --peer-urls=<right peer url>',
    },
    { text: 'Correct --advertise-client-urls and restart that member', tag: 'restarts' },
  ],
  doNot: ['remove the member and add it again when an update of its URL is enough'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'peer-port-blocked-asymmetric',
      why: 'The URL would be right and the port filtered: time-outs instead of refusals.',
    },
    { rule: 'dns-failure', why: 'The host name would not resolve.' },
    { rule: 'crash-loop', why: 'The process would be gone for its clients too.' },
  ],
  wouldDisprove: ['a connect to every advertised URL, from another member’s host, that succeeds'],
  nextEvidence: [
    { what: 'listen and advertise flags of the member', command: 'sudo etcd-collect   # on the member’s node' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { members } = ctx.need.membership;
    if (members.length === 0) return inconclusive('no member list was read');
    const matrix = ctx.want.peerMatrix;
    const logs = ctx.each('log');
    const states = matrix === undefined ? [] : linkStates(matrix, logs, ctx.want.leaderView, ctx.window.to);
    const alive = aliveMembers(
      members.map((member) => member.id),
      ctx.each('reachability'),
    );
    const claims: Claim[] = [];
    for (const { id, peerURLs } of members) {
      const dials = (matrix?.tcp ?? []).filter((each) => each.role === 'peer' && each.member === id);
      const refused =
        dials.length > 0 &&
        dials.every(
          (each) =>
            each.stats.ok === 0 && (each.stats.codes['connection-refused'] ?? each.stats.codes.ECONNREFUSED ?? 0) > 0,
        );
      const toIt = states.filter((state) => state.to === id && alive.includes(state.from) && state.fails !== undefined);
      const down = toIt.length === 0 ? undefined : toIt.some((state) => state.fails === true);
      if (!alive.includes(id) || !refused) continue;
      const lines = alive.filter((peer) => peer !== id).map((peer) => linesOf(logs.get(peer), ['conn-refused']));
      claims.push({
        message: 'refused',
        data: { urls: peerURLs.join(', ') },
        severity: 'high',
        basis: 'inferred',
        subjects: [id],
        evidence: [
          necessary(true, 'Connects to its peer URL are refused, while the member answers', {
            observed: dials
              .map((each) => `${each.endpoint}: ${each.stats.failed} of ${each.stats.attempts} failed`)
              .join(', '),
            from: ['membership', 'peerMatrix'],
          }),
          necessary(down, 'Its peers cannot reach it either', {
            observed: toIt.map((state) => `${ctx.nameOf(state.from)}: ${state.observed}`).join('; '),
          }),
          ...(lines.some((each) => (each?.inWindow ?? 0) > 0)
            ? [
                supporting(true, 'Peers log refused connections in the window', {
                  sources: lines.flatMap((each) => each?.sources ?? []).slice(0, 2),
                }),
              ]
            : []),
        ],
      });
    }
    const inside = new Set(ctx.members.flatMap((member) => member.host ?? []));
    for (const { id } of members) {
      // From outside the cluster's network an address may lead nowhere and be right.
      const dials = (matrix?.advertised ?? []).filter(
        (each) => each.member === id && each.vantage !== null && inside.has(each.vantage) && each.stats.attempts > 0,
      );
      if (!alive.includes(id) || dials.length === 0) continue;
      claims.push({
        message: 'nobody',
        data: { urls: [...new Set(dials.map((each) => each.endpoint))].join(', ') },
        severity: 'warning',
        basis: 'inferred',
        subjects: [id],
        evidence: [
          necessary(
            dials.every((each) => each.stats.ok === 0),
            'No connect to the client URL that it advertises succeeds, from hosts of the members, while it answers at another address',
            {
              observed: dials.map((each) => `${each.endpoint}: ${Object.keys(each.stats.codes).join(', ')}`).join('; '),
              from: ['membership', 'peerMatrix'],
            },
          ),
        ],
      });
    }
    for (const { id, peerURLs } of members) {
      const settings = ctx.want.config?.members[id] ?? {};
      const listens = urlsIn(settings['listen-peer-urls']?.value);
      const others = states.filter(
        (state) => state.to === id && alive.includes(state.from) && state.fails !== undefined,
      );
      // A member behind a relay or a translated address listens elsewhere too: only with failing links it is a mistake.
      const unreached = others.length > 0 && others.every((state) => state.fails === true);
      if (!alive.includes(id) || listens.length === 0 || peerURLs.length === 0 || !unreached) continue;
      const meets = peerURLs.some((url) =>
        listens.some(
          (own) => portOf(own) === portOf(url) && (kindOf(own) === 'unspecified' || hostOf(own) === hostOf(url)),
        ),
      );
      if (meets || listens.some((own) => kindOf(own) === 'other' && hostOf(own) !== '' && hasLetters(hostOf(own))))
        continue;
      // Behind a relay it advertises the relay, by its own flags.
      const told = urlsIn(settings['initial-advertise-peer-urls']?.value);
      if (peerURLs.every((url) => told.includes(url))) continue;
      // A name cannot be compared with an address.
      if (peerURLs.every((url) => isName(hostOf(url)))) continue;
      claims.push({
        message: 'elsewhere',
        data: { urls: peerURLs.join(', '), own: listens.join(', ') },
        severity: 'high',
        subjects: [id],
        evidence: [
          necessary(true, 'It listens for peers at none of the URLs that the member list has for it', {
            observed: `list: ${peerURLs.join(', ')}; it listens at ${listens.join(', ')}`,
            from: ['membership', 'config'],
          }),
          necessary(unreached, 'Its peers do not reach it', {
            observed: others.map((state) => `${ctx.nameOf(state.from)}: ${state.observed}`).join('; '),
            from: ['peerMatrix'],
          }),
        ],
      });
    }
    for (const wrong of wrongUrls(ctx.need.membership)) {
      const harmed =
        wrong.role === 'peer' &&
        (states.some((state) => state.to === wrong.member && state.fails === true && alive.includes(state.from)) ||
          ctx.want.quorum?.withoutLeader.includes(wrong.member) === true);
      claims.push({
        message: 'wrong',
        data: { urls: wrong.url, why: wrong.why },
        severity: harmed ? 'high' : 'warning',
        role: harmed || wrong.odd ? 'cause' : 'risk',
        subjects: [wrong.member],
        evidence: [
          necessary(true, `${wrong.role === 'peer' ? 'Peer' : 'Client'} URL in the member list`, {
            observed: wrong.url,
            limit: 'an address that all others can dial',
            from: ['membership'],
          }),
          ...(harmed ? [supporting(true, 'Its peers do not reach it')] : []),
        ],
      });
    }
    return claims;
  },
});
