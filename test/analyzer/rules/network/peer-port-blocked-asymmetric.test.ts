import rule from '../../../../analyzer/rules/network/peer-port-blocked-asymmetric.js';
import { counter, gauge, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { sockets } from '../../../support/surroundings.js';
import { answering, connects, everyone, leaderView, matrix, quorum, said, scope } from './links.js';

const dead = { rtt: 'failed' as const, received: 0 };
const alive = everyone({ reachability: answering(), log: log() });

ruleTest(rule, {
  pass: [
    { name: 'all links work', cluster: { peerMatrix: matrix(), leaderView: leaderView() }, member: alive },
    {
      name: 'both directions fail: cut off',
      cluster: {
        peerMatrix: matrix({ '1>2': dead, '2>1': dead, '2>3': dead, '3>2': dead }),
        leaderView: leaderView([2]),
      },
      member: alive,
    },
    {
      name: 'probes one way get lost, and a connect that way comes about with its second SYN',
      cluster: {
        peerMatrix: matrix({ '2>3': dead }, { tcp: [connects(3, [1021, 4, 3], 'h2')] }),
        leaderView: leaderView(),
        quorum: quorum(),
      },
      member: alive,
      host: { h3: { network: { scopes: [scope('host', 800, 0.08, 90)] } } },
    },
    {
      name: 'probes get lost, and data come over connections that it dialled there',
      cluster: { peerMatrix: matrix({ '2>3': dead }), leaderView: leaderView(), quorum: quorum() },
      member: { ...alive, m2: { ...alive.m2, sockets: sockets(2) } },
    },
    {
      name: 'the peer is dead',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), leaderView: leaderView() },
      member: {
        m1: { reachability: answering() },
        m2: { reachability: answering('refused') },
        m3: { reachability: answering() },
      },
    },
    {
      name: 'one side refuses the other’s certificate',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), leaderView: leaderView() },
      member: everyone({ reachability: answering(), log: log({ 'x509-san': said(9) }) }),
    },
    {
      name: 'a wrong URL: refused, not filtered',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), leaderView: leaderView() },
      member: everyone({ reachability: answering(), log: log({ 'conn-refused': said(9) }) }),
    },
  ],
  fail: [
    {
      name: 'the port takes connections, and what is behind it never answers',
      cluster: {
        peerMatrix: matrix({ '2>3': dead }, { tcp: [connects(3, [2, 4, 3], 'h2')] }),
        leaderView: leaderView(),
        quorum: quorum(),
      },
      member: alive,
      host: { h3: { network: { scopes: [scope('host', 8, 0.0001, 0)] } } },
      message: 'link',
      severity: 'warning',
    },
    {
      name: 'connects in the failing direction fail as well',
      cluster: {
        peerMatrix: matrix(
          { '2>3': dead },
          {
            tcp: [connects(3, [], 'h2')].map((each) => ({ ...each, stats: { ...each.stats, attempts: 3, failed: 3 } })),
          },
        ),
        leaderView: leaderView(),
        quorum: quorum(),
      },
      member: alive,
      message: 'link',
      severity: 'warning',
    },
    {
      name: 'm2 is refused by ports that answer m3 and m1: a firewall on its way out',
      cluster: { peerMatrix: matrix({ '2>1': dead, '2>3': dead }), leaderView: leaderView() },
      member: {
        ...everyone({ reachability: answering(), log: log() }),
        m2: { reachability: answering(), log: log({ 'conn-refused': said(9) }) },
      },
      message: 'outbound',
      subjects: ['m2'],
    },
    {
      name: 'nobody can dial m2',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), leaderView: leaderView(), quorum: quorum() },
      member: {
        ...alive,
        m2: {
          reachability: answering(),
          log: log({ 'readindex-slow': said(20) }),
          proposals: { pending: gauge(1, 1), failed: counter(4), committed: null, applied: null, gap: null },
        },
      },
      message: 'inbound',
      severity: 'high',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'm2 can dial nobody',
      cluster: { peerMatrix: matrix({ '2>1': dead, '2>3': dead }), leaderView: leaderView([2]), quorum: quorum([2]) },
      member: alive,
      message: 'outbound',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'one direction of one link, without harm so far',
      cluster: { peerMatrix: matrix({ '2>3': { rtt: 'failed' } }), leaderView: leaderView(), quorum: quorum() },
      member: alive,
      message: 'link',
      severity: 'warning',
      subjects: ['m2', 'm3'],
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
  notApplicable: [
    {
      name: 'a single member',
      members: [{ name: 'm1' }],
      cluster: { peerMatrix: matrix({}, { size: 1 }) },
      member: { m1: { reachability: answering() } },
    },
  ],
});
