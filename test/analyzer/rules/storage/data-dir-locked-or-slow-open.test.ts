import rule from '../../../../analyzer/rules/storage/data-dir-locked-or-slow-open.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachable } from './facts.js';

ruleTest(rule, {
  pass: [
    {
      name: 'an ordinary start',
      member: { m1: { log: log({ 'opened-backend': { before: 1 } }), reachability: reachable(true) } },
    },
    {
      name: 'dead for another reason',
      member: { m1: { log: log({ 'wal-unreadable': { before: 1 } }), reachability: reachable(false) } },
    },
  ],
  fail: [
    {
      name: 'waits',
      member: { m1: { log: log({ 'db-flocked-or-slow': { before: 3 } }), reachability: reachable(false) } },
      message: 'waiting',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'waited and serves',
      member: { m1: { log: log({ 'db-flocked-or-slow': { before: 1 } }), reachability: reachable(true) } },
      message: 'past',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no log', member: { m1: { reachability: reachable(false) } } }],
});
