import rule from '../../../../analyzer/rules/raft/apply-backlog.js';
import { logAt, proposals } from '../../../support/consensus-facts.js';
import { counter } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const slow = { apply: counter(40), readIndexSlow: null, readIndexFailed: null };

ruleTest(rule, {
  pass: [
    { name: 'applied at once', member: { m1: { proposals: proposals({ gap: [0, 1, 0, 0] }) } } },
    {
      name: 'a busy member with small gaps',
      member: { m1: { proposals: proposals({ gap: [40, 150, 20, 90] }), slowOperations: slow } },
    },
    { name: 'pending proposals alone', member: { m1: { proposals: proposals({ pending: [900, 900, 900, 900] }) } } },
    { name: 'one peak below the limit of refusal', member: { m1: { proposals: proposals({ gap: [0, 3000, 0, 0] }) } } },
  ],
  fail: [
    {
      name: 'steady and slow',
      member: { m1: { proposals: proposals({ gap: [200, 300, 260, 280] }), slowOperations: slow } },
      message: 'steady',
      severity: 'warning',
      role: 'symptom',
      subjects: ['m1'],
    },
    {
      name: 'steady without harm',
      member: { m1: { proposals: proposals({ gap: [200, 300, 260, 280] }) } },
      message: 'steady',
      severity: 'info',
    },
    {
      name: 'large',
      member: { m1: { proposals: proposals({ gap: [1200, 2000, 1500, 1800] }) } },
      message: 'steady',
      severity: 'high',
    },
    {
      name: 'a defragmentation made it refuse requests',
      member: {
        m1: {
          proposals: proposals({ gap: [0, 5600, 6000, 0] }),
          log: logAt({ 'err-too-many-requests': { at: [12, 14] } }),
        },
      },
      message: 'peak',
      severity: 'high',
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
});
