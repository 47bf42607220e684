import { type Claim, defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { isPlainText } from '../evidence/certificates.js';
import { tlsComplaints } from '../evidence/tls-lines.js';

const GROUPS = ['x509-san', 'x509-noipsan', 'x509-cn-legacy', 'tls-dns-mismatch'] as const;

const addressesOf = (urls: readonly string[]): readonly string[] =>
  urls.map((url) => url.replace(/^\w+:\/\//, '').replace(/\/.*$/, ''));

export default defineRule({
  id: 'tls-san-mismatch',
  title: 'Certificate does not cover the dialled name or address',
  category: 'security',
  role: 'cause',
  scope: 'cluster',
  why: 'Whoever dials the member by an address that its certificate does not name refuses it: peers after a move, clients after a change of URLs.',
  needs: [],
  wants: ['certificates', 'log', 'reachability', 'membership'],
  explains: [
    'member-partitioned',
    'vm-pause-or-steal',
    'dead-member-in-list',
    'learner-stuck',
    'peer-port-blocked-asymmetric',
    'slow-follower-lag',
    'leader-flapping',
    'quorum-lost',
    'tls-untrusted-ca-or-client-cert',
  ],
  messages: {
    peers: 'Members refuse the certificate of {subject}: it does not name the address they see it at.',
    clientPort: 'The certificate on the client port of {subject} does not name {host}, which the member advertises.',
    peerPort: 'The certificate on the peer port of {subject} does not name {host}, which the member advertises.',
    clients: 'Clients of {subject} are refused for the names in their certificates.',
    past: 'Members refused each other over names in certificates before the window; in the window they do not.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the names in the certificate with the advertised URLs',
      tag: 'read-only',
      command: 'openssl x509 -noout -ext subjectAltName -in <file>; etcdctl member list -w table',
    },
    {
      text: 'Issue it again with all DNS names and addresses of the member, localhost too; peer certificates serve both sides of a connection',
      tag: 'brief-interruption',
    },
    {
      text: 'If the address is wrong and not the certificate: correct the URL',
      tag: 'restarts',
      command: 'etcdctl member update <id> --peer-urls=<url>',
    },
  ],
  doNot: ['skip the verification on clients or peers as a cure', 'copy the certificate of another member'],
  owner: 'operator',
  alternatives: [
    { rule: 'tls-untrusted-ca-or-client-cert', why: 'The issuer would be unknown, or the usage wrong.' },
    { rule: 'cert-expired', why: 'The dates would be over.' },
    { rule: 'dns-failure', why: 'The certificate would be right and the name resolve to another address.' },
  ],
  wouldDisprove: ['a certificate in force that names every advertised host and address'],
  nextEvidence: [
    {
      what: 'the names of the certificate a port presents',
      command: 'openssl s_client -connect <host:port> </dev/null | openssl x509 -noout -ext subjectAltName',
    },
  ],
  thresholds: ['tls-lines'],
  evaluate: (ctx) => {
    const { certificates } = ctx.want;
    const logs = ctx.each('log');
    if (certificates === undefined && logs.size === 0)
      return isPlainText(ctx.want.membership) === true
        ? notApplicable('no member uses TLS')
        : inconclusive('neither certificates nor logs were read');
    const seen = tlsComplaints(logs, GROUPS, ctx.members);
    const enough = seen.inWindow >= ctx.limit('tls-lines');
    const logged = {
      observed: `${seen.inWindow} lines in the window`,
      threshold: 'tls-lines',
      sources: seen.sources,
    } as const;
    const claims: Claim[] = [];
    if (enough && seen.peer) {
      claims.push({
        message: 'peers',
        severity: 'high',
        subjects: seen.accused.length > 0 ? seen.accused : [...seen.loggers.keys()],
        evidence: [
          necessary(true, 'Members log that a peer’s certificate does not fit its address', logged),
          necessary(seen.accused.length > 0 ? true : undefined, 'The lines name the member whose certificate it is', {
            observed: seen.accused.map(ctx.nameOf).join(', ') || 'not named',
          }),
        ],
      });
    }
    for (const shake of certificates?.handshakes ?? []) {
      const member = ctx.members.find(({ id }) => id === shake.member);
      if (
        shake.nameMatches !== false ||
        member === undefined ||
        claims.some((claim) => claim.subjects?.includes(member.id))
      )
        continue;
      const advertised = addressesOf(shake.role === 'peer' ? member.peerUrls : member.clientUrls).includes(
        shake.endpoint,
      );
      if (shake.role === 'unknown' || !advertised) continue;
      const refused = (ctx.each('reachability').get(member.id)?.reasons['tls-name-mismatch'] ?? 0) > 0;
      const broken = shake.role === 'client' && refused;
      claims.push({
        message: shake.role === 'peer' ? 'peerPort' : 'clientPort',
        data: { host: shake.serverName === '' ? shake.endpoint : shake.serverName },
        role: broken ? 'cause' : 'risk',
        severity: broken ? 'high' : 'warning',
        subjects: [member.id],
        evidence: [
          necessary(true, 'The presented certificate does not name the advertised address', {
            observed: shake.endpoint,
            limit: 'named in the certificate',
            from: ['certificates'],
          }),
          supporting(broken ? true : undefined, 'The reads of this collection failed for the same reason', {
            about: member.id,
            from: ['reachability'],
          }),
        ],
      });
    }
    if (claims.length > 0) return claims;
    return [
      {
        message: 'clients',
        severity: 'warning',
        subjects: [...seen.loggers.keys()],
        evidence: [necessary(enough && !seen.peer, 'Members log refusals of clients over names', logged)],
      },
      {
        message: 'past',
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(
            seen.inWindow === 0 && seen.peer && seen.before >= ctx.limit('tls-lines'),
            'Members logged such refusals before the window only',
            {
              observed: `${seen.before} lines before, ${seen.inWindow} in the window`,
              threshold: 'tls-lines',
              sources: seen.sources,
            },
          ),
        ],
      },
    ];
  },
});
