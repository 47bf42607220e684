import rule from '../../../../analyzer/rules/lifecycle/member-already-bootstrapped.js';
import { logAt, quorum, reachability } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const refusedStart = logAt({ 'already-bootstrapped': { at: [-60, -30] } });

ruleTest(rule, {
  pass: [
    { name: 'a normal start', member: { m1: { log: log(), reachability: reachability('answering') } } },
    {
      name: 'a member that is down for another reason',
      member: { m1: { log: logAt({ 'discovery-failed': { at: [-30] } }), reachability: reachability('refused') } },
    },
  ],
  fail: [
    {
      name: 'refused, with reserve',
      cluster: { quorum: quorum(5, [3]) },
      member: { m3: { log: refusedStart, reachability: reachability('refused') } },
      message: 'refused',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'refused, and no reserve left',
      cluster: { quorum: quorum(3, [3]) },
      member: { m3: { log: refusedStart, reachability: reachability('refused') } },
      message: 'refused',
      severity: 'critical',
    },
    {
      name: 'got over it',
      member: { m3: { log: refusedStart, reachability: reachability('answering') } },
      message: 'over',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no log', member: { m3: { reachability: reachability('refused') } } }],
});
