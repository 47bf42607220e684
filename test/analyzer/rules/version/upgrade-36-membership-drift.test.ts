import rule from '../../../../analyzer/rules/version/upgrade-36-membership-drift.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability, versions } from '../integrity/fakes.js';

const refused = { log: log({ 'too-many-learners': { before: 2 } }), reachability: reachability(false) };

ruleTest(rule, {
  pass: [
    { name: '3.5 with the repair', cluster: { versions: versions('3.5.26', '3.5.26', '3.5.30') } },
    { name: '3.6 throughout', cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') } },
    { name: '3.4', cluster: { versions: versions('3.4.23', '3.4.23', '3.4.23') } },
    {
      name: 'look-alike: a second learner was refused by a member that serves',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') },
      member: { m1: { log: log({ 'too-many-learners': { inWindow: 1 } }), reachability: reachability(true) } },
    },
  ],
  fail: [
    {
      name: 'the start of 3.6 fails',
      cluster: { versions: versions('3.6.1', '3.5.16', '3.5.16') },
      member: { m1: refused },
      message: 'down',
      severity: 'critical',
      role: 'cause',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: '3.6 found drift',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') },
      member: { m2: { log: log({ 'zombie-detected-36': { before: 1 } }) } },
      message: 'drift',
      role: 'risk',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: '3.5.26 repaired it',
      cluster: { versions: versions('3.5.26', '3.5.26', '3.5.26') },
      member: { m2: { log: log({ 'zombie-removed': { before: 1 } }) } },
      message: 'repaired',
      role: 'notice',
      when: 'past',
    },
    {
      name: 'on the way without the repair',
      cluster: { versions: versions('3.5.16', '3.6.14', '3.6.14') },
      message: 'mixed',
      role: 'risk',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'not yet on the way',
      cluster: { versions: versions('3.5.16', '3.5.16', '3.5.16') },
      message: 'before',
      role: 'notice',
      severity: 'info',
    },
  ],
  inconclusive: [{ name: 'no version known' }],
});
