import rule from '../../../../analyzer/rules/raft/stalled-leader-lease-revocation.js';
import type { Leases } from '../../../../analyzer/facts/values/member.js';
import { leaderView, logAt } from '../../../support/consensus-facts.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const leases = (expired: number): Leases => ({
  granted: counter(5),
  revoked: counter(0),
  renewed: counter(9),
  expired: counter(expired),
  balance: 5,
});
const deposed = { leaderView: leaderView([1, 1, 2, 2]) };
const stalled = logAt({ 'wal-slow-fdatasync': { at: [4] } });

ruleTest(rule, {
  pass: [
    { name: 'nothing runs out', cluster: deposed, member: { m1: { leases: leases(0), log: stalled } } },
    {
      name: 'clients let many leases run out, the leader stays',
      cluster: { leaderView: leaderView([1, 1]) },
      member: { m1: { leases: leases(500), log: stalled } },
    },
    {
      name: 'leases run out at a planned change of the leader',
      cluster: deposed,
      member: { m1: { leases: leases(50), log: log() } },
    },
    { name: 'another member was deposed', cluster: deposed, member: { m3: { leases: leases(50), log: stalled } } },
  ],
  fail: [
    {
      name: 'stalled, deposed, leases gone',
      cluster: deposed,
      member: { m1: { leases: leases(50), log: stalled } },
      message: 'revoked',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'the guard of the version worked',
      cluster: deposed,
      member: {
        m1: {
          leases: leases(0),
          log: logAt({ 'lease-revoke-ignored': { at: [-100] }, 'wal-slow-fdatasync': { at: [-102] } }),
        },
      },
      message: 'guarded',
      severity: 'info',
      role: 'notice',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
});
