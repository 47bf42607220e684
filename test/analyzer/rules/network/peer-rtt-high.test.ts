import rule from '../../../../analyzer/rules/network/peer-rtt-high.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { cgroup, connects, everyone, leaderView, matrix, reads, saidAt, sameTimers } from './links.js';
import { sockets } from '../../../support/surroundings.js';
import { pressure } from '../resources/values.js';

const defaults = sameTimers(100, 1000);
const slow = { rtt: { '102.4': 4 }, received: 9000 };
const leaderFar = { '1>2': slow, '2>1': slow, '1>3': slow, '3>1': slow };
const calm = { cgroup: cgroup(), walFsync: latency({ 2: 300 }) };

ruleTest(rule, {
  pass: [
    {
      name: 'short round trips',
      cluster: { peerMatrix: matrix(), config: defaults, leaderView: leaderView() },
      member: everyone({ ...calm, readLatency: reads([5, 8, 20]) }),
    },
    {
      name: '25 to 51 ms in a cluster across zones',
      cluster: {
        peerMatrix: matrix({ '1>2': { rtt: { '51.2': 3 } }, '2>1': { rtt: { '51.2': 3 } } }),
        config: defaults,
        leaderView: leaderView(),
      },
    },
    {
      name: 'one slow observation in one direction only: a resent segment, not a distance',
      cluster: {
        peerMatrix: matrix({ '3>1': { rtt: { '0.8': 1, '409.6': 2 } } }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: everyone(calm),
    },
    {
      name: 'the average of a link that healed a minute ago',
      cluster: { peerMatrix: matrix({ '2>3': slow, '3>2': slow }), config: defaults, leaderView: leaderView() },
      member: {
        m1: { ...calm, log: log({ 'peer-inactive': saidAt([-60], { 'peer-id': [memberId(2)] }) }) },
        m2: calm,
        m3: calm,
      },
    },
    {
      name: 'an old average, and TCP connects from one member’s host to the other are fast',
      cluster: {
        peerMatrix: matrix({ '2>3': slow, '3>2': slow }, { tcp: [connects(3, [0.2, 0.3, 0.4], 'h2')] }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: everyone(calm),
    },
    {
      name: 'a follower is slow to answer reads, and connects from another member to it are fast',
      cluster: {
        peerMatrix: matrix({ '1>2': {}, '2>1': {} }, { tcp: [connects(2, [0.4, 0.5, 0.6], 'h3')] }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: {
        m1: { ...calm, readLatency: reads([5, 8, 20]) },
        m2: { ...calm, readLatency: reads([120, 130, 140]) },
        m3: calm,
      },
    },
    {
      name: 'the CPU of the leader is throttled',
      cluster: { peerMatrix: matrix(leaderFar), config: defaults, leaderView: leaderView() },
      member: { m1: { cgroup: cgroup(0.9) }, m2: { cgroup: cgroup() }, m3: { cgroup: cgroup() } },
    },
    {
      name: 'slow reads because of a slow disk, before any probe',
      cluster: {
        peerMatrix: matrix({ '1>2': {}, '2>1': {}, '1>3': {}, '3>1': {}, '2>3': {}, '3>2': {} }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: everyone({ ...calm, walFsync: latency({ 128: 300 }), readLatency: reads([120, 125, 130]) }),
    },
    {
      name: 'late probes of a crowded host: the kernels answer each other at once',
      cluster: { peerMatrix: matrix(leaderFar), config: defaults, leaderView: leaderView() },
      member: {
        m1: {
          ...calm,
          hostPressure: pressure({ cpu: 95 }),
          sockets: sockets(1, { 2: { rttMs: 0.8 }, 3: { rttMs: 1.2 } }),
        },
        m2: { ...calm, sockets: sockets(2) },
        m3: calm,
      },
    },
    {
      name: 'slow reads while a leader was elected',
      cluster: { peerMatrix: matrix(), config: defaults, leaderView: leaderView() },
      member: everyone({ ...calm, leaderChanges: counter(2), readLatency: reads([300, 400, 500]) }),
    },
    {
      name: 'failing probes of a dead peer are no round trips',
      cluster: {
        peerMatrix: matrix({ '1>3': { rtt: 'failed' }, '2>3': { rtt: 'failed' } }),
        config: defaults,
        leaderView: leaderView(),
      },
    },
  ],
  fail: [
    {
      name: 'all links of the leader, by probe and by read',
      cluster: {
        peerMatrix: matrix(leaderFar, { tcp: [connects(1, [60, 61, 62])] }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: everyone({ ...calm, readLatency: reads([80, 82, 90]) }),
      message: 'slow',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'a proxy between the members: the kernels answer at once, and nobody waits for a CPU',
      cluster: { peerMatrix: matrix(leaderFar), config: defaults, leaderView: leaderView() },
      member: {
        ...everyone(calm),
        m1: {
          ...calm,
          hostPressure: pressure({ cpu: 30 }),
          sockets: sockets(1, { 2: { rttMs: 0.1 }, 3: { rttMs: 0.1 } }),
        },
      },
      message: 'slow',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'a long way by the kernels too',
      cluster: { peerMatrix: matrix(leaderFar), config: defaults, leaderView: leaderView() },
      member: { ...everyone(calm), m1: { ...calm, sockets: sockets(1, { 2: { rttMs: 81 }, 3: { rttMs: 80 } }) } },
      message: 'slow',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'one follower, and only fresh probes that lag behind the reads',
      cluster: {
        peerMatrix: matrix({
          '2>1': { rtt: { '25.6': 2 } },
          '1>2': { rtt: { '25.6': 2 } },
          '2>3': { rtt: { '25.6': 2 } },
          '3>2': { rtt: { '25.6': 2 } },
        }),
        config: defaults,
        leaderView: leaderView(),
      },
      member: {
        m1: { ...calm, readLatency: reads([4, 5, 6]) },
        m2: { ...calm, readLatency: reads([165, 170, 171]) },
        m3: { ...calm, readLatency: reads([5, 6, 7]) },
      },
      message: 'slow',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'one link, seen without host facts',
      cluster: { peerMatrix: matrix({ '2>3': slow, '3>2': slow }), config: defaults, leaderView: leaderView() },
      message: 'slow',
      confidence: 'medium',
      subjects: ['m2', 'm3'],
    },
    {
      name: 'a long distance that the timers were set for',
      cluster: { peerMatrix: matrix(leaderFar), config: sameTimers(150, 1500), leaderView: leaderView() },
      member: everyone(calm),
      message: 'tuned',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics at all' },
    {
      name: 'no observation in a short window',
      cluster: {
        peerMatrix: matrix({ '1>2': {}, '2>1': {}, '1>3': {}, '3>1': {}, '2>3': {}, '3>2': {} }),
        config: defaults,
      },
    },
  ],
});
