import rule from '../../../../analyzer/rules/raft/slow-follower-lag.js';
import { membership, raftLag } from '../../../support/consensus-facts.js';
import { latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

ruleTest(rule, {
  pass: [
    { name: 'in step', cluster: { raftLag: raftLag({ 2: [0, 0, 0, 0], 3: [1, 0, 2, 0] }) } },
    {
      name: 'a busy cluster within the sampling skew',
      cluster: { raftLag: raftLag({ 2: [1500, 1200, 1800], 3: [900, 1100, 1300] }, { error: 2000 }) },
    },
    { name: 'one bad round', cluster: { raftLag: raftLag({ 2: [9000, 0, 0, 0] }) } },
    { name: 'a single round proves no lag', cluster: { raftLag: raftLag({ 2: [9000] }) } },
    {
      name: 'a learner has a rule of its own',
      cluster: { raftLag: raftLag({ 3: [9000, 9000] }), membership: membership(3, { learners: [3] }) },
    },
  ],
  fail: [
    {
      name: 'steadily behind',
      cluster: { raftLag: raftLag({ 2: [0, 1, 0, 0], 3: [2500, 2600, 2400, 2700] }) },
      member: { m3: { walFsync: latency({ 256: 200 }) } },
      message: 'behind',
      severity: 'warning',
      role: 'cause',
      subjects: ['m3'],
    },
    {
      name: 'received in time and applied late',
      cluster: { raftLag: raftLag({ 3: [0, 10, 5, 0] }, { applyGap: 1500 }) },
      message: 'behind',
      severity: 'warning',
      subjects: ['m3'],
    },
    {
      name: 'beyond the kept entries',
      cluster: { raftLag: raftLag({ 3: [7000, 9000, 12_000, 15_000] }) },
      message: 'behind',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'catching up after a restart',
      cluster: { raftLag: raftLag({ 3: [20_000, 12_000, 6000, 2000] }) },
      message: 'catchingUp',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no leader: nothing to lag behind' }],
});
