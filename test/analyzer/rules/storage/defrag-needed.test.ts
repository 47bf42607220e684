import rule from '../../../../analyzer/rules/storage/defrag-needed.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { MiB, storage } from '../quota/facts.js';

ruleTest(rule, {
  pass: [
    { name: 'mostly in use', member: { m1: { storage: storage({ size: 500 * MiB, inUse: 450 * MiB }) } } },
    { name: 'a tiny file', member: { m1: { storage: storage({ size: 16 * MiB, inUse: 1 * MiB }) } } },
    {
      name: 'full of history: a defragmentation frees nothing',
      member: { m1: { storage: storage({ size: 16 * MiB, inUse: 15 * MiB, quota: 16 * MiB }) } },
    },
  ],
  fail: [
    {
      name: 'after a large delete',
      member: {
        m1: {
          storage: storage({ size: 50 * MiB, inUse: 3 * MiB }),
          log: log({ 'compaction-finished': { before: 1 } }),
        },
      },
      message: 'free',
      severity: 'info',
      role: 'risk',
      subjects: ['m1'],
    },
    {
      name: 'near the quota',
      member: { m1: { storage: storage({ size: 14 * MiB, inUse: 2 * MiB, quota: 16 * MiB }) } },
      message: 'quota',
      severity: 'warning',
      role: 'risk',
    },
  ],
  inconclusive: [
    { name: 'no size', member: {} },
    { name: 'in use not told', member: { m1: { storage: storage({ size: 50 * MiB, inUse: null }) } } },
  ],
});
