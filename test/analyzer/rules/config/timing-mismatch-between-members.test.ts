import rule from '../../../../analyzer/rules/config/timing-mismatch-between-members.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { config, everyone, said, sameTimers } from '../network/links.js';

ruleTest(rule, {
  pass: [
    { name: 'equal', cluster: { config: sameTimers(100, 1000) } },
    { name: 'equal and raised', cluster: { config: sameTimers(500, 5000) } },
    {
      name: 'equal, and one member unseen',
      cluster: { config: config({ 1: [100, 1000], 3: [100, 1000] }) },
      member: everyone({ leaderChanges: counter(2) }),
    },
  ],
  fail: [
    {
      name: 'one member five times slower',
      cluster: { config: config({ 1: [100, 1000], 2: [500, 5000], 3: [100, 1000] }) },
      message: 'unstable',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'a hasty member that campaigns',
      cluster: { config: config({ 1: [100, 1500], 2: [100, 1500], 3: [100, 1000] }) },
      member: { m3: { leaderChanges: counter(3), log: log({ 'raft-new-election': said(4) }) } },
      message: 'unstable',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'slightly different',
      cluster: { config: config({ 1: [100, 1000], 2: [100, 1000], 3: [100, 1500] }) },
      message: 'differs',
      severity: 'warning',
      role: 'risk',
      subjects: ['m3'],
    },
  ],
  inconclusive: [
    { name: 'flags of one member only', cluster: { config: config({ 1: [100, 1000] }) } },
    { name: 'nothing at all' },
  ],
  notApplicable: [
    { name: 'a single member', members: [{ name: 'm1' }], cluster: { config: config({ 1: [100, 1000] }) } },
  ],
});
