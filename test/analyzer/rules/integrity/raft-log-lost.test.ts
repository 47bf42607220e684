import rule from '../../../../analyzer/rules/integrity/raft-log-lost.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability, stats } from './fakes.js';

const panic = (last: string) => ({
  'raft-tocommit-panic': {
    before: 1,
    stats: [stats('raft-tocommit-panic', ['tocommit(812) is out of range'], { commit: '812', last })],
  },
});

ruleTest(rule, {
  pass: [
    { name: 'healthy', member: { m1: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: a torn tail that was repaired',
      member: { m1: { log: log({ 'wal-repaired': { before: 1 } }), reachability: reachability(true) } },
    },
    {
      name: 'look-alike: a removed member',
      member: { m1: { log: log({ 'member-permanently-removed': { before: 3 } }), reachability: reachability(false) } },
    },
  ],
  fail: [
    {
      name: 'empty log: the data dir was emptied',
      member: { m2: { log: log(panic('0')), reachability: reachability(false) } },
      message: 'down',
      severity: 'critical',
      subjects: ['m2'],
      confidence: 'high',
    },
    {
      name: 'a lost tail',
      member: { m2: { log: log(panic('800')), reachability: reachability(false) } },
      message: 'down',
      subjects: ['m2'],
    },
    {
      name: 'another range check of raft',
      member: { m2: { log: log({ 'raft-state-commit-panic': { inWindow: 1 } }), reachability: reachability(true) } },
      message: 'down',
      when: 'now',
    },
    {
      name: 'it serves again',
      member: { m2: { log: log(panic('0')), reachability: reachability(true) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
