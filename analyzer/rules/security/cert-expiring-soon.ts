import { type Claim, defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { dateOf, inUse, isPlainText, membersOf, purposeOf } from '../evidence/certificates.js';

const DAY_MS = 86_400_000;

const left = (days: number): string => (days < 2 ? `${Math.round(days * 24)} hours` : `${Math.floor(days)} days`);

export default defineRule({
  id: 'cert-expiring-soon',
  title: 'Certificates expire soon',
  category: 'security',
  role: 'risk',
  scope: 'cluster',
  why: 'Nothing warns before the hour comes, and then all members may lose each other at once, since their certificates were made together.',
  needs: [],
  wants: ['certificates', 'membership'],
  explains: [],
  messages: { soon: 'The {purpose} certificate of {subject} expires in {left}, at {date} UTC.' },
  basis: 'direct',
  remedy: [
    {
      text: 'List the dates of all certificates in use, the authority’s too',
      tag: 'read-only',
      command: 'openssl x509 -noout -subject -dates -in <file>',
    },
    {
      text: 'Renew certificate and key in place, one member at a time; etcd reads both again at new handshakes',
      tag: 'brief-interruption',
    },
    {
      text: 'Before an authority ends: distribute old and new authority together, restart one member at a time, then change the leafs',
      tag: 'restarts',
    },
  ],
  doNot: [
    'renew the certificates of all members at the same moment',
    'replace the authority before all members trust the new one',
  ],
  owner: 'operator',
  alternatives: [{ rule: 'cert-expired', why: 'The end would have passed.' }],
  wouldDisprove: ['automation that renews it in time, seen at work before'],
  nextEvidence: [
    {
      what: 'when and how the certificates were renewed last',
      command: 'ls -l --time-style=full-iso <dir of the certificates>',
    },
  ],
  thresholds: [
    'cert-warning-days',
    'cert-high-days',
    'cert-critical-days',
    'cert-lifetime-share',
    'cert-short-lived-days',
    'cert-short-lived-share',
  ],
  evaluate: (ctx) => {
    const { certificates, membership } = ctx.want;
    if (certificates === undefined)
      return isPlainText(membership) === true
        ? notApplicable('no member uses TLS')
        : inconclusive('no certificate was read');
    return inUse(certificates).flatMap((certificate): Claim[] => {
      const { daysLeft, notBefore, notAfter } = certificate;
      if (daysLeft === null || daysLeft <= 0 || daysLeft >= ctx.limit('cert-warning-days')) return [];
      const lifetime = notBefore === null || notAfter === null ? null : (notAfter - notBefore) / DAY_MS;
      const share = lifetime === null ? null : daysLeft / lifetime;
      const automated = lifetime !== null && lifetime <= ctx.limit('cert-short-lived-days');
      const fresh = share !== null && share >= ctx.limit(automated ? 'cert-short-lived-share' : 'cert-lifetime-share');
      if (fresh && (automated || daysLeft >= ctx.limit('cert-high-days'))) return [];
      const near = daysLeft < ctx.limit('cert-high-days');
      const now = daysLeft < ctx.limit('cert-critical-days') && !automated;
      const members = membersOf(certificate);
      return [
        {
          message: 'soon',
          data: { purpose: purposeOf(certificate), left: left(daysLeft), date: dateOf(notAfter) },
          severity: now ? 'critical' : near && !automated ? 'high' : 'warning',
          role: near && !automated && !fresh ? 'cause' : 'risk',
          urgent: now,
          ...(members.length === 0 ? {} : { subjects: members }),
          evidence: [
            necessary(true, 'Time left at the collection', {
              observed: `${left(daysLeft)}, ${certificate.subject}`,
              threshold: now ? 'cert-critical-days' : near ? 'cert-high-days' : 'cert-warning-days',
              from: ['certificates'],
            }),
            supporting(share === null ? undefined : !fresh, 'The larger part of its lifetime is over', {
              observed:
                share === null ? 'unknown' : `${Math.round(share * 100)} % of ${Math.round(lifetime ?? 0)} days left`,
              threshold: automated ? 'cert-short-lived-share' : 'cert-lifetime-share',
            }),
          ],
        },
      ];
    });
  },
});
