import rule from '../../../../analyzer/rules/storage/backup-long-read-txn.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { storage } from '../quota/facts.js';

ruleTest(rule, {
  pass: [
    { name: 'no snapshot', member: { m1: { log: log() } } },
    {
      name: 'a finished one',
      member: { m1: { log: log({ 'snapshot-to-client': { before: 1 }, 'snapshot-to-client-done': { before: 1 } }) } },
    },
    { name: 'one that began just now', member: { m1: { log: log({ 'snapshot-to-client': { inWindow: 1 } }) } } },
  ],
  fail: [
    {
      name: 'open for minutes',
      member: { m1: { log: log({ 'snapshot-to-client': { before: 1 } }) } },
      message: 'open',
      severity: 'info',
      role: 'notice',
      subjects: ['m1'],
    },
    {
      name: 'open while the file grows',
      member: {
        m1: { log: log({ 'snapshot-to-client': { before: 1 } }), storage: storage({ sizeGrowthPerSecond: 50_000 }) },
      },
      message: 'open',
      severity: 'warning',
      role: 'symptom',
    },
    {
      name: 'open while the file fills its quota',
      member: {
        m1: { log: log({ 'snapshot-to-client': { before: 1 } }), storage: storage({ sizeGrowthPerSecond: 5_000_000 }) },
      },
      message: 'open',
      severity: 'warning',
      role: 'cause',
    },
    {
      name: 'etcd warned about its length',
      member: {
        m1: {
          log: log({
            'snapshot-to-client': { inWindow: 1 },
            'snapshot-to-client-done': { inWindow: 1 },
            'snapshot-transfer-slow': { inWindow: 1, worstSeconds: 41 },
          }),
        },
      },
      message: 'slow',
      severity: 'info',
    },
  ],
  inconclusive: [{ name: 'no log', member: {} }],
});
