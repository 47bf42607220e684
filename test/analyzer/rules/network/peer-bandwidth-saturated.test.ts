import rule from '../../../../analyzer/rules/network/peer-bandwidth-saturated.js';
import { latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { answering, cgroup, connects, everyone, leaderView, matrix, scope } from './links.js';

const calm = { reachability: answering(), log: log(), walFsync: latency({ 2: 300 }), cgroup: cgroup() };
const fed = { rtt: { '0.8': 3 }, received: 30_000_000 };
const queued = { rtt: { '102.4': 3 }, received: 4_000_000 };
const behind = { rtt: { '0.8': 3 }, received: 4_000_000 };
const slow = { rtt: { '102.4': 3 }, received: 30_000_000 };
const waiting = [
  connects(2, [90, 95, 130], 'h1'),
  connects(1, [85, 92, 120], 'h2'),
  connects(3, [0.4, 0.5, 0.6], 'h1'),
];
const fast = [connects(2, [0.5, 0.6, 0.7], 'h1'), connects(1, [0.5, 0.6, 0.7], 'h2')];

ruleTest(rule, {
  pass: [
    {
      name: 'everybody gets its share',
      cluster: { peerMatrix: matrix({ '2>1': fed, '3>1': fed }, { tcp: fast }), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'a long way that carries everything',
      cluster: {
        peerMatrix: matrix({ '2>1': slow, '1>2': slow, '3>1': fed }, { tcp: waiting }),
        leaderView: leaderView(),
      },
      member: everyone(calm),
    },
    {
      name: 'a member that was away for a part of the window, and is near',
      cluster: { peerMatrix: matrix({ '2>1': behind, '3>1': fed }, { tcp: fast }), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'a cluster that writes hardly anything',
      cluster: { peerMatrix: matrix({}, { tcp: waiting }), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'seen by probes only: a throttled member takes less and answers late',
      cluster: { peerMatrix: matrix({ '2>1': queued, '1>2': queued, '3>1': fed }), leaderView: leaderView() },
      member: { ...everyone(calm), m2: { ...calm, cgroup: cgroup(0.9) } },
    },
  ],
  fail: [
    {
      name: 'the queue is full and drops: much is sent again, and even the fastest connect waits in it',
      cluster: {
        peerMatrix: matrix({ '2>1': queued, '1>2': queued, '3>1': fed }, { tcp: waiting }),
        leaderView: leaderView(),
      },
      member: everyone(calm),
      host: { h2: { network: { scopes: [scope('host', 600, 0.03, 40)] } } },
      message: 'full',
      severity: 'warning',
      subjects: ['m2'],
    },
    {
      name: 'a path that carries a seventh of the stream',
      cluster: {
        peerMatrix: matrix({ '2>1': queued, '1>2': queued, '3>1': fed }, { tcp: waiting }),
        leaderView: leaderView(),
      },
      member: everyone(calm),
      host: { h2: { network: { scopes: [scope('host', 8, 0.001, 0)] } } },
      message: 'full',
      severity: 'warning',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    {
      name: 'no leader is known',
      cluster: { peerMatrix: matrix(), leaderView: { ...leaderView(), leader: null } },
      member: everyone(calm),
    },
  ],
});
