import rule from '../../../../analyzer/rules/client-load/slow-or-too-many-watchers.js';
import { counter, gauge } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { watchers } from '../resources/values.js';

ruleTest(rule, {
  pass: [
    { name: 'in step', member: { m1: { watchers: watchers() } } },
    {
      name: 'behind for a moment',
      member: { m1: { watchers: watchers({ slow: gauge(0, 40, 0), pendingEvents: gauge(0, 3000, 0) }) } },
    },
    { name: 'one straggler without events', member: { m1: { watchers: watchers({ slow: gauge(1, 1, 1) }) } } },
  ],
  fail: [
    {
      name: 'behind in every round, events pile up',
      member: {
        m1: {
          watchers: watchers({ slow: gauge(20, 25, 30), pendingEvents: gauge(2000, 8000, 20_000) }),
          heartbeatFailures: counter(0),
        },
      },
      message: 'slow',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'many, all served',
      member: { m1: { watchers: watchers({ watchers: gauge(5000, 5000) }) } },
      message: 'many',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'very many, and late',
      member: { m1: { watchers: watchers({ watchers: gauge(40_000, 40_000) }), heartbeatFailures: counter(7) } },
      message: 'many',
      severity: 'warning',
      role: 'cause',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'not exported', member: { m1: { watchers: watchers({ watchers: null, slow: null }) } } },
  ],
});
