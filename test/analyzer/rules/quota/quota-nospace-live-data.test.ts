import rule from '../../../../analyzer/rules/quota/quota-nospace-live-data.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { history, line, series } from '../../../support/surroundings.js';
import { alarms, full, GiB, MiB, onAll, spacious, storage } from './facts.js';

/** Four hours in which the file grew by 0.4 GiB, and the pages in use by this. */
const grows = (inUse: number) =>
  history(
    series('db-size', 1, line(240, 1.0 * GiB, (inUse === 0.01 ? 1.01 : 1.4) * GiB)),
    series('db-size-in-use', 1, line(240, 0.8 * GiB, (0.8 + inUse) * GiB)),
  );

ruleTest(rule, {
  pass: [
    { name: 'no alarm, room enough', cluster: { alarms: alarms() }, member: onAll(storage()) },
    { name: 'something else fills it', cluster: { alarms: alarms(1) }, member: onAll(full.history) },
    {
      name: 'it grows, and the pages are free: a defragmentation would do',
      cluster: { alarms: alarms(), history: grows(0) },
      member: onAll(storage({ size: 1.6 * GiB, inUse: 0.4 * GiB })),
    },
    {
      name: 'at its pace the quota lasts for a week',
      cluster: { alarms: alarms(), history: grows(0.01) },
      member: onAll(storage({ size: 1.5 * GiB, inUse: 1.2 * GiB, quota: 8 * GiB })),
    },
    { name: 'a stale alarm', cluster: { alarms: alarms(1) }, member: onAll(spacious) },
  ],
  fail: [
    {
      name: 'alarm armed',
      cluster: { alarms: alarms(1, 2, 3) },
      member: { ...onAll(full.live), m1: { storage: full.live, log: log({ 'quota-raise-alarm': { before: 1 } }) } },
      message: 'full',
      severity: 'critical',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'one member is full, the others are not',
      cluster: { alarms: alarms(2) },
      member: { ...onAll(spacious), m2: { storage: full.live } },
      message: 'full',
      subjects: ['m2'],
    },
    {
      name: 'not armed yet',
      cluster: { alarms: alarms() },
      member: onAll({ ...full.live, sizeBytes: String(15.9 * MiB), sizeShare: 0.99 }),
      message: 'near',
      severity: 'high',
      role: 'risk',
    },
    {
      name: 'it grows by data in use, and reaches the quota tonight',
      cluster: { alarms: alarms(), history: grows(0.4) },
      member: onAll(storage({ size: 1.4 * GiB, inUse: 1.2 * GiB, keyCount: 900, revision: 1000, compacted: 900 })),
      message: 'growing',
      severity: 'warning',
      role: 'risk',
      subjects: ['m1'],
    },
  ],
  inconclusive: [{ name: 'no sizes', cluster: { alarms: alarms(1) } }],
});
