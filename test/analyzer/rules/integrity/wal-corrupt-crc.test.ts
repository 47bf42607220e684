import rule from '../../../../analyzer/rules/integrity/wal-corrupt-crc.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { bad, crashes, ownCopy } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { said } from '../network/links.js';
import { logWithStarts, reachability } from './fakes.js';

const SAID = { 'walpb-crc': { before: 2 } };
const others = {
  m1: { log: log(), reachability: reachability(true) },
  m3: { log: log(), reachability: reachability(true) },
};

ruleTest(rule, {
  pass: [
    {
      name: 'down without a log, and the checksums of its files hold to the end',
      member: { ...others, m2: { reachability: reachability(false), dataCopy: ownCopy() } },
    },
    {
      name: 'look-alike: damaged files of a member that was removed',
      member: {
        ...others,
        m2: {
          log: log(),
          reachability: reachability(false),
          dataCopy: ownCopy({ wal: bad('damaged') }, { standing: 'removed' }),
        },
      },
    },
    {
      name: 'look-alike: a torn end in the files',
      member: { ...others, m2: { reachability: reachability(false), dataCopy: ownCopy({ wal: bad('repairable') }) } },
    },
    { name: 'nothing of the kind logged', member: { ...others, m2: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: a .snap file is damaged, and the WAL does not reach back to the one before it',
      member: {
        ...others,
        m2: {
          log: log({
            'snap-corrupt': { before: 1 },
            'wal-unreadable': { before: 1 },
            'wal-slice-range': { before: 1 },
          }),
          reachability: reachability(false),
        },
      },
    },
    {
      name: 'look-alike: a torn tail whose last record claims a little more than there is',
      member: {
        ...others,
        m2: { log: log({ 'wal-max-entry': said(1, { rec: ['700'] }) }), reachability: reachability(false) },
      },
    },
    {
      name: 'look-alike: a peer sent bytes that decode to nothing, and no start failed',
      member: { ...others, m2: { log: log({ 'wal-undecodable': { inWindow: 1 } }), reachability: reachability(true) } },
    },
    {
      name: 'killed: down, and its log says nothing of it',
      member: { ...others, m2: { log: log(), reachability: reachability(false) } },
    },
    {
      name: 'look-alike: another message',
      member: { ...others, m2: { log: log({ 'wal-repaired': { before: 1 } }), reachability: reachability(false) } },
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
      name: 'no log: its files are damaged, and it is down',
      member: { ...others, m2: { reachability: reachability(false), dataCopy: ownCopy({ wal: bad('damaged') }) } },
      message: 'seen',
      severity: 'critical',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'no log, nobody was asked, and nobody has the damaged files open',
      members: [{ name: 'm1' }],
      member: { m1: { dataCopy: ownCopy({ wal: bad('damaged') }) } },
      message: 'seen',
      confidence: 'high',
    },
    {
      name: 'it runs on files from which it would not start again',
      member: {
        ...others,
        m2: { log: log(), reachability: reachability(true), dataCopy: ownCopy({ inUse: true, wal: bad('damaged') }) },
      },
      message: 'sleeping',
      role: 'risk',
      severity: 'warning',
    },
    {
      name: 'the log says so and the files do not: less sure',
      member: { ...others, m2: { log: log(SAID), reachability: reachability(false), dataCopy: ownCopy() } },
      message: 'down',
      confidence: 'medium',
    },
    {
      name: 'no log, files in part: its last words name it',
      member: {
        ...others,
        m2: {
          reachability: reachability(false),
          dataCopy: ownCopy({ wal: bad('unknown') }),
          crashes: crashes({ line: 'walpb: crc mismatch', says: ['walpb-crc'] }),
        },
      },
      message: 'down',
      severity: 'critical',
      subjects: ['m2'],
    },
    {
      name: 'a record whose length was overwritten: etcd cuts the WAL there and calls it repaired',
      member: {
        ...others,
        m2: {
          log: log({ 'wal-max-entry': said(1, { rec: ['72057594037919963'] }) }),
          reachability: reachability(false),
        },
      },
      message: 'down',
      severity: 'critical',
      subjects: ['m2'],
    },
    {
      name: 'a start that fails on bytes that are no message',
      member: {
        ...others,
        m2: {
          log: log({ 'wal-undecodable': { before: 1 }, 'discovery-failed': { before: 1 } }),
          reachability: reachability(false),
        },
      },
      message: 'down',
      subjects: ['m2'],
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
    {
      name: 'down without a log, and not all of its files were read',
      members: [{ name: 'm1' }],
      member: { m1: { reachability: reachability(false), dataCopy: ownCopy({ wal: bad('unknown') }) } },
    },
    {
      name: 'down without a log, and its last words are about something else',
      members: [{ name: 'm1' }],
      member: {
        m1: { reachability: reachability(false), crashes: crashes({ line: 'no space left', says: ['enospc'] }) },
      },
    },
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
