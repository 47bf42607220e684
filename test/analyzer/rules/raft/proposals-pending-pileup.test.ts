import rule from '../../../../analyzer/rules/raft/proposals-pending-pileup.js';
import { proposals } from '../../../support/consensus-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

ruleTest(rule, {
  pass: [
    { name: 'none', member: { m1: { proposals: proposals({}) } } },
    {
      name: 'many clients, fast commits',
      member: { m1: { proposals: proposals({ pending: [300, 280, 310, 290], committed: 36_000 }) } },
    },
    { name: 'a burst', member: { m1: { proposals: proposals({ pending: [0, 5000, 0, 0], committed: 10 }) } } },
    {
      name: 'commits advance, applies do not',
      member: { m1: { proposals: proposals({ pending: [5, 5, 5, 5], gap: [900, 900, 900, 900] }) } },
    },
  ],
  fail: [
    {
      name: 'longer than a second each',
      member: { m1: { proposals: proposals({ pending: [300, 280, 310, 290], committed: 360 }) } },
      message: 'waiting',
      severity: 'warning',
      role: 'symptom',
      subjects: ['m1'],
    },
    {
      name: 'nothing commits',
      member: { m1: { proposals: proposals({ pending: [3000, 2800, 3100, 2900], committed: 0 }) } },
      message: 'waiting',
      severity: 'high',
    },
    {
      name: 'proposals fail',
      member: { m1: { proposals: proposals({ pending: [300, 280, 310, 290], committed: 36_000, failed: 12 }) } },
      message: 'waiting',
      severity: 'warning',
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
});
