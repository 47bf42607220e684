import rule from '../../../../analyzer/rules/client-load/watch-compacted-revision.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { requests } from '../resources/values.js';

ruleTest(rule, {
  pass: [
    { name: 'none', member: { m1: { requests: requests([{ method: 'Range', code: 'OK', delta: 50 }]), log: log() } } },
    {
      name: 'two compactors, and a monitor that compares hashes',
      member: {
        m1: {
          requests: requests([
            { method: 'Compact', code: 'OutOfRange', delta: 80 },
            { method: 'HashKV', code: 'OutOfRange', delta: 80 },
          ]),
        },
      },
    },
    { name: 'long ago', member: { m1: { requests: requests([]), log: log({ 'err-compacted': { before: 500 } }) } } },
  ],
  fail: [
    {
      name: 'twice a second',
      member: { m1: { requests: requests([{ method: 'Range', code: 'OutOfRange', delta: 72 }]) } },
      message: 'frequent',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'now and then',
      member: { m1: { requests: requests([]), log: log({ 'err-compacted': { inWindow: 2 } }) } },
      message: 'some',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'one scrape, no log', member: { m1: { requests: requests([], { total: counter(null) }) } } },
  ],
});
