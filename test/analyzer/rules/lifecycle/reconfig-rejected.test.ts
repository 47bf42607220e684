import rule from '../../../../analyzer/rules/lifecycle/reconfig-rejected.js';
import { logAt, quorum } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

ruleTest(rule, {
  pass: [{ name: 'no attempt', member: { m1: { log: log() }, m2: { log: log() } } }],
  fail: [
    {
      name: 'refused in the window while a member is down',
      cluster: { quorum: quorum(3, [3]) },
      member: { m1: { log: logAt({ 'reject-add-unhealthy': { at: [5, 9] } }) } },
      message: 'now',
      severity: 'warning',
      role: 'symptom',
      subjects: ['m1'],
    },
    {
      name: 'refused earlier',
      member: { m2: { log: logAt({ 'reject-remove-active': { at: [-500] } }) } },
      message: 'past',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no log' }],
});
