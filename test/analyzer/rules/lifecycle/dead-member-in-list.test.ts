import rule from '../../../../analyzer/rules/lifecycle/dead-member-in-list.js';
import { logAt, membership, peerMatrix, quorum, reachability } from '../../../support/consensus-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const up = { reachability: reachability('answering') };
const refused = { reachability: reachability('refused') };
const broken = { reachability: { ...reachability('refused'), reasons: { 'connection-reset': 8 } } };
const tcpTo = (to: number, ok: number, failed: number) => ({
  ...peerMatrix(3, [to]),
  tcp: [
    {
      endpoint: `10.0.0.${to}:2379`,
      member: `000000000000000${to}`,
      role: 'client' as const,
      stats: {
        attempts: ok + failed,
        ok,
        failed,
        minMs: ok > 0 ? 1 : null,
        medianMs: ok > 0 ? 1 : null,
        maxMs: ok > 0 ? 1 : null,
        codes: failed > 0 ? { ECONNREFUSED: failed } : {},
        ms: Array.from({ length: ok + failed }, () => 1),
      },
      bundleId: 'b',
      vantage: null,
    },
  ],
});
const five = ['m1', 'm2', 'm3', 'm4', 'm5'].map((name) => ({ name }));
const four = ['m1', 'm2', 'm3', 'm4'].map((name, i) => ({ name, isLearner: i === 3 }));

ruleTest(rule, {
  pass: [
    {
      name: 'all answer',
      cluster: { membership: membership(3), quorum: quorum(3) },
      member: { m1: up, m2: up, m3: up },
    },
    {
      name: 'accepts connections and does not answer: paused or hung',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: peerMatrix(3, [3]) },
      member: { m1: up, m2: up, m3: { reachability: reachability('hung') } },
    },
    {
      name: 'certificate refused',
      cluster: { membership: membership(3), quorum: quorum(3, [3]) },
      member: { m1: up, m2: up, m3: { reachability: reachability('tls') } },
    },
    {
      name: 'restarted during the collection',
      cluster: { membership: membership(3), quorum: quorum(3) },
      member: { m1: up, m2: up, m3: { reachability: reachability('intermittent') } },
    },
    {
      name: 'wrong client URL: the others are linked to it',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: peerMatrix(3) },
      member: { m1: up, m2: up, m3: refused },
    },
    {
      name: 'TCP connects open: something listens, whatever breaks the answer off',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: tcpTo(3, 4, 0) },
      member: { m1: up, m2: up, m3: refused },
    },
    {
      name: 'connections are broken off, never refused',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: peerMatrix(3, [3]) },
      member: { m1: up, m2: up, m3: broken },
    },
    {
      name: 'never joined, but a process takes connections',
      cluster: { membership: membership(3, { unstarted: [3] }), quorum: quorum(3, [3]), peerMatrix: tcpTo(3, 4, 0) },
      member: { m1: up, m2: up, m3: { reachability: reachability('hung') } },
    },
    {
      name: 'a seed that is no member',
      members: five.slice(0, 4),
      cluster: { membership: membership(3), quorum: quorum(3) },
      member: { m1: up, m2: up, m3: up, m4: refused },
    },
    {
      name: 'a learner that never started has a rule of its own',
      members: four,
      cluster: { membership: membership(4, { learners: [4], unstarted: [4] }), quorum: quorum(3) },
      member: { m1: up, m2: up, m3: up },
    },
  ],
  fail: [
    {
      name: 'TCP connects are refused as well',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: tcpTo(3, 0, 4) },
      member: { m1: up, m2: up, m3: refused },
      message: 'down',
      severity: 'critical',
      subjects: ['m3'],
    },
    {
      name: 'one of three refuses: no reserve left',
      cluster: { membership: membership(3), quorum: quorum(3, [3]), peerMatrix: peerMatrix(3, [3]) },
      member: {
        m1: {
          ...up,
          log: logAt({ 'prober-unhealthy': { at: [2, 7], fields: { 'remote-peer-id': { '0000000000000003': 2 } } } }),
        },
        m2: up,
        m3: refused,
      },
      message: 'down',
      severity: 'critical',
      role: 'cause',
      confidence: 'high',
      subjects: ['m3'],
    },
    {
      name: 'one of five refuses: one more may fail',
      members: five,
      cluster: { membership: membership(5), quorum: quorum(5, [3]), peerMatrix: peerMatrix(5, [3]) },
      member: { m1: up, m2: up, m3: refused, m4: up, m5: up },
      message: 'down',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'two of three refuse, and the survivor’s metrics are missing',
      cluster: { membership: membership(3), quorum: quorum(3, [1, 2], [3]) },
      member: { m1: refused, m2: refused, m3: up },
      message: 'down',
      severity: 'critical',
      subjects: ['m1', 'm2'],
    },
    {
      name: 'its node is silent, for the others too',
      cluster: { membership: membership(3), quorum: quorum(3, [2]), peerMatrix: peerMatrix(3, [2]) },
      member: { m1: up, m2: { reachability: reachability('unreachable') }, m3: up },
      message: 'silent',
      severity: 'critical',
      subjects: ['m2'],
    },
    {
      name: 'added and never started',
      members: five.slice(0, 4),
      cluster: { membership: membership(4, { unstarted: [4] }), quorum: quorum(4, [4]) },
      member: { m1: up, m2: up, m3: up },
      message: 'unstarted',
      severity: 'high',
      subjects: ['m4'],
    },
    {
      name: 'nothing answers at all, and no list is known',
      member: { m1: refused, m2: refused, m3: refused },
      message: 'unlisted',
      severity: 'critical',
      confidence: 'medium',
    },
    {
      name: 'one mistyped address',
      members: [{ name: 'm1' }],
      member: { m1: refused },
      message: 'unlisted',
      severity: 'high',
    },
  ],
  inconclusive: [{ name: 'nothing was asked' }],
});
