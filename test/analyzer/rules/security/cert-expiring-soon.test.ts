import rule from '../../../../analyzer/rules/security/cert-expiring-soon.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { certificate, certificates, membership } from '../integrity/fakes.js';

const only = (daysLeft: number, lifetime?: number, members: readonly number[] = [2]) => ({
  certificates: certificates([certificate({ daysLeft, members, ...(lifetime === undefined ? {} : { lifetime }) })]),
});

ruleTest(rule, {
  pass: [
    { name: 'months left', cluster: only(90) },
    { name: 'a fresh certificate of a month', cluster: only(29.9, 33) },
    { name: 'a fresh certificate of a day, renewed by automation', cluster: only(0.9, 1) },
    { name: 'half of a day left of one', cluster: only(0.4, 1) },
    { name: 'look-alike: expired', cluster: only(-1) },
    {
      name: 'an old authority next to its successor',
      cluster: {
        certificates: certificates([
          certificate({ daysLeft: 90 }),
          certificate({ daysLeft: 3, subject: 'CN=ca', caFile: true }),
          certificate({ daysLeft: 900, lifetime: 2000, subject: 'CN=ca', caFile: true }),
        ]),
      },
    },
  ],
  fail: [
    {
      name: 'three weeks of a year',
      cluster: only(20),
      message: 'soon',
      severity: 'warning',
      role: 'risk',
      subjects: ['m2'],
    },
    { name: 'two days of five', cluster: only(2, 5), message: 'soon', severity: 'high', role: 'cause' },
    { name: 'two days, made for two days', cluster: only(2, 2.1), message: 'soon', severity: 'high', role: 'risk' },
    {
      name: 'hours of a year',
      cluster: only(0.5, 365, [1, 2, 3]),
      message: 'soon',
      severity: 'critical',
      role: 'cause',
      subjects: ['m1', 'm2', 'm3'],
    },
    { name: 'automation failed to renew', cluster: only(0.1, 1), message: 'soon', severity: 'warning', role: 'risk' },
    {
      name: 'the authority',
      cluster: {
        certificates: certificates([
          certificate({ daysLeft: 90 }),
          certificate({ daysLeft: 5, lifetime: 3650, subject: 'CN=ca', caFile: true }),
        ]),
      },
      message: 'soon',
      severity: 'high',
    },
  ],
  inconclusive: [
    { name: 'no certificate read', cluster: { membership: membership({ clientScheme: 'https' }) } },
    { name: 'nothing read' },
  ],
  notApplicable: [{ name: 'plain text', cluster: { membership: membership() } }],
});
