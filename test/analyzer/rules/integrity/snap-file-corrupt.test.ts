import rule from '../../../../analyzer/rules/integrity/snap-file-corrupt.js';
import { log } from '../../../support/fake-facts.js';
import { bad, ownCopy } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability } from './fakes.js';

const SAID = { 'snap-corrupt': { before: 1 }, 'snap-renamed-broken': { before: 1 } };

ruleTest(rule, {
  pass: [
    {
      name: 'down without a log, and all snapshots are whole',
      member: { m1: { reachability: reachability(false), dataCopy: ownCopy() } },
    },
    { name: 'healthy', member: { m1: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: the database is missing',
      member: { m1: { log: log({ 'snap-db-missing': { before: 1 } }), reachability: reachability(false) } },
    },
  ],
  fail: [
    {
      name: 'no log: a damaged file, and the log does not reach back to what is older',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reachability(false),
          dataCopy: ownCopy({
            snap: bad('damaged'),
            fit: { ...ownCopy().copy.fit, logStartsLate: { first: 60n, base: 0n } },
          }),
        },
      },
      message: 'seen',
      severity: 'critical',
      subjects: ['m1'],
    },
    {
      name: 'no log: a damaged file that etcd can do without',
      members: [{ name: 'm1' }],
      member: { m1: { reachability: reachability(false), dataCopy: ownCopy({ snap: bad('damaged') }) } },
      message: 'spare',
      role: 'risk',
      severity: 'warning',
    },
    {
      name: 'the member is down',
      member: { m2: { log: log(SAID), reachability: reachability(false) } },
      message: 'down',
      severity: 'high',
      confidence: 'medium',
      subjects: ['m2'],
    },
    {
      name: 'it fell back to an older file',
      member: { m2: { log: log(SAID), reachability: reachability(true) } },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
    {
      name: 'it fell back in the window',
      member: { m2: { log: log({ 'snap-corrupt': { inWindow: 1 } }), reachability: reachability(true) } },
      message: 'past',
    },
  ],
  inconclusive: [
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
