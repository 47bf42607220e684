import rule from '../../../../analyzer/rules/network/peer-packet-loss.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { answering, cgroup, connects, everyone, leaderView, matrix, reads, said, scope } from './links.js';
import { sockets } from '../../../support/surroundings.js';
import { pressure, sched } from '../resources/values.js';

const calm = { reachability: answering(), cgroup: cgroup(), log: log() };
const clean = {
  h1: { network: { scopes: [scope('host', 4, 0.0004, 0)] } },
  h2: { network: { scopes: [scope('host', 3, 0.0003, 0)] } },
  h3: { network: { scopes: [scope('host', 2, 0.0002, 0)] } },
};
const lossy = (a: number, b: number, c: number): typeof clean => ({
  h1: { network: { scopes: [scope('host', a * 10_000, a, a > 0.001 ? 40 : 0)] } },
  h2: { network: { scopes: [scope('host', b * 10_000, b, b > 0.001 ? 20 : 0)] } },
  h3: { network: { scopes: [scope('host', c * 10_000, c, c > 0.001 ? 20 : 0)] } },
});
const jump = { rtt: { '0.8': 2, '204.8': 2 }, received: 9000 };
const dead = { rtt: 'failed' as const, received: 0 };

ruleTest(rule, {
  pass: [
    {
      name: 'a host that sends much again to clients far away, and nothing to peers',
      cluster: { peerMatrix: matrix({ '1>2': jump, '2>1': jump }), leaderView: leaderView() },
      member: {
        m1: { ...calm, sockets: sockets(1) },
        m2: { ...calm, sockets: sockets(2) },
        m3: { ...calm, sockets: sockets(3) },
      },
      host: lossy(0.05, 0.0002, 0.0002),
    },
    {
      name: 'a clean network',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
      host: clean,
    },
    {
      name: 'a few retransmissions on a busy loopback',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
      host: { h1: { network: { scopes: [scope('host', 68, 0.004, 0), scope(memberId(1), 68, 0.004, 0)] } } },
    },
    {
      name: 'hosts that dial an address where nobody is, on a crowded machine',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone({
        ...calm,
        processSched: sched({ runQueueWaitShare: 0.7 }),
        hostPressure: pressure({ cpu: 96 }),
      }),
      host: lossy(0.003, 0.003, 0.002),
    },
    {
      name: 'a late peer makes a kernel send again too early, without a time-out',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: {
        ...everyone(calm),
        m1: {
          ...calm,
          log: log({ 'readindex-slow': said(3) }),
          sockets: sockets(1, { 3: { segmentsOut: 4000, resent: 85 } }),
        },
      },
      host: { h1: { network: { scopes: [scope('host', 97, 0.009, 0), scope(memberId(1), 97, 0.009, 0)] } } },
    },
    {
      name: 'hosts that dial an address where nobody is',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
      host: lossy(0.003, 0.003, 0.002),
    },
    {
      name: 'a steady delay in both directions',
      cluster: {
        peerMatrix: matrix({ '1>2': { rtt: { '102.4': 4 } }, '2>1': { rtt: { '102.4': 4 } } }),
        leaderView: leaderView(),
      },
      member: everyone({ ...calm, readLatency: reads([120, 121, 122]) }),
      host: clean,
    },
    {
      name: 'a throttled leader makes links look irregular',
      cluster: { peerMatrix: matrix({ '2>1': jump, '3>1': jump }), leaderView: leaderView() },
      member: { ...everyone(calm), m1: { ...calm, cgroup: cgroup(0.9) } },
      host: lossy(0.03, 0.02, 0.02),
    },
    {
      name: 'what is sent to a member that is cut off is sent again too',
      cluster: {
        peerMatrix: matrix({ '1>2': dead, '2>1': dead, '2>3': dead, '3>2': dead }),
        leaderView: leaderView([2]),
      },
      member: everyone(calm),
      host: lossy(0.016, 0.035, 0.015),
    },
    {
      name: 'a dead peer',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), leaderView: leaderView() },
      member: { m1: calm, m2: { reachability: answering('unreachable') }, m3: calm },
      host: lossy(0.016, 0, 0.015),
    },
  ],
  fail: [
    {
      name: 'members that share a stack: their connections tell whose segments are lost',
      members: [
        { name: 'm1', host: 'h1' },
        { name: 'm2', host: 'h1' },
        { name: 'm3', host: 'h2' },
      ],
      cluster: { peerMatrix: matrix({ '1>3': jump, '3>1': jump }), leaderView: leaderView() },
      member: {
        m1: { ...calm, sockets: sockets(1, { 3: { segmentsOut: 900, resent: 60, timeouts: 2 } }) },
        m2: { ...calm, sockets: sockets(2, { 3: { segmentsOut: 900, resent: 55, timeouts: 1 } }) },
        m3: {
          ...calm,
          sockets: sockets(3, { 1: { segmentsOut: 700, resent: 40 }, 2: { segmentsOut: 300, resent: 20 } }),
        },
      },
      host: { h1: { network: { scopes: [scope('host', 900, 0.03, 40)] } } },
      message: 'loss',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m3'],
    },
    {
      name: 'the leader’s links',
      cluster: { peerMatrix: matrix({ '2>1': jump, '3>1': jump }), leaderView: leaderView() },
      member: {
        ...everyone(calm),
        m3: { ...calm, log: log({ 'prober-unhealthy': said(1, { 'remote-peer-id': [memberId(1)] }) }) },
      },
      host: lossy(0.01, 0.03, 0.03),
      message: 'loss',
      severity: 'warning',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'a follower that gets its entries in bursts',
      cluster: { peerMatrix: matrix({ '2>3': jump }), leaderView: leaderView() },
      member: {
        m1: { ...calm, walFsync: latency({ 2: 1400 }), leaderChanges: counter(0) },
        m2: { ...calm, walFsync: latency({ 2: 900 }), leaderChanges: counter(1) },
        m3: { ...calm, walFsync: latency({ 2: 1400 }), leaderChanges: counter(0) },
      },
      host: lossy(0.035, 0.006, 0.005),
      message: 'loss',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'links that jump share the member that led first: syncs say nothing after a change of leader',
      cluster: { peerMatrix: matrix({ '1>2': jump, '3>2': jump }), leaderView: leaderView([], 1) },
      member: {
        m1: { ...calm, walFsync: latency({ 2: 1400 }), leaderChanges: counter(1) },
        m2: { ...calm, walFsync: latency({ 2: 1300 }), leaderChanges: counter(1) },
        m3: { ...calm, walFsync: latency({ 2: 700 }), leaderChanges: counter(1) },
      },
      host: lossy(0.06, 0.007, 0.059),
      message: 'loss',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'seen from far away: no kernel counters, several signs',
      cluster: {
        peerMatrix: matrix(
          { '1>2': { ...jump, sendFailures: 8 }, '2>1': jump, '2>3': jump },
          { tcp: [connects(2, [12, 1015, 14])] },
        ),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering() }),
      message: 'loss',
      subjects: ['m2'],
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
  notApplicable: [
    {
      name: 'a single member',
      members: [{ name: 'm1' }],
      cluster: { peerMatrix: matrix({}, { size: 1 }) },
      member: { m1: calm },
    },
  ],
});
