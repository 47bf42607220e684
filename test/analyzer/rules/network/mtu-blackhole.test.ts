import rule from '../../../../analyzer/rules/network/mtu-blackhole.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { netConfig, routes, sockets } from '../../../support/surroundings.js';
import { answering, connects, everyone, leaderView, matrix, said, scope } from './links.js';

const calm = { reachability: answering(), log: log() };
const fed = { rtt: { '0.8': 3 }, received: 3_000_000 };
const starved = { rtt: { '0.8': 3 }, received: 1500 };
const ping = [connects(1, [1, 1, 2], 'h2'), connects(2, [1, 1, 1], 'h1')];
const stack = (timeouts: number) => ({ network: { scopes: [scope('host', timeouts * 2, 0.01, timeouts)] } });
const waiting = { h1: stack(120), h2: stack(46), h3: stack(0) };

ruleTest(rule, {
  pass: [
    {
      name: 'everybody gets its share',
      cluster: { peerMatrix: matrix({ '2>1': fed, '3>1': fed }, { tcp: ping }), leaderView: leaderView() },
      member: everyone(calm),
      host: waiting,
    },
    {
      name: 'an idle leader sends nothing large',
      cluster: { peerMatrix: matrix({ '2>1': starved }, { tcp: ping }), leaderView: leaderView() },
      member: everyone(calm),
      host: waiting,
    },
    {
      name: 'a partition: connects between the hosts fail as well',
      cluster: {
        peerMatrix: matrix(
          { '2>1': starved, '3>1': fed },
          {
            tcp: [connects(1, [], 'h2')].map((each) => ({ ...each, stats: { ...each.stats, attempts: 3, failed: 3 } })),
          },
        ),
        leaderView: leaderView(),
      },
      member: everyone(calm),
      host: waiting,
    },
    {
      name: 'loss: a SYN had to be sent again',
      cluster: {
        peerMatrix: matrix({ '2>1': starved, '3>1': fed }, { tcp: [connects(1, [1020, 1012, 3], 'h2')] }),
        leaderView: leaderView(),
      },
      member: everyone(calm),
      host: waiting,
    },
    {
      name: 'a member that lags for reasons of its own: the kernels have nothing to send again',
      cluster: { peerMatrix: matrix({ '2>1': starved, '3>1': fed }, { tcp: ping }), leaderView: leaderView() },
      member: everyone(calm),
      host: { h1: stack(0), h2: stack(0), h3: stack(0) },
    },
  ],
  fail: [
    {
      name: 'members that share a stack: their connections wait, and the hosts reckon with different MTUs',
      cluster: { peerMatrix: matrix({ '2>1': starved, '3>1': fed }, { tcp: ping }), leaderView: leaderView([2]) },
      member: {
        ...everyone(calm),
        m1: { ...calm, sockets: sockets(1, { 2: { unackedBytes: 60_000, timeouts: 6 } }) },
      },
      host: {
        h1: { netConfig: netConfig({ routes: routes({ 2: 9000 }) }) },
        h2: { netConfig: netConfig({ routes: routes({ 1: 1500 }) }) },
      },
      message: 'hole',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'connects pass, entries do not, both kernels wait',
      cluster: { peerMatrix: matrix({ '2>1': starved, '3>1': fed }, { tcp: ping }), leaderView: leaderView([2]) },
      member: { ...everyone(calm), m1: { ...calm, log: log({ 'raft-drop-send': said(800) }) } },
      host: waiting,
      message: 'hole',
      severity: 'high',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    {
      name: 'seen from one other node: no connect and no counters of either end',
      cluster: { peerMatrix: matrix({ '2>1': starved, '3>1': fed }), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'no leader',
      cluster: { peerMatrix: matrix(), leaderView: { ...leaderView(), leader: null } },
      member: everyone(calm),
    },
  ],
});
