import rule from '../../../../analyzer/rules/quota/compaction-stuck-or-failing.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { MiB, onAll, storage } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'nothing failed', member: { m1: { log: log({ 'compaction-finished': { before: 3 } }) } } },
    { name: 'one attempt failed', member: { m1: { log: log({ 'auto-compaction-failed': { before: 1 } }) } } },
    {
      name: 'it worked afterwards',
      member: { m1: { log: log({ 'auto-compaction-failed': { before: 3 }, 'compaction-finished': { inWindow: 1 } }) } },
    },
  ],
  fail: [
    {
      name: 'fails again and again',
      member: { m1: { log: log() }, m2: { log: log({ 'auto-compaction-failed': { before: 4 } }) } },
      message: 'failing',
      severity: 'warning',
      role: 'cause',
      subjects: ['m2'],
    },
    {
      name: 'near the quota',
      member: {
        ...onAll(storage({ size: 14 * MiB, quota: 16 * MiB })),
        m1: {
          log: log({ 'auto-rev-compaction-failed': { inWindow: 1, before: 4 } }),
          storage: storage({ size: 14 * MiB, quota: 16 * MiB }),
        },
      },
      message: 'failing',
      severity: 'high',
    },
    {
      name: 'one member lives in the past',
      member: { m1: { log: log({ 'compaction-failed': { before: 4 }, 'err-future-rev': { before: 4 } }) } },
      message: 'future',
    },
  ],
  inconclusive: [{ name: 'no log', member: {} }],
});
