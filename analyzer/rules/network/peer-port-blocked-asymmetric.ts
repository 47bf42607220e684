import {
  type Claim,
  contradicting,
  defineRule,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { dialErrors } from '../evidence/dial-errors.js';
import { linesOf } from '../evidence/log-lines.js';
import { stacksOf } from '../evidence/loss.js';
import { aliveMembers, linkBetween, linkStates } from '../evidence/peer-links.js';
import { receivedOverCalls } from '../evidence/sockets.js';
import { reachesPeerPort } from '../evidence/ways.js';

export default defineRule({
  id: 'peer-port-blocked-asymmetric',
  title: 'Connections between members work in one direction only',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'Raft messages travel over connections that each side dials itself: with one direction closed they get lost or take detours, and proposals through that member fail.',
  needs: ['peerMatrix', 'reachability'],
  wants: ['leaderView', 'quorum', 'leaderState', 'log', 'proposals', 'slowOperations', 'network', 'sockets'],
  explains: [
    'leader-flapping',
    'read-index-slow',
    'slow-follower-lag',
    'proposals-pending-pileup',
    'learner-stuck',
    'quorum-lost',
    'follower-snapshot-loop',
  ],
  messages: {
    inbound:
      'Peers cannot open connections to {subject}, while {subject} reaches them: its peer port is closed for incoming connections.',
    outbound:
      '{subject} cannot open connections to its peers, while they reach it: its outgoing connections are dropped.',
    link: 'Between {subject} connections can be opened in one direction only: {observed}.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Try the peer port in both directions, from the host of each member',
      tag: 'read-only',
      command: 'curl -m 5 -so /dev/null -w "%{http_code} %{time_connect}\\n" <peer url>/version',
    },
    {
      text: 'Compare firewall, security group and network policy for the peer port on both ends; look for source NAT and a second interface',
      tag: 'read-only',
      command: 'nft list ruleset; ip route get <address of the peer>',
    },
    { text: 'Open the peer port both ways between all members', tag: 'brief-interruption' },
  ],
  doNot: ['remove the member: it is sound and would be locked out the same way when added again'],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'member-partitioned', why: 'Both directions would fail.' },
    { rule: 'advertise-url-misconfigured', why: 'The connection would be refused, or go to a wrong address.' },
    { rule: 'tls-untrusted-ca-or-client-cert', why: 'The logs would name certificates.' },
  ],
  wouldDisprove: [
    'a TCP connect in the failing direction, from the one member’s host to the other’s peer port, that succeeds',
  ],
  nextEvidence: [{ what: 'the firewall’s rules and counters on both hosts', command: 'nft list ruleset' }],
  thresholds: ['loss-retransmit-share', 'loss-retransmit-count', 'loss-rto-count'],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no peers');
    const logs = ctx.each('log');
    const states = linkStates(ctx.need.peerMatrix, logs, ctx.want.leaderView, ctx.window.to);
    const alive = aliveMembers(
      ctx.members.map((member) => member.id),
      ctx.each('reachability'),
    );
    if (states.every((state) => state.fails === undefined))
      return inconclusive('no member’s metrics or log tell how its links do');
    const open = ({ from, to }: { readonly from: string; readonly to: string }): boolean | undefined =>
      reachesPeerPort(ctx.need.peerMatrix.tcp, ctx.members, from, to);
    const stacks = stacksOf(
      ctx.each('network'),
      (id) => ctx.members.find((member) => member.id === id)?.host,
      ctx.members.map(({ id }) => id),
      {
        share: ctx.limit('loss-retransmit-share'),
        retransmitted: ctx.limit('loss-retransmit-count'),
        timeouts: ctx.limit('loss-rto-count'),
      },
    );
    const loses = (id: string): boolean => stacks.some(({ lossy, members }) => lossy === true && members.includes(id));
    const oneWay = states.filter((state) => {
      const back = linkBetween(states, state.to, state.from);
      return (
        state.fails === true &&
        back?.works === true &&
        alive.includes(state.from) &&
        alive.includes(state.to) &&
        // Probes fail over a link that loses packets as well; a connect that comes about shows that nothing closes the way.
        !(open(state) === true && (loses(state.from) || loses(state.to))) &&
        // Data came over connections that it dialled there and that lived through the window.
        (receivedOverCalls(ctx.each('sockets'), state.from, state.to) ?? 0) === 0
      );
    });
    if (oneWay.length === 0) return [];
    const to = [...new Set(oneWay.map((state) => state.to))];
    const from = [...new Set(oneWay.map((state) => state.from))];
    const single = oneWay.length === 1 && alive.length > 2;
    const inbound = !single && to.length <= from.length;
    const subjects = single ? [...from, ...to] : inbound ? to : from;
    const dialling = from.map((id) => logs.get(id));
    // Who refuses one member and answers another listens: something on the way refuses in its name.
    const listening = oneWay.every(({ from: own, to: peer }) =>
      states.some((state) => state.to === peer && state.from !== own && state.works),
    );
    const other = dialErrors(dialling, listening ? ['tls', 'identity', 'dns'] : ['tls', 'identity', 'refused', 'dns']);
    const refused = listening ? dialErrors(dialling, ['refused']) : undefined;
    const timeouts = dialErrors(dialling, ['timeout']);
    const silent = oneWay.filter(
      (state) => state.silent === true || linkBetween(states, state.to, state.from)?.silent === true,
    );
    const failed = subjects.filter((id) => (ctx.each('proposals').get(id)?.failed?.delta ?? 0) > 0);
    const leaderless = subjects.filter(
      (id) =>
        ctx.want.quorum?.withoutLeader.includes(id) === true || ctx.each('leaderState').get(id)?.hasLeader?.last === 0,
    );
    const waiting = subjects.filter((id) => (linesOf(logs.get(id), ['readindex-slow'])?.inWindow ?? 0) > 0);
    const harmed = silent.length > 0 || failed.length > 0 || leaderless.length > 0 || waiting.length > 0;
    const observed = oneWay
      .slice(0, 6)
      .map((state) => `${ctx.nameOf(state.from)} to ${ctx.nameOf(state.to)} fails, back works`)
      .join('; ');
    const claim: Claim = {
      message: single ? 'link' : inbound ? 'inbound' : 'outbound',
      data: { observed },
      severity: harmed ? 'high' : 'warning',
      subjects,
      evidence: [
        necessary(
          true,
          'Probes fail in one direction and are answered in the other, between members that both answer the collector',
          {
            observed,
            from: ['peerMatrix'],
          },
        ),
        necessary(
          other === undefined ? undefined : other.inWindow === 0,
          listening
            ? 'The failures are no certificates, identities or names, and the port answers other members'
            : 'The failures are no refusals, certificates, identities or names',
          {
            observed: other === undefined ? 'no log covers the window' : `${other.inWindow} such lines in the window`,
            from: ['log'],
          },
        ),
        ...(oneWay.some((state) => open(state) === true)
          ? [
              contradicting(true, 'TCP connects from the one host to the other’s peer port come about', {
                from: ['peerMatrix'],
                answer: 'something takes the connections, and what is behind it never answers',
              }),
            ]
          : []),
        ...(!oneWay.some((state) => open(state) === false)
          ? []
          : [
              supporting(true, 'TCP connects from the one host to the other’s peer port fail as well', {
                observed: oneWay
                  .filter((state) => open(state) === false)
                  .map((state) => `${ctx.nameOf(state.from)} to ${ctx.nameOf(state.to)}`)
                  .join(', '),
                from: ['peerMatrix'],
              }),
            ]),
        ...(timeouts !== undefined && timeouts.inWindow > 0
          ? [supporting(true, 'Dials run into time-outs', { observed: `${timeouts.inWindow} lines in the window` })]
          : []),
        ...(refused !== undefined && refused.inWindow > 0
          ? [
              supporting(true, 'Dials are refused, though the same port answers other members: a firewall says no', {
                observed: `${refused.inWindow} lines in the window`,
              }),
            ]
          : []),
        ...(silent.length > 0
          ? [
              supporting(true, 'Raft messages of one side no longer arrive', {
                observed: silent
                  .map((state) => `${ctx.nameOf(state.from)}: ${state.observed}`)
                  .slice(0, 3)
                  .join('; '),
              }),
            ]
          : []),
        ...(failed.length > 0
          ? [supporting(true, 'Proposals through it fail', { observed: failed.map(ctx.nameOf).join(', ') })]
          : []),
        ...(leaderless.length > 0
          ? [supporting(true, 'It knows no leader', { observed: leaderless.map(ctx.nameOf).join(', ') })]
          : []),
        ...(waiting.length > 0
          ? [
              supporting(true, 'It waits for the leader’s answer to reads', {
                observed: waiting.map(ctx.nameOf).join(', '),
              }),
            ]
          : []),
      ],
    };
    return [claim];
  },
});
