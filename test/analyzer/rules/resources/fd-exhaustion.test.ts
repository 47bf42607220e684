import rule from '../../../../analyzer/rules/resources/fd-exhaustion.js';
import { gauge, log } from '../../../support/fake-facts.js';
import { crashes } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { process, quorum, reach } from './values.js';

const used = (open: number, max: number) => process({ openFds: gauge(open), maxFds: max, fdShare: open / max });

ruleTest(rule, {
  pass: [
    { name: 'plenty left', member: { m1: { process: used(40, 65_536), log: log() } } },
    { name: 'a small limit that is enough', member: { m1: { process: used(200, 1024), log: log() } } },
    {
      name: 'gone, and nothing in its log',
      member: { m1: { log: log(), reachability: reach('refused', 'connection-refused') } },
    },
  ],
  fail: [
    {
      name: 'no log: its last words name it, and it is gone',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reach('refused', 'connection-refused'),
          crashes: crashes({ line: 'open 0.wal: too many open files', says: ['emfile'] }),
        },
      },
      message: 'died',
    },
    {
      name: 'nearly used up',
      member: { m1: { process: used(880, 1024), log: log() } },
      message: 'nearly',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'used up',
      member: { m1: { process: used(1020, 1024), log: log({ emfile: { inWindow: 12 } }) } },
      message: 'nearly',
      severity: 'critical',
      confidence: 'high',
    },
    {
      name: 'failing although the count looks low',
      member: { m1: { process: used(500, 1024), log: log({ emfile: { inWindow: 3 } }) } },
      message: 'failing',
      severity: 'high',
    },
    {
      name: 'died of it',
      cluster: { quorum: quorum('spare') },
      member: { m1: { log: log({ emfile: { before: 2 } }), reachability: reach('refused', 'connection-refused') } },
      message: 'died',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'over',
      member: { m1: { process: used(40, 1024), log: log({ emfile: { before: 2 } }) } },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'nothing seen' }],
});
