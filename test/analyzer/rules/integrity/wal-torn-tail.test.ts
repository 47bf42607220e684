import rule from '../../../../analyzer/rules/integrity/wal-torn-tail.js';
import { log } from '../../../support/fake-facts.js';
import { bad, ownCopy } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability } from './fakes.js';

ruleTest(rule, {
  pass: [
    {
      name: 'no log, and its WAL is whole',
      members: [{ name: 'm1' }],
      member: { m1: { reachability: reachability(false), dataCopy: ownCopy() } },
    },
    {
      name: 'the end of the WAL of a member that runs is being written',
      members: [{ name: 'm1' }],
      member: { m1: { log: log(), reachability: reachability(true), dataCopy: ownCopy({ inUse: true }) } },
    },
    { name: 'nothing logged', member: { m1: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: a wrong checksum',
      member: { m1: { log: log({ 'walpb-crc': { before: 1 } }), reachability: reachability(false) } },
    },
  ],
  fail: [
    {
      name: 'no log: a partly written record at the end of its WAL',
      members: [{ name: 'm1' }],
      member: { m1: { reachability: reachability(false), dataCopy: ownCopy({ wal: bad('repairable') }) } },
      message: 'torn',
      severity: 'info',
      role: 'notice',
      subjects: ['m1'],
    },
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
