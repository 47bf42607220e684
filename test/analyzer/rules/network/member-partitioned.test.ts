import rule from '../../../../analyzer/rules/network/member-partitioned.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { answering, everyone, leaderView, matrix, quorum, said, saidAt } from './links.js';

const dead = { rtt: 'failed' as const, received: 0 };
const m2Cut = { '1>2': dead, '2>1': dead, '2>3': dead, '3>2': dead };
const prober = (...peers: number[]): ReturnType<typeof log> =>
  log({ 'prober-unhealthy': said(8, { 'remote-peer-id': peers.map(memberId) }), 'raft-new-election': said(5) });
const healed = { peerMatrix: matrix(), quorum: quorum(), leaderView: leaderView() };
/** Without a leader from a minute before the window to 45 s before it, with so many campaigns. */
const isolated = (campaigns: number, more: Parameters<typeof log>[0] = {}): ReturnType<typeof log> =>
  log({
    'raft-lost-leader': saidAt([-60]),
    'raft-new-election': saidAt(Array.from({ length: campaigns }, (_, i) => -60 + i)),
    'raft-elected': saidAt([-300, -45]),
    'stream-lost': saidAt([-35], { 'remote-peer-id': [memberId(1)] }),
    ...more,
  });
const healedWith = (m2: ReturnType<typeof log>, m3: ReturnType<typeof log>) => ({
  m1: { reachability: answering(), log: log() },
  m2: { reachability: answering(), log: m2 },
  m3: { reachability: answering(), log: m3 },
});
const alive = everyone({ reachability: answering(), log: log() });

ruleTest(rule, {
  pass: [
    {
      name: 'all links work',
      cluster: { peerMatrix: matrix(), quorum: quorum(), leaderView: leaderView() },
      member: alive,
    },
    {
      name: 'a rolling restart before the window left warnings behind',
      cluster: { peerMatrix: matrix(), quorum: quorum(), leaderView: leaderView() },
      member: everyone({
        reachability: answering(),
        log: log({
          'prober-unhealthy': said(0, { 'remote-peer-id': [memberId(2)] }, 12),
          'conn-refused': said(0, {}, 20),
        }),
      }),
    },
    {
      name: 'one direction still works: blocked, not cut',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), quorum: quorum([2]), leaderView: leaderView([2]) },
      member: alive,
    },
    {
      name: 'certificates keep the peers apart',
      cluster: { peerMatrix: matrix(m2Cut), quorum: quorum([2]), leaderView: leaderView([2]) },
      member: everyone({ reachability: answering(), log: log({ 'x509-expired': said(12) }) }),
    },
    {
      name: 'two of three are dead: the survivor is not cut off, there is nobody',
      cluster: {
        peerMatrix: matrix({ '1>2': dead, '1>3': dead }),
        quorum: quorum([1], [2, 3]),
        leaderView: leaderView([1]),
      },
      member: {
        m1: { reachability: answering(), log: log({ 'conn-refused': said(20) }) },
        m2: { reachability: answering('refused') },
        m3: { reachability: answering('refused') },
      },
    },
    {
      name: 'a paused member accepts connections and answers nobody',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), quorum: quorum([], [2]), leaderView: leaderView() },
      member: {
        m1: { reachability: answering(), log: prober(2) },
        m2: { reachability: answering('hung') },
        m3: { reachability: answering(), log: prober(2) },
      },
    },
    {
      name: 'an election of two attempts long ago',
      cluster: healed,
      member: healedWith(isolated(2), log()),
    },
    {
      name: 'nobody had a leader: an outage of all, not of one',
      cluster: healed,
      member: { ...everyone({ reachability: answering(), log: isolated(9) }) },
    },
    {
      name: 'campaigns in vain while certificates were refused',
      cluster: healed,
      member: healedWith(isolated(9, { 'x509-expired': saidAt([-55]) }), log()),
    },
    {
      name: 'a starved member campaigns while its links hold',
      cluster: healed,
      member: healedWith(isolated(9, { 'stream-lost': saidAt([]) }), log()),
    },
  ],
  fail: [
    {
      name: 'a follower that was cut off before the window, and is back',
      cluster: healed,
      member: healedWith(isolated(9), log()),
      message: 'past',
      severity: 'warning',
      when: 'past',
      subjects: ['m2'],
    },
    {
      name: 'a follower without its peers',
      cluster: { peerMatrix: matrix(m2Cut), quorum: quorum([2]), leaderView: leaderView([2]) },
      member: {
        m1: { reachability: answering(), log: prober(2) },
        m2: { reachability: answering(), log: prober(1, 3) },
        m3: { reachability: answering(), log: prober(2) },
      },
      message: 'cut',
      severity: 'high',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'the same without any log',
      cluster: { peerMatrix: matrix(m2Cut), quorum: quorum([2]), leaderView: leaderView([2]) },
      member: everyone({ reachability: answering() }),
      message: 'cut',
      confidence: 'medium',
      subjects: ['m2'],
    },
    {
      name: 'every member alone',
      cluster: {
        peerMatrix: matrix({ ...m2Cut, '1>3': dead, '3>1': dead }),
        quorum: quorum([1, 2, 3]),
        leaderView: leaderView([1, 2, 3]),
      },
      member: alive,
      message: 'split',
      severity: 'critical',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'two followers do not reach each other',
      cluster: {
        peerMatrix: matrix({ '2>3': { rtt: 'failed' }, '3>2': { rtt: 'failed' } }),
        quorum: quorum(),
        leaderView: leaderView(),
      },
      member: alive,
      message: 'link',
      severity: 'warning',
      subjects: ['m2', 'm3'],
    },
    {
      name: 'packets to a member vanish for all',
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }), quorum: quorum([], [2]), leaderView: leaderView() },
      member: {
        m1: { reachability: answering(), log: prober(2) },
        m2: { reachability: answering('unreachable') },
        m3: { reachability: answering(), log: prober(2) },
      },
      message: 'gone',
      severity: 'high',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    {
      name: 'nobody answered',
      cluster: { peerMatrix: matrix(), quorum: quorum() },
      member: everyone({ reachability: answering('refused') }),
    },
  ],
  notApplicable: [
    {
      name: 'a single member',
      members: [{ name: 'm1' }],
      cluster: { peerMatrix: matrix({}, { size: 1 }), quorum: quorum() },
      member: { m1: { reachability: answering() } },
    },
  ],
});
