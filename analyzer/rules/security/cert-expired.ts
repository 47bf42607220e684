import {
  type Claim,
  contradicting,
  defineRule,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { dateOf, inUse, isPlainText, membersOf, purposeOf } from '../evidence/certificates.js';
import { tlsComplaints } from '../evidence/tls-lines.js';

const GROUPS = ['x509-expired'] as const;

export default defineRule({
  id: 'cert-expired',
  title: 'A certificate has expired or is not yet valid',
  category: 'security',
  role: 'cause',
  scope: 'cluster',
  why: 'Connections that are up live on, and every new one fails: members drop out one by one, at the latest with their next restart.',
  needs: [],
  wants: ['certificates', 'log', 'clockOffsets', 'membership', 'reachability', 'timeSync'],
  explains: [
    'member-partitioned',
    'vm-pause-or-steal',
    'quorum-lost',
    'dead-member-in-list',
    'peer-port-blocked-asymmetric',
    'slow-follower-lag',
    'leader-flapping',
    'tls-untrusted-ca-or-client-cert',
  ],
  messages: {
    expired: 'The {purpose} certificate of {subject} expired at {date} UTC.',
    notYet: 'The {purpose} certificate of {subject} is not valid before {date} UTC.',
    peers: 'Members refuse the certificate of {subject} since its time is over or has not come.',
    clients: 'Clients of {subject} come with certificates whose time is over.',
    past: 'Members refused each other over the time of a certificate before the window; in the window they do not.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'Read the dates of every certificate in use',
      tag: 'read-only',
      command: 'openssl x509 -noout -subject -issuer -dates -ext subjectAltName -in <file>',
    },
    { text: 'Check the clocks of the members', tag: 'read-only', command: 'chronyc tracking; date -u' },
    {
      text: 'Renew certificate and key of the member in place: etcd reads both again at new handshakes, no restart is needed',
      tag: 'brief-interruption',
    },
    {
      text: 'When the authority itself expired: distribute old and new authority to all members, then restart one at a time with a health check in between',
      tag: 'restarts',
    },
    { text: 'Renew the certificates of clients (API server, backup, monitoring) too', tag: 'brief-interruption' },
  ],
  doNot: [
    'switch client certificate checks off',
    'set the clock back',
    'restart members that are still connected: they would not come back',
    'remove the member',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'clock-skew', why: 'The dates of the certificate would be fine and the clock of a node wrong.' },
    { rule: 'tls-untrusted-ca-or-client-cert', why: 'The dates would be fine, and the issuer unknown.' },
    { rule: 'tls-san-mismatch', why: 'The dates would be fine, and a name missing.' },
  ],
  wouldDisprove: ['certificates in force whose dates enclose the present, by the clock of every member'],
  nextEvidence: [
    {
      what: 'the certificate a port presents',
      command: 'openssl s_client -connect <host:port> </dev/null | openssl x509 -noout -dates',
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
    const spread = ctx.want.clockOffsets?.provenSpreadMs ?? undefined;
    const clock = contradicting(
      spread === undefined ? undefined : spread > 3_600_000,
      'The clocks of members are more than an hour apart',
      { from: ['clockOffsets'] },
    );
    const loose = [...ctx.each('timeSync').values()].filter(({ synchronised }) => synchronised === false).length;
    const unsure =
      loose === 0
        ? []
        : [
            contradicting(true, 'The clocks of hosts are not kept in step', {
              observed: `${loose} hosts`,
              answer: 'compare the time with another clock before a certificate is renewed',
            }),
          ];
    const claims: Claim[] = [];
    for (const certificate of certificates === undefined ? [] : inUse(certificates)) {
      const over = certificate.daysLeft !== null && certificate.daysLeft <= 0;
      const early = certificate.daysSinceStart !== null && certificate.daysSinceStart < 0;
      if (!over && !early) continue;
      const members = membersOf(certificate);
      claims.push({
        message: over ? 'expired' : 'notYet',
        data: { purpose: purposeOf(certificate), date: dateOf(over ? certificate.notAfter : certificate.notBefore) },
        severity: 'critical',
        ...(members.length === 0 ? {} : { subjects: members }),
        evidence: [
          necessary(true, 'Validity against the time of the collection', {
            observed: `${dateOf(certificate.notBefore)} to ${dateOf(certificate.notAfter)} UTC, ${certificate.subject}`,
            limit: 'encloses the time of the collection',
            from: ['certificates'],
          }),
          supporting(
            logs.size === 0 ? undefined : enough ? true : undefined,
            'Members log that they refuse a certificate for its time',
            logged,
          ),
          clock,
          ...unsure,
        ],
      });
    }
    const covered = new Set(claims.flatMap((claim) => claim.subjects ?? []));
    const left = seen.accused.filter((id) => !covered.has(id));
    if (enough && seen.peer && (left.length > 0 || claims.length === 0)) {
      const subjects = left.length > 0 ? left : [...seen.loggers.keys()];
      claims.push({
        message: 'peers',
        severity: 'critical',
        subjects,
        evidence: [
          necessary(true, 'Members log that they refuse a peer for the time of its certificate', logged),
          necessary(seen.accused.length > 0 ? true : undefined, 'The lines name the member whose certificate it is', {
            observed: seen.accused.map(ctx.nameOf).join(', ') || 'not named',
          }),
          clock,
          ...unsure,
        ],
      });
    } else if (enough && !seen.peer && claims.length === 0) {
      claims.push({
        message: 'clients',
        severity: 'warning',
        // When our own certificate is refused, the lines are those of this collection.
        role: [...ctx.each('reachability').values()].some((each) => (each.reasons['tls-client-certificate'] ?? 0) > 0)
          ? 'notice'
          : 'cause',
        urgent: false,
        subjects: [...seen.loggers.keys()],
        evidence: [necessary(true, 'Members log that they refuse client certificates for their time', logged), clock],
      });
    }
    if (claims.length > 0) return claims;
    return [
      {
        message: 'past',
        severity: 'warning',
        when: 'past',
        urgent: false,
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
