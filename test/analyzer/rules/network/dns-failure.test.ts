import rule from '../../../../analyzer/rules/network/dns-failure.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { answering, everyone, leaderView, matrix, said } from './links.js';

const dead = { rtt: 'failed' as const, received: 0 };
const lookup = { host: ['etcd-2.etcd.svc'] };
const unresolved = { ...answering('unreachable'), reasons: { 'name-not-resolved': 12 } };

ruleTest(rule, {
  pass: [
    {
      name: 'no lookup fails',
      cluster: { peerMatrix: matrix() },
      member: everyone({ reachability: answering(), log: log() }),
    },
    {
      name: 'links are cut, names resolve',
      cluster: { peerMatrix: matrix({ '1>2': dead }), leaderView: leaderView() },
      member: everyone({ reachability: answering(), log: log({ 'io-timeout': said(9) }) }),
    },
  ],
  fail: [
    {
      name: 'a member does not find its peer',
      cluster: { peerMatrix: matrix({ '1>2': dead }), leaderView: leaderView() },
      member: {
        m1: { reachability: answering(), log: log({ 'no-such-host': said(9, lookup) }) },
        m2: { reachability: answering() },
        m3: { reachability: answering(), log: log() },
      },
      message: 'inside',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'records were late when the cluster started',
      cluster: { peerMatrix: matrix(), leaderView: leaderView() },
      member: { m1: { reachability: answering(), log: log({ 'no-such-host': said(0, lookup, 6) }) } },
      message: 'past',
      severity: 'info',
      role: 'notice',
      when: 'past',
    },
    {
      name: 'only the collector cannot resolve',
      cluster: { peerMatrix: matrix() },
      member: { m1: { reachability: answering(), log: log() }, m2: { reachability: unresolved } },
      message: 'vantage',
      confidence: 'low',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    { name: 'nothing was reached', member: everyone({ reachability: answering('refused') }) },
    { name: 'nothing at all' },
  ],
});
