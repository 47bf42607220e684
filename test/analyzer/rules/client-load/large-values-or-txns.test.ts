import rule from '../../../../analyzer/rules/client-load/large-values-or-txns.js';
import { latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { proposals, puts, slowOps } from '../resources/values.js';

const MIB = 1024 * 1024;

ruleTest(rule, {
  pass: [
    {
      name: 'small values at a high rate',
      member: { m1: { puts: puts(36_000, 300), slowOperations: slowOps(2000), proposals: proposals(36_000) } },
    },
    { name: 'no writes', member: { m1: { puts: puts(0, null) } } },
    { name: 'one large value', member: { m1: { puts: puts(1, MIB) } } },
  ],
  fail: [
    {
      name: 'a megabyte per put',
      member: { m1: { puts: puts(800, MIB), slowOperations: slowOps(60), proposals: proposals(800) } },
      message: 'heavy',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'large values, but few',
      member: {
        m1: {
          puts: puts(40, 200 * 1024),
          slowOperations: slowOps(0),
          proposals: proposals(40),
          walFsync: latency({ 2: 100 }),
        },
      },
      message: 'large',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    {
      name: 'one scrape',
      member: {
        m1: {
          puts: puts(1, null, {
            puts: { delta: null, perSecond: null, sinceStart: 5, perSecondSinceStart: 1, reset: false },
          }),
        },
      },
    },
  ],
});
