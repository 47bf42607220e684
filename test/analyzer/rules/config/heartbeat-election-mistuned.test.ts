import rule from '../../../../analyzer/rules/config/heartbeat-election-mistuned.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { cgroup, config, everyone, leaderView, matrix, reads, said, sameTimers } from '../network/links.js';

const far = { rtt: { '51.2': 4 }, received: 9000 };
const allFar = { '1>2': far, '2>1': far, '1>3': far, '3>1': far, '2>3': far, '3>2': far };
const calm = { cgroup: cgroup(), walFsync: latency({ 2: 300 }), leaderChanges: counter(0), log: log() };
const restless = { ...calm, leaderChanges: counter(4), log: log({ 'raft-new-election': said(6) }) };

ruleTest(rule, {
  pass: [
    {
      name: 'defaults in a near network',
      cluster: { config: sameTimers(100, 1000), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: '500/5000',
      cluster: { config: sameTimers(500, 5000), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: '30 ms away with timers for it',
      cluster: { config: sameTimers(50, 500), peerMatrix: matrix(allFar), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'the network got slow under default timers',
      cluster: { config: sameTimers(100, 1000), peerMatrix: matrix(allFar), leaderView: leaderView() },
      member: everyone(restless),
    },
    {
      name: 'short timers and a quiet cluster',
      cluster: { config: sameTimers(20, 200), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
    },
    {
      name: 'short timers, elections for want of CPU',
      cluster: { config: sameTimers(20, 200), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone({ ...restless, cgroup: cgroup(0.9) }),
    },
  ],
  fail: [
    {
      name: 'two round trips long, and elections',
      cluster: { config: sameTimers(10, 60), peerMatrix: matrix(allFar), leaderView: leaderView() },
      member: everyone(restless),
      message: 'short',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'two round trips long, quiet so far',
      cluster: { config: sameTimers(10, 60), peerMatrix: matrix(allFar), leaderView: leaderView() },
      member: everyone({ ...calm, readLatency: reads([40, 41, 42]) }),
      message: 'short',
      severity: 'warning',
    },
    {
      name: 'short for the host although the network is near',
      cluster: { config: sameTimers(20, 200), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(restless),
      message: 'hasty',
      severity: 'warning',
    },
    {
      name: 'half a minute',
      cluster: { config: sameTimers(1000, 30_000), peerMatrix: matrix(), leaderView: leaderView() },
      member: everyone(calm),
      message: 'long',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'flags not seen', cluster: { config: config({}), peerMatrix: matrix() } },
    { name: 'nothing at all' },
  ],
  notApplicable: [{ name: 'a single member', members: [{ name: 'm1' }], cluster: { config: config({ 1: [10, 60] }) } }],
});
