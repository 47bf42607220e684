import rule from '../../../../analyzer/rules/raft/learner-stuck.js';
import {
  leaderView,
  logAt,
  membership,
  noTransfers,
  quorum,
  raftLag,
  reachability,
} from '../../../support/consensus-facts.js';
import { gauge, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const members = ['m1', 'm2', 'm3', 'm4'].map((name, i) => ({ name, host: `h${i + 1}`, isLearner: i === 3 }));
const learner = membership(4, { learners: [4] });
const answering = { m4: { reachability: reachability('answering'), log: log() } };

ruleTest(rule, {
  pass: [
    {
      name: 'in sync',
      members,
      cluster: { membership: learner, raftLag: raftLag({ 4: [3, 0, 1] }), leaderView: leaderView([1, 1], { size: 4 }) },
      member: answering,
    },
    {
      name: 'far behind and catching up',
      members,
      cluster: { membership: learner, raftLag: raftLag({ 4: [80_000, 60_000, 40_000] }) },
      member: answering,
    },
    {
      name: 'new, and the database is on its way to it',
      members,
      cluster: { membership: learner, raftLag: raftLag({ 4: [80_000, 80_200, 80_400] }) },
      member: {
        m4: { ...answering.m4, snapshots: { ...noTransfers, receiveInflight: gauge(1, 1, 1) } },
      },
    },
  ],
  fail: [
    {
      name: 'never started',
      members,
      cluster: { membership: membership(4, { learners: [4], unstarted: [4] }) },
      message: 'unstarted',
      severity: 'warning',
      subjects: ['m4'],
    },
    {
      name: 'cut off',
      members,
      cluster: { membership: learner, leaderView: leaderView([1, 1], { size: 4, withoutLeader: [4] }) },
      member: answering,
      message: 'cutOff',
      severity: 'warning',
      subjects: ['m4'],
    },
    {
      name: 'behind and not closing in, while a voter is missing',
      members,
      cluster: { membership: learner, raftLag: raftLag({ 4: [50_000, 50_500, 51_000] }), quorum: quorum(3, [3]) },
      member: { m4: { reachability: reachability('answering'), log: logAt({ 'learner-not-ready': { at: [4] } }) } },
      message: 'behind',
      severity: 'high',
      subjects: ['m4'],
    },
  ],
  inconclusive: [
    { name: 'no member list' },
    { name: 'the learner gave no status', members, cluster: { membership: learner } },
    { name: 'one round', members, cluster: { membership: learner, raftLag: raftLag({ 4: [50_000] }) } },
  ],
  notApplicable: [{ name: 'no learner', cluster: { membership: membership(3) } }],
});
