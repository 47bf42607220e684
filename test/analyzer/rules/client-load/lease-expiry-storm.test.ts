import rule from '../../../../analyzer/rules/client-load/lease-expiry-storm.js';
import type { LeaderState } from '../../../../analyzer/facts/values/member.js';
import { counter, gauge } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { leases } from '../resources/values.js';

const leads = (value: number): LeaderState => ({
  hasLeader: gauge(1, 1),
  isLeader: gauge(value, value),
  isLearner: null,
  learnerPromoteFailures: null,
});
const many = leases({ granted: counter(36 * 200), balance: 9000 });

ruleTest(rule, {
  pass: [
    { name: 'a few leases', member: { m1: { leases: leases(), leaderState: leads(1) } } },
    {
      name: 'clients revoke their own leases',
      member: {
        m1: { leases: leases({ revoked: counter(36 * 120), granted: counter(36 * 120) }), leaderState: leads(1) },
      },
    },
    { name: 'grants are named once, on the leader', member: { m1: { leases: many, leaderState: leads(0) } } },
  ],
  fail: [
    {
      name: 'a hundred a second run out',
      member: {
        m1: {
          leases: leases({ expired: counter(36 * 105), revoked: counter(36 * 105) }),
          leaderState: leads(1),
          heartbeatFailures: counter(6),
        },
      },
      message: 'expiring',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'many are granted',
      member: { m1: { leases: many, leaderState: leads(1), heartbeatFailures: counter(0) } },
      message: 'granting',
      severity: 'warning',
      role: 'risk',
    },
    {
      name: 'many are granted, and the leader is late',
      member: { m1: { leases: many, leaderState: leads(1), heartbeatFailures: counter(9) } },
      message: 'granting',
      severity: 'warning',
      role: 'cause',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'one scrape', member: { m1: { leases: leases({ granted: counter(null), expired: counter(null) }) } } },
  ],
});
