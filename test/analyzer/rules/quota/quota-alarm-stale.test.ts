import rule from '../../../../analyzer/rules/quota/quota-alarm-stale.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { alarms, full, onAll, spacious } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'no alarm', cluster: { alarms: alarms() }, member: onAll(spacious) },
    {
      name: 'a member is still full',
      cluster: { alarms: alarms(1) },
      member: { ...onAll(spacious), m3: { storage: full.fragmented } },
    },
  ],
  fail: [
    {
      name: 'space on all members',
      cluster: { alarms: alarms(2) },
      member: { ...onAll(spacious), m1: { storage: spacious, log: log({ 'defrag-finished': { before: 1 } }) } },
      message: 'stale',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'one member was not reached',
      cluster: { alarms: alarms(2) },
      member: { m1: { storage: spacious }, m2: { storage: spacious } },
      message: 'stale',
      confidence: 'medium',
    },
  ],
  inconclusive: [
    { name: 'alarms not read', member: onAll(spacious) },
    { name: 'armed, no size known', cluster: { alarms: alarms(1) } },
  ],
});
