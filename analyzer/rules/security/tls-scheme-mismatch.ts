import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { tlsComplaints } from '../evidence/tls-lines.js';

const GROUPS = ['tls-first-record', 'http-to-https', 'tls-version-cipher'] as const;

/** What node says when the other side does not answer a TLS greeting with TLS. */
const CLOSED = /ECONNRESET|EPROTO|wrong version number|before secure TLS connection/;

const schemesOf = (urls: readonly string[]): readonly string[] => [
  ...new Set(urls.map((url) => url.split(':')[0] ?? '')),
];

export default defineRule({
  id: 'tls-scheme-mismatch',
  title: 'http and https, or TLS versions, do not fit',
  category: 'security',
  role: 'cause',
  scope: 'cluster',
  why: 'One side speaks TLS and the other does not, or not in a version both know: no connection between them ever comes up.',
  needs: [],
  wants: ['log', 'membership', 'reachability', 'certificates', 'config'],
  explains: [
    'member-partitioned',
    'dead-member-in-list',
    'learner-stuck',
    'peer-port-blocked-asymmetric',
    'quorum-lost',
  ],
  messages: {
    listens: '{subject} speaks {own} at its peer port, and the member list tells its peers to speak {listed}.',
    port: 'The client port of {subject} does not speak the protocol of the other members: clients of one kind are shut out there.',
    peers:
      'Members cannot talk to {subject}: one side speaks TLS and the other does not, or they share no version or cipher.',
    urls: 'Peer URLs mix http and https: {schemes}.',
    ignored: '{subject} has certificate files and an http URL: the files are ignored, its traffic is plain text.',
    vantage: 'The scheme given to this collection fits no member: this says nothing of the cluster.',
    clients: 'Many clients speak plain text to a TLS port of {subject}, or a TLS version it refuses.',
    past: 'Members failed to talk over a scheme or TLS version before the window; in the window they do not.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the URLs in the member list with listeners and flags',
      tag: 'read-only',
      command: 'etcdctl member list -w table; ss -ltnp | grep etcd',
    },
    {
      text: 'Correct the URL of the odd member',
      tag: 'brief-interruption',
      command: 'etcdctl member update <id> --peer-urls=<https url>',
    },
    {
      text: 'Restart it with the matching listen and advertise URLs; move from http to https one member at a time',
      tag: 'restarts',
    },
  ],
  doNot: ['switch TLS off on the others to match', 'lower the TLS version for all for the sake of one client'],
  owner: 'operator',
  alternatives: [
    { rule: 'proxy-or-lb-interference', why: 'A balancer would end connections early or send a protocol of its own.' },
    { rule: 'tls-untrusted-ca-or-client-cert', why: 'The handshake would begin and be refused over a certificate.' },
  ],
  wouldDisprove: ['a TLS handshake with each port that the member list names https, and none with those named http'],
  nextEvidence: [{ what: 'what the port speaks', command: 'openssl s_client -connect <host:port> </dev/null' }],
  thresholds: ['tls-lines', 'tls-client-lines'],
  evaluate: (ctx) => {
    const logs = ctx.each('log');
    const reach = ctx.each('reachability');
    const { membership } = ctx.want;
    if (logs.size === 0 && reach.size === 0 && membership === undefined)
      return inconclusive('neither logs nor the member list nor reads of a member are there');
    const seen = tlsComplaints(logs, GROUPS, ctx.members);
    const logged = {
      observed: `${seen.inWindow} lines in the window`,
      threshold: 'tls-lines',
      sources: seen.sources,
    } as const;
    const schemes = schemesOf(membership?.members.flatMap((member) => member.peerURLs) ?? []);
    const mixed = membership === undefined || schemes.length === 0 ? undefined : schemes.length > 1;
    const claims: Claim[] = [];
    if (seen.peer && seen.inWindow >= ctx.limit('tls-lines')) {
      claims.push({
        message: 'peers',
        severity: 'high',
        subjects: seen.accused.length > 0 ? seen.accused : [...seen.loggers.keys()],
        evidence: [
          necessary(true, 'Members log that a peer does not speak their TLS', logged),
          necessary(seen.accused.length > 0 ? true : undefined, 'The lines name the peer', {
            observed: seen.accused.map(ctx.nameOf).join(', ') || 'not named',
          }),
          supporting(mixed, 'Peer URLs mix schemes', { observed: schemes.join(', '), from: ['membership'] }),
        ],
      });
    } else if (mixed === true) {
      claims.push({
        message: 'urls',
        data: { schemes: schemes.join(', ') },
        role: 'risk',
        severity: 'warning',
        evidence: [
          necessary(true, 'Schemes of the peer URLs', {
            observed: schemes.join(', '),
            limit: 'one',
            from: ['membership'],
          }),
        ],
      });
    }
    for (const [id, log] of logs) {
      const count = log.count('https-scheme-ignored');
      if (count !== null)
        claims.push({
          message: 'ignored',
          role: 'risk',
          severity: 'warning',
          subjects: [id],
          evidence: [
            necessary(true, 'The log says that key and certificate files are ignored', {
              observed: `${count.total} lines`,
              limit: '0',
              about: id,
              from: ['log'],
            }),
          ],
        });
    }
    for (const { id, peerURLs } of membership?.members ?? []) {
      const own = schemesOf(
        (ctx.want.config?.members[id]?.['listen-peer-urls']?.value ?? '').split(',').filter(Boolean),
      );
      const listed = schemesOf(peerURLs);
      if (own.length === 0 || listed.length === 0 || own.some((scheme) => listed.includes(scheme))) continue;
      claims.push({
        message: 'listens',
        data: { own: own.join(', '), listed: listed.join(', ') },
        severity: 'high',
        subjects: [id],
        evidence: [
          necessary(true, 'It listens for peers in another protocol than the member list says', {
            observed: `listens: ${own.join(', ')}; list: ${listed.join(', ')}`,
            from: ['config', 'membership'],
          }),
        ],
      });
    }
    const rounds = [...reach].filter(([, each]) => each.kind !== 'not-asked');
    const odd = rounds.filter(
      // Metrics may have a listener of their own.
      ([, each]) => (each.reasons['tls-protocol'] ?? 0) > 0 && each.grpc.answered === 0,
    );
    const others = rounds.filter(([, each]) => each.grpc.answered > 0);
    if (odd.length > 0 && others.length > 0)
      claims.push({
        message: 'port',
        severity: 'high',
        subjects: odd.map(([id]) => id),
        evidence: [
          necessary(
            true,
            'Its client port speaks TLS where plain text was expected, or the other way round, in every round',
            {
              observed: odd.map(([, each]) => each.failures[0]?.message?.slice(0, 160) ?? 'tls-protocol').join('; '),
              from: ['reachability'],
            },
          ),
          necessary(true, 'The other members answer in the protocol they were asked in', {
            observed: others.map(([id]) => ctx.nameOf(id)).join(', '),
            from: ['reachability'],
          }),
        ],
      });
    if (claims.length > 0) return claims;
    const asked = [...reach.values()].filter((each) => each.kind !== 'not-asked');
    // etcd without TLS closes the connection when it reads a TLS greeting; no certificate is ever presented.
    const shakes = (ctx.want.certificates?.handshakes ?? []).filter((shake) => shake.role !== 'peer');
    const silent =
      shakes.length > 0 &&
      shakes.every((shake) => !shake.ok && shake.fingerprint === null && CLOSED.test(shake.error ?? ''));
    const ours = asked.filter(
      (each) => (each.reasons['tls-protocol'] ?? 0) > 0 && each.grpc.answered === 0 && each.http.answered === 0,
    );
    return [
      {
        message: 'vantage',
        role: 'notice',
        severity: 'warning',
        basis: 'inferred',
        evidence: [
          necessary(
            asked.length > 0 &&
              (ours.length === asked.length || (silent && asked.every((each) => each.answered === false))),
            'No member could be read, by the protocol alone: ports accept connections and end them at the TLS greeting',
            {
              observed:
                [...new Set(shakes.map((shake) => shake.error ?? 'handshake done'))].join(', ') ||
                `${ours.length} of ${asked.length} members`,
            },
          ),
        ],
      },
      {
        message: 'clients',
        role: 'notice',
        severity: 'warning',
        subjects: [...seen.loggers.keys()],
        evidence: [
          necessary(
            !seen.peer && seen.inWindow >= ctx.limit('tls-client-lines'),
            'Such connections of clients in the window',
            { observed: `${seen.inWindow} lines`, threshold: 'tls-client-lines', sources: seen.sources },
          ),
        ],
      },
      {
        message: 'past',
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(
            seen.inWindow === 0 && seen.peer && seen.before >= ctx.limit('tls-lines'),
            'Members logged it before the window only',
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
