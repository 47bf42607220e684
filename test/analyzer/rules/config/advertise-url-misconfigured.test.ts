import type { Membership } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/config/advertise-url-misconfigured.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { answering, config, connects, everyone, leaderView, matrix, said } from '../network/links.js';

const list = (...hosts: readonly (readonly [string, string])[]): Membership => ({
  members: hosts.map(([peer, client], i) => ({
    id: memberId(i + 1),
    name: `m${i + 1}`,
    peerURLs: [`http://${peer}`],
    clientURLs: [`http://${client}`],
    isLearner: false,
    started: true,
    seenBy: [],
    notSeenBy: [],
  })),
  voters: hosts.map((_, i) => memberId(i + 1)),
  learners: [],
  unstarted: [],
  views: [],
  agree: true,
  differences: [],
  clusterIds: [],
  strangers: [],
});
const a = ['10.0.0.1:2380', '10.0.0.1:2379'] as const;
const b = ['10.0.0.2:2380', '10.0.0.2:2379'] as const;
const c = ['10.0.0.3:2380', '10.0.0.3:2379'] as const;
const dead = { rtt: 'failed' as const, received: 0 };
const refusing = {
  ...connects(2, []),
  stats: { ...connects(2, []).stats, attempts: 4, failed: 4, codes: { 'connection-refused': 4 } },
};

const advertised = (vantage: string, ms: readonly number[]) => ({
  ...connects(2, ms, vantage),
  endpoint: '10.0.0.99:2379',
  role: 'advertised' as const,
});
const nowhere = (vantage: string) => ({
  ...advertised(vantage, []),
  stats: { ...connects(2, []).stats, attempts: 1, failed: 1, codes: { EHOSTUNREACH: 1 } },
});

ruleTest(rule, {
  pass: [
    {
      name: 'advertised to clients elsewhere, and something is there',
      cluster: {
        membership: list(a, ['10.0.0.2:2380', '10.0.0.99:2379'], c),
        peerMatrix: matrix({}, { advertised: [nowhere('h3'), advertised('h1', [1, 1])] }),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering() }),
    },
    {
      name: 'an address of the members’ network, seen from outside of it',
      cluster: {
        membership: list(a, ['10.0.0.2:2380', '10.0.0.99:2379'], c),
        peerMatrix: matrix({}, { advertised: [nowhere('laptop')] }),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering() }),
    },
    {
      name: 'a dead member does not answer at its address either',
      cluster: {
        membership: list(a, ['10.0.0.2:2380', '10.0.0.99:2379'], c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }, { advertised: [nowhere('h1')] }),
        leaderView: leaderView(),
      },
      member: { ...everyone({ reachability: answering() }), m2: { reachability: answering('refused') } },
    },
    {
      name: 'a translated address, over which its peers reach it',
      cluster: {
        membership: list(a, ['192.0.2.9:2380', '10.0.0.2:2379'], c),
        peerMatrix: matrix(),
        leaderView: leaderView(),
        config: config({}, { 2: { 'listen-peer-urls': 'http://10.0.0.2:2380' } }),
      },
      member: everyone({ reachability: answering() }),
    },
    {
      name: 'a relay that its own flags name, and a cut link',
      cluster: {
        membership: list(a, ['192.0.2.9:2380', '10.0.0.2:2379'], c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }),
        leaderView: leaderView(),
        config: config(
          {},
          {
            2: {
              'listen-peer-urls': 'http://10.0.0.2:2380',
              'initial-advertise-peer-urls': 'http://192.0.2.9:2380',
            },
          },
        ),
      },
      member: everyone({ reachability: answering() }),
    },
    { name: 'addresses of their own', cluster: { membership: list(a, b, c) } },
    {
      name: 'a whole cluster on loopback',
      cluster: {
        membership: list(
          ['127.0.0.1:2380', '127.0.0.1:2379'],
          ['127.0.0.1:12380', '127.0.0.1:12379'],
          ['localhost:22380', 'localhost:22379'],
        ),
      },
    },
    {
      name: 'a single member on localhost',
      members: [{ name: 'm1' }],
      cluster: { membership: list(['localhost:2380', 'localhost:2379']) },
    },
    {
      name: 'the process is gone, not its URL wrong',
      cluster: {
        membership: list(a, b, c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }, { tcp: [refusing] }),
        leaderView: leaderView(),
      },
      member: {
        m1: { reachability: answering() },
        m2: { reachability: answering('refused') },
        m3: { reachability: answering() },
      },
    },
  ],
  fail: [
    {
      name: 'nobody has the address it advertises to clients',
      cluster: {
        membership: list(a, ['10.0.0.2:2380', '10.0.0.99:2379'], c),
        peerMatrix: matrix({}, { advertised: [nowhere('h1'), nowhere('h3')] }),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering() }),
      message: 'nobody',
      severity: 'warning',
      role: 'cause',
      subjects: ['m2'],
    },
    {
      name: 'nothing listens on the peer URL of a member that answers',
      cluster: {
        membership: list(a, b, c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }, { tcp: [refusing] }),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering(), log: log({ 'conn-refused': said(8) }) }),
      message: 'refused',
      severity: 'high',
      role: 'cause',
      subjects: ['m2'],
    },
    {
      name: 'client URL 0.0.0.0',
      cluster: { membership: list(a, ['10.0.0.2:2380', '0.0.0.0:2379'], c) },
      message: 'wrong',
      severity: 'warning',
      role: 'cause',
      subjects: ['m2'],
    },
    {
      name: 'peer URL on localhost among others, and cut off',
      cluster: {
        membership: list(a, ['localhost:2380', '10.0.0.2:2379'], c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }),
        leaderView: leaderView(),
      },
      member: everyone({ reachability: answering() }),
      message: 'wrong',
      severity: 'high',
      role: 'cause',
      subjects: ['m2'],
    },
    {
      name: 'the list has an address where the member does not listen',
      cluster: {
        membership: list(a, ['10.0.0.99:2380', '10.0.0.2:2379'], c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }),
        leaderView: leaderView(),
        config: config({}, { 2: { 'listen-peer-urls': 'http://10.0.0.2:2380' } }),
      },
      member: everyone({ reachability: answering() }),
      message: 'elsewhere',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'the same, with tokens in place of the addresses',
      cluster: {
        membership: list(a, ['ip4-private-0a1b2c-00000000aa:2380', '10.0.0.2:2379'], c),
        peerMatrix: matrix({ '1>2': dead, '3>2': dead }),
        leaderView: leaderView(),
        config: config({}, { 2: { 'listen-peer-urls': 'http://ip4-private-0a1b2c-00000000bb:2380' } }),
      },
      member: everyone({ reachability: answering() }),
      message: 'elsewhere',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'the same peer URL twice',
      cluster: { membership: list(a, a, c) },
      message: 'wrong',
      subjects: ['m1', 'm2', 'm1', 'm2'],
    },
  ],
  inconclusive: [{ name: 'no member list' }],
});
