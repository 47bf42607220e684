import rule from '../../../../analyzer/rules/integrity/raft-log-lost.js';
import { log } from '../../../support/fake-facts.js';
import { ownCopy } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { membership, reachability, stats } from './fakes.js';

const panic = (last: string) => ({
  'raft-tocommit-panic': {
    before: 1,
    stats: [stats('raft-tocommit-panic', ['tocommit(812) is out of range'], { commit: '812', last })],
  },
});

ruleTest(rule, {
  pass: [
    {
      name: 'its files hold what it had counted as committed',
      member: { m2: { log: log(), reachability: reachability(false), dataCopy: ownCopy() } },
    },
    {
      name: 'look-alike: an empty data dir of a member that never started',
      member: { m2: { log: log(), reachability: reachability(false), dataCopy: ownCopy({ state: 'missing' }) } },
    },
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
      name: 'no log: its files lack what they call committed',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reachability(false),
          dataCopy: ownCopy({ fit: { ...ownCopy().copy.fit, logLost: { commit: 100n, last: 80n } } }),
        },
      },
      message: 'seen',
      severity: 'critical',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'no log: an older data dir was put back',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reachability(false),
          dataCopy: ownCopy({}, { standing: 'superseded', standingText: 'it answered with commit index 200 before' }),
        },
      },
      message: 'seen',
    },
    {
      name: 'the data dir of a member of the cluster is empty',
      cluster: { membership: membership() },
      member: { m2: { log: log(), reachability: reachability(false), dataCopy: ownCopy({ state: 'missing' }) } },
      message: 'seen',
      subjects: ['m2'],
    },
    {
      name: 'it runs, and its database is ahead of its log',
      member: {
        m2: {
          log: log(),
          reachability: reachability(true),
          dataCopy: ownCopy({ fit: { ...ownCopy().copy.fit, databaseAhead: { applied: 100n, last: 80n } } }),
        },
      },
      message: 'sleeping',
      role: 'risk',
    },
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
