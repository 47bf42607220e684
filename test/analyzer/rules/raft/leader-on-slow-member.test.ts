import rule from '../../../../analyzer/rules/raft/leader-on-slow-member.js';
import { leaderView } from '../../../support/consensus-facts.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const slow = { walFsync: latency({ 128: 490, 256: 10 }) };
const fast = { walFsync: latency({ 1: 400, 2: 100 }) };
const leads = (n: number | null) => ({ leaderView: leaderView([n, n]) });

ruleTest(rule, {
  pass: [
    { name: 'all fast', cluster: leads(1), member: { m1: fast, m2: fast, m3: fast } },
    { name: 'a follower is the slow one', cluster: leads(2), member: { m1: slow, m2: fast, m3: fast } },
    { name: 'all share one slow disk', cluster: leads(1), member: { m1: slow, m2: slow, m3: slow } },
    {
      name: 'acceptable: a little slower',
      cluster: leads(1),
      member: { m1: { walFsync: latency({ 8: 480, 16: 20 }) }, m2: fast, m3: fast },
    },
  ],
  fail: [
    {
      name: 'the slow one leads and is late',
      cluster: leads(1),
      member: { m1: { ...slow, heartbeatFailures: counter(20) }, m2: fast, m3: fast },
      message: 'slow',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'the slow one leads and nobody is hurt',
      cluster: leads(1),
      member: { m1: { ...slow, heartbeatFailures: counter(0) }, m2: fast, m3: fast },
      message: 'slow',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no leader', cluster: leads(null), member: { m1: slow } },
    { name: 'the leader gave no metrics', cluster: leads(1), member: { m2: fast } },
    { name: 'no metrics', cluster: leads(1) },
    {
      name: 'nobody to compare it with',
      cluster: leads(1),
      member: { m1: { ...slow, heartbeatFailures: counter(20) } },
    },
  ],
});
