import rule from '../../../../analyzer/rules/integrity/snapshot-db-missing.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { ownCopy } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { logWithStarts, reachability } from './fakes.js';

const SAID = { 'snap-db-missing': { before: 2 } };
const others = {
  m1: { log: log(), reachability: reachability(true) },
  m3: { log: log(), reachability: reachability(true) },
};

ruleTest(rule, {
  pass: [
    {
      name: 'down without a log, and its database is not behind',
      member: { ...others, m2: { reachability: reachability(false), dataCopy: ownCopy() } },
    },
    { name: 'nothing of the kind logged', member: { ...others, m2: { log: log(), reachability: reachability(true) } } },
    {
      name: 'killed: down, and its log says nothing of it',
      member: { ...others, m2: { log: log(), reachability: reachability(false) } },
    },
    {
      name: 'look-alike: another message',
      member: {
        ...others,
        m2: { log: log({ 'bbolt-page-self-id': { before: 1 } }), reachability: reachability(false) },
      },
    },
    {
      name: 'no log was read, and all members serve',
      member: {
        m1: { reachability: reachability(true) },
        m2: { reachability: reachability(true) },
        m3: { reachability: reachability(true) },
      },
    },
  ],
  fail: [
    {
      name: 'no log: its database is behind its snapshot',
      member: {
        ...others,
        m2: {
          reachability: reachability(false),
          dataCopy: ownCopy({
            fit: { ...ownCopy().copy.fit, databaseBehind: { applied: 50n, snapshot: 90n } },
          }),
        },
      },
      message: 'seen',
      severity: 'critical',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'it answers although its files do not fit together',
      member: {
        ...others,
        m2: {
          log: log(),
          reachability: reachability(true),
          dataCopy: ownCopy({
            fit: { ...ownCopy().copy.fit, databaseBehind: { applied: 50n, snapshot: 90n } },
          }),
        },
      },
      message: 'sleeping',
      role: 'risk',
    },
    {
      name: 'the start fails and the member is down',
      member: { ...others, m2: { log: log(SAID), reachability: reachability(false) } },
      message: 'down',
      severity: 'critical',
      when: 'now',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'a loop of starts: the last one was just before the last message',
      member: {
        ...others,
        m2: { log: logWithStarts(SAID, [WINDOW.from - 301_000]), reachability: reachability(false) },
      },
      message: 'down',
      when: 'now',
      subjects: ['m2'],
    },
    {
      name: 'only a log is there: nobody was asked',
      members: [{ name: 'm1' }],
      member: { m1: { log: log(SAID) } },
      message: 'down',
      confidence: 'medium',
    },
    {
      name: 'it serves again',
      member: { ...others, m2: { log: log(SAID), reachability: reachability(true) } },
      message: 'past',
      when: 'past',
      severity: 'warning',
      subjects: ['m2'],
    },
    {
      name: 'down today, but a later start lived on: not the reason',
      member: {
        ...others,
        m2: { log: logWithStarts(SAID, [WINDOW.from - 200_000]), reachability: reachability(false) },
      },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
