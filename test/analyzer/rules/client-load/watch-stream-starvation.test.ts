import rule from '../../../../analyzer/rules/client-load/watch-stream-starvation.js';
import type { Versions } from '../../../../analyzer/facts/values/cluster.js';
import { counter, gauge } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { traffic, watchers } from '../resources/values.js';

const versions = (server: string): Versions => ({
  members: [{ member: memberId(1), server, cluster: null, storage: null, go: null, by: 'status' }],
  server: [server],
  cluster: [],
  mixed: false,
  downgrade: null,
});
const behind = watchers({ slow: gauge(12, 15, 14) });
const heavy = traffic({ clientSent: counter(36 * 60 * 1024 * 1024) });

ruleTest(rule, {
  pass: [
    {
      name: 'nobody behind',
      cluster: { versions: versions('3.5.6') },
      member: { m1: { watchers: watchers(), traffic: heavy } },
    },
    {
      name: 'behind without heavy reads',
      cluster: { versions: versions('3.5.6') },
      member: { m1: { watchers: behind, traffic: traffic() } },
    },
    {
      name: 'a version with the fix',
      cluster: { versions: versions('3.5.16') },
      member: { m1: { watchers: behind, traffic: heavy } },
    },
    {
      name: '3.6 has it',
      cluster: { versions: versions('3.6.1') },
      member: { m1: { watchers: behind, traffic: heavy } },
    },
  ],
  fail: [
    {
      name: 'behind while lists are sent',
      cluster: { versions: versions('3.5.6') },
      member: { m1: { watchers: behind, traffic: heavy } },
      message: 'starved',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'no byte counter', member: { m1: { watchers: behind, traffic: traffic({ clientSent: null }) } } },
  ],
});
