import { type Claim, contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { inUse, membersOf } from '../evidence/certificates.js';
import { tlsComplaints } from '../evidence/tls-lines.js';

const VERIFIER = ['x509-unknown-authority', 'x509-keyusage', 'tls-no-client-cert', 'tls-client-auth-failed'] as const;
const REFUSED = ['tls-remote-bad-cert'] as const;
/** Better reasons for the same refusal. */
const OTHER = ['x509-expired', 'x509-san', 'x509-noipsan', 'x509-cn-legacy', 'tls-dns-mismatch'] as const;
/** OpenSSL verify codes that speak of the issuer or the purpose, not of dates or names. */
const ISSUER = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_(UNTRUSTED|SIGNATURE|REJECTED|CHAIN)|INVALID_(CA|PURPOSE)/;

export default defineRule({
  id: 'tls-untrusted-ca-or-client-cert',
  title: 'Wrong CA, missing client certificate or key usage',
  category: 'security',
  role: 'cause',
  scope: 'cluster',
  why: 'One side does not accept who the other side is: the member or client stays outside although the network is fine.',
  needs: [],
  wants: ['certificates', 'log', 'reachability'],
  explains: [
    'member-partitioned',
    'vm-pause-or-steal',
    'dead-member-in-list',
    'learner-stuck',
    'peer-port-blocked-asymmetric',
    'slow-follower-lag',
    'leader-flapping',
    'quorum-lost',
  ],
  messages: {
    refuser:
      '{subject} refuses the client certificate that the other members accept: it trusts another authority for clients.',
    loner:
      '{subject} accepts the certificate of none of its peers, who accept each other: it trusts another authority.',
    peers: 'Members do not accept the certificate of {subject}: {why}.',
    refused: 'The peers of {subject} refuse its certificate; their logs, which say why, were not read.',
    odd: 'The certificate on the client port of {subject} is not signed by the authority that signed the others.',
    vantage:
      'The CA or client certificate given to this collection is not accepted by, or does not fit, any member: this says nothing of the cluster.',
    clients: 'Many clients of {subject} are refused for missing or untrusted certificates.',
    past: 'Members refused each other’s certificates before the window; in the window they do not.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Verify the chain of the refused side with the CA file of the refusing side',
      tag: 'read-only',
      command: 'openssl verify -CAfile <trusted-ca-file of A> <cert-file of B>',
    },
    {
      text: 'Read the extended key usage: peer certificates need both server and client authentication',
      tag: 'read-only',
      command: 'openssl x509 -noout -ext extendedKeyUsage -in <file>',
    },
    { text: 'Give the member a certificate of the authority the others trust', tag: 'brief-interruption' },
    {
      text: 'When an authority is being replaced: old and new authority into every trusted-ca-file first, members restarted one at a time, only then new leafs',
      tag: 'restarts',
    },
  ],
  doNot: ['switch certificate checks off', 'replace the authority on one member only'],
  owner: 'operator',
  alternatives: [
    { rule: 'cert-expired', why: 'The dates would be over.' },
    { rule: 'tls-san-mismatch', why: 'Issuer and dates would be fine, and a name missing.' },
    { rule: 'tls-scheme-mismatch', why: 'There would be no TLS on one side at all.' },
  ],
  wouldDisprove: ['openssl verify of each certificate with the CA file of every other side'],
  nextEvidence: [
    {
      what: 'the log of the side that refuses: it holds the x509 text',
      command: 'journalctl -u etcd | grep -E "x509|tls:"',
    },
    {
      what: 'issuer and usage of each certificate',
      command: 'openssl x509 -noout -issuer -ext extendedKeyUsage -in <file>',
    },
  ],
  thresholds: ['tls-lines', 'tls-client-lines'],
  evaluate: (ctx) => {
    const { certificates } = ctx.want;
    const logs = ctx.each('log');
    const reach = ctx.each('reachability');
    if (certificates === undefined && logs.size === 0 && reach.size === 0)
      return inconclusive('neither certificates nor logs nor reads of a member are there');
    const seen = tlsComplaints(logs, VERIFIER, ctx.members);
    const enough = seen.inWindow >= ctx.limit('tls-lines');
    const logged = {
      observed: `${seen.inWindow} lines in the window`,
      threshold: 'tls-lines',
      sources: seen.sources,
    } as const;
    const refused = tlsComplaints(logs, REFUSED, ctx.members, 'logger');
    const other = tlsComplaints(logs, OTHER, ctx.members);
    const dated = new Set(
      (certificates === undefined ? [] : inUse(certificates))
        .filter((each) => (each.daysLeft ?? 1) <= 0 || (each.daysSinceStart ?? 1) < 0)
        .flatMap(membersOf),
    );
    const claims: Claim[] = [];
    // A member that may serve but not call (usage without client authentication) is named only by its own log.
    const accused = seen.accused.length > 0 ? seen.accused : refused.accused;
    const [loner] = seen.loggers.keys();
    // One against all: what it trusts is odd, not what all the others show.
    const alone =
      loner !== undefined &&
      seen.loggers.size === 1 &&
      logs.size > 1 &&
      seen.accused.filter((id) => id !== loner).length > 1;
    if (enough && seen.peer && alone) {
      claims.push({
        message: 'loner',
        severity: 'high',
        subjects: [loner],
        evidence: [
          necessary(true, 'It logs that it does not accept the certificates of its peers', logged),
          necessary(true, 'It refuses more than one peer, and no other log complains', {
            observed: seen.accused.map(ctx.nameOf).join(', '),
            from: ['log'],
          }),
        ],
      });
    } else if (enough && seen.peer) {
      const has = (id: (typeof VERIFIER)[number]): boolean =>
        [...logs.values()].some((log) => (log.count(id)?.inWindow ?? 0) > 0);
      claims.push({
        message: 'peers',
        data: {
          why: has('x509-unknown-authority')
            ? 'its issuer is unknown to them'
            : has('x509-keyusage')
              ? 'its key usage does not allow it'
              : 'it is missing or does not verify',
        },
        severity: 'high',
        subjects: accused.length > 0 ? accused : [...seen.loggers.keys()],
        evidence: [
          necessary(true, 'Members log that they do not accept the certificate of a peer', logged),
          necessary(accused.length > 0 ? true : undefined, 'The lines name the member whose certificate it is', {
            observed: accused.map(ctx.nameOf).join(', ') || 'not named',
          }),
          supporting(
            refused.accused.some((id) => accused.includes(id)) ? true : undefined,
            'That member logs that it is refused',
            { observed: `${refused.inWindow} lines`, sources: refused.sources },
          ),
        ],
      });
    } else if (refused.peer && refused.inWindow >= ctx.limit('tls-lines') && other.inWindow === 0) {
      const subjects = refused.accused.filter((id) => !dated.has(id));
      if (subjects.length > 0)
        claims.push({
          message: 'refused',
          severity: 'high',
          basis: 'inferred',
          subjects,
          evidence: [
            necessary(true, 'The member logs that its peers refuse its certificate', {
              observed: `${refused.inWindow} lines in the window`,
              threshold: 'tls-lines',
              sources: refused.sources,
            }),
            contradicting(dated.size > 0 ? true : undefined, 'Certificates of other members are out of date', {
              from: ['certificates'],
            }),
          ],
        });
    }
    const shakes = (certificates?.handshakes ?? []).filter(
      (shake) => shake.role === 'client' && shake.authorized !== null,
    );
    const untrusted = shakes.filter(
      (shake) => shake.authorized === false && ISSUER.test(shake.authorizationError ?? ''),
    );
    const oddMembers = [...new Set(untrusted.flatMap((shake) => shake.member ?? []))];
    if (untrusted.length > 0 && shakes.some((shake) => shake.authorized === true) && oddMembers.length > 0) {
      claims.push({
        message: 'odd',
        severity: 'high',
        subjects: oddMembers,
        evidence: [
          necessary(true, 'The chain on this port does not verify with the CA that verifies the others', {
            observed: untrusted.map((shake) => `${shake.endpoint} ${shake.authorizationError ?? ''}`).join(', '),
            limit: 'verified',
            from: ['certificates'],
          }),
        ],
      });
    }
    const rounds = [...reach].filter(([, each]) => each.kind !== 'not-asked');
    const refusers = rounds.filter(
      ([, each]) => (each.reasons['tls-client-certificate'] ?? 0) > 0 && each.grpc.answered === 0,
    );
    const accepting = rounds.filter(([, each]) => each.grpc.answered > 0);
    if (refusers.length > 0 && accepting.length > 0)
      claims.push({
        message: 'refuser',
        severity: 'high',
        subjects: refusers.map(([id]) => id),
        evidence: [
          necessary(true, 'It refuses the client certificate of the collector, in every round', {
            observed: refusers.map(([, each]) => `${each.reasons['tls-client-certificate'] ?? 0} reads`).join(', '),
            from: ['reachability'],
          }),
          necessary(true, 'Other members accept the same certificate', {
            observed: accepting.map(([id]) => ctx.nameOf(id)).join(', '),
            from: ['reachability'],
          }),
          supporting(
            seen.inWindow === 0 ? undefined : refusers.some(([id]) => seen.loggers.has(id)),
            'Its own log says that it does not know the issuer of its clients',
            logged,
          ),
        ],
      });
    if (claims.length > 0) return claims;
    const asked = [...reach.values()].filter((each) => each.kind !== 'not-asked');
    const ours = asked.filter(
      (each) =>
        ((each.reasons['tls-untrusted'] ?? 0) > 0 || (each.reasons['tls-client-certificate'] ?? 0) > 0) &&
        each.grpc.answered === 0,
    );
    return [
      {
        message: 'vantage',
        role: 'notice',
        severity: 'warning',
        evidence: [
          necessary(
            asked.length > 0 && ours.length === asked.length,
            'No member could be read, by certificates alone',
            {
              observed: [...new Set(ours.flatMap((each) => Object.keys(each.reasons)))].join(', ') || 'read',
            },
          ),
          supporting(
            shakes.length === 0 ? undefined : untrusted.length === shakes.length,
            'No presented chain verifies with the CA given',
            { from: ['certificates'] },
          ),
        ],
      },
      {
        message: 'clients',
        role: 'notice',
        severity: 'warning',
        subjects: [...seen.loggers.keys()],
        evidence: [
          necessary(!seen.peer && seen.inWindow >= ctx.limit('tls-client-lines'), 'Refusals of clients in the window', {
            observed: `${seen.inWindow} lines`,
            threshold: 'tls-client-lines',
            sources: seen.sources,
          }),
        ],
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
