import rule from '../../../../analyzer/rules/quota/quota-nospace-no-compaction.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { alarms, full, MiB, onAll, spacious, storage } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'no alarm, room enough', cluster: { alarms: alarms() }, member: onAll(storage()) },
    { name: 'something else fills it', cluster: { alarms: alarms(1) }, member: onAll(full.live) },
    { name: 'a stale alarm', cluster: { alarms: alarms(1) }, member: onAll(spacious) },
  ],
  fail: [
    {
      name: 'alarm armed',
      cluster: { alarms: alarms(1, 2, 3) },
      member: {
        ...onAll(full.history),
        m1: { storage: full.history, log: log({ 'quota-raise-alarm': { before: 1 } }) },
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
      member: { ...onAll(spacious), m2: { storage: full.history } },
      message: 'full',
      subjects: ['m2'],
    },
    {
      name: 'not armed yet',
      cluster: { alarms: alarms() },
      member: onAll({ ...full.history, sizeBytes: String(15.9 * MiB), sizeShare: 0.99 }),
      message: 'near',
      severity: 'high',
      role: 'risk',
    },
    {
      name: 'keys and revisions unknown',
      cluster: { alarms: alarms(1) },
      member: onAll(full.unknown),
      message: 'full',
      confidence: 'medium',
    },
  ],
  inconclusive: [{ name: 'no sizes', cluster: { alarms: alarms(1) } }],
});
