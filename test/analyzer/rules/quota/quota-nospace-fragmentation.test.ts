import rule from '../../../../analyzer/rules/quota/quota-nospace-fragmentation.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { alarms, full, MiB, onAll, spacious, storage } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'no alarm, room enough', cluster: { alarms: alarms() }, member: onAll(storage()) },
    { name: 'something else fills it', cluster: { alarms: alarms(1) }, member: onAll(full.history) },
    { name: 'a stale alarm', cluster: { alarms: alarms(1) }, member: onAll(spacious) },
  ],
  fail: [
    {
      name: 'alarm armed',
      cluster: { alarms: alarms(1, 2, 3) },
      member: {
        ...onAll(full.fragmented),
        m1: {
          storage: full.fragmented,
          log: log({ 'quota-raise-alarm': { before: 1 }, 'compaction-finished': { before: 1 } }),
        },
      },
      message: 'full',
      severity: 'critical',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'one member is full, the others are not',
      cluster: { alarms: alarms(2) },
      member: { ...onAll(spacious), m2: { storage: full.fragmented } },
      message: 'full',
      subjects: ['m2'],
    },
    {
      name: 'compacted under the alarm: the freed pages are not counted before the next commit',
      cluster: { alarms: alarms(1) },
      member: onAll(
        storage({ size: 16.2 * MiB, inUse: 15.5 * MiB, quota: 16 * MiB, keyCount: 0, revision: 250, compacted: 250 }),
      ),
      message: 'full',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'not armed yet',
      cluster: { alarms: alarms() },
      member: onAll({ ...full.fragmented, sizeBytes: String(15.9 * MiB), sizeShare: 0.99 }),
      message: 'near',
      severity: 'high',
      role: 'risk',
    },
  ],
  inconclusive: [{ name: 'no sizes', cluster: { alarms: alarms(1) } }],
});
