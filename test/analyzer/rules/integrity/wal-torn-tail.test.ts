import rule from '../../../../analyzer/rules/integrity/wal-torn-tail.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability } from './fakes.js';

ruleTest(rule, {
  pass: [
    { name: 'nothing logged', member: { m1: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: a wrong checksum',
      member: { m1: { log: log({ 'walpb-crc': { before: 1 } }), reachability: reachability(false) } },
    },
  ],
  fail: [
    {
      name: 'not repairable, and down',
      member: { m2: { log: log({ 'wal-repair-failed': { before: 1 } }), reachability: reachability(false) } },
      message: 'down',
      severity: 'critical',
      subjects: ['m2'],
    },
    {
      name: 'not repairable once, serves again',
      member: { m2: { log: log({ 'wal-repair-failed': { before: 1 } }), reachability: reachability(true) } },
      message: 'past',
      when: 'past',
    },
    {
      name: 'repaired: a notice, never a cause',
      member: { m2: { log: log({ 'wal-repaired': { before: 1 } }), reachability: reachability(true) } },
      message: 'repaired',
      severity: 'info',
      role: 'notice',
      when: 'past',
    },
    {
      name: 'repaired at a start in the window: a notice as well',
      member: { m2: { log: log({ 'wal-repaired': { inWindow: 1 } }), reachability: reachability(true) } },
      message: 'repaired',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(true) } } }],
});
