import { defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { stackText, stacksOf } from '../evidence/loss.js';
import { aliveMembers, linkBetween, linkStates } from '../evidence/peer-links.js';
import { unacked } from '../evidence/sockets.js';
import { any, every } from '../evidence/tri.js';

export default defineRule({
  id: 'mtu-blackhole',
  title: 'Large packets between members vanish, small ones pass',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'Connections open and probes are answered, so the link looks sound, but no batch of entries and no snapshot gets through: the member falls behind for good.',
  needs: ['peerMatrix', 'reachability', 'leaderView'],
  wants: ['log', 'network', 'quorum', 'sockets', 'netConfig'],
  explains: [
    'peer-packet-loss',
    'peer-port-blocked-asymmetric',
    'member-partitioned',
    'leader-flapping',
    'slow-follower-lag',
    'follower-snapshot-loop',
    'learner-stuck',
    'read-index-slow',
    'proposals-pending-pileup',
    'stalled-leader-lease-revocation',
  ],
  messages: {
    hole: 'Small packets between {subject} and the leader pass, its raft messages do not: {observed}.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Send packets that may not be split, of growing size, between the hosts of both members, and note where they stop',
      tag: 'read-only',
      command: 'ping -M do -c 3 -s 1372 <address of the peer>; ping -M do -c 3 -s 1472 <address of the peer>',
    },
    {
      text: 'Compare the MTU of the interfaces and of the overlay or tunnel between them; let ICMP "fragmentation needed" pass',
      tag: 'read-only',
      command: 'ip -d link; ip route get <address of the peer>',
    },
    {
      text: 'Lower the inner MTU to what the path carries, or clamp the segment size; as a stopgap turn on net.ipv4.tcp_mtu_probing on both hosts',
      tag: 'brief-interruption',
    },
  ],
  doNot: [
    'replace the member: a new one behind the same path starves the same way',
    'restart it again and again: each start asks for what does not get through',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'peer-packet-loss', why: 'Small packets would be lost as well, and entries would arrive late but arrive.' },
    { rule: 'member-partitioned', why: 'Nothing would pass: TCP connects to the peer port would time out too.' },
    { rule: 'cpu-starvation-host', why: 'The kernel would have nothing to send again.' },
  ],
  wouldDisprove: ['a ping of 1472 bytes that may not be split and is answered, between the hosts of both members'],
  nextEvidence: [
    {
      what: 'network counters and connects from the host of the member and of the leader',
      command: 'sudo etcd-collect   # on both nodes',
    },
    { what: 'the largest packet that passes', command: 'tracepath -n <address of the peer>' },
  ],
  thresholds: ['mtu-starved-share', 'mtu-fed-bytes', 'loss-rto-count', 'loss-connect-ms'],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no peers');
    const ids = ctx.members.map((member) => member.id);
    const { leader } = ctx.need.leaderView;
    if (leader === null) return inconclusive('no leader is known, and it is the leader that sends large packets');
    const { links, tcp } = ctx.need.peerMatrix;
    const logs = ctx.each('log');
    const alive = aliveMembers(ids, ctx.each('reachability'));
    const from = (id: string): number | null =>
      links.find((link) => link.from === id && link.to === leader)?.receivedBytes?.delta ?? null;
    const others = alive.filter((id) => id !== leader);
    const fed = Math.max(0, ...others.map((id) => from(id) ?? 0));
    // A leader that sends nobody anything large says nothing about large packets.
    const sent = Math.max(
      fed,
      ...links.filter((link) => link.from === leader).map((link) => link.sentBytes?.delta ?? 0),
    );
    if (others.every((id) => from(id) === null))
      return inconclusive('no member’s metrics tell what it got from the leader');
    if (fed < ctx.limit('mtu-fed-bytes') || sent < ctx.limit('mtu-fed-bytes')) return [];
    const starved = others.filter((id) => {
      const got = from(id);
      return got !== null && got < fed * ctx.limit('mtu-starved-share');
    });
    if (starved.length === 0) return [];

    const states = linkStates(ctx.need.peerMatrix, logs, ctx.need.leaderView, ctx.window.to);
    const hostOf = (id: string): string | undefined => ctx.members.find((member) => member.id === id)?.host;
    const stacks = stacksOf(ctx.each('network'), hostOf, ids, {
      share: 0,
      retransmitted: 0,
      timeouts: ctx.limit('loss-rto-count'),
    });
    const connectsOf = (host: string, to: string) =>
      tcp.filter((each) => each.vantage === host && each.member === to && each.role === 'peer');
    const triedBetween = (id: string) => {
      const own = hostOf(id);
      const atLeader = hostOf(leader);
      // Nothing between two members of one host narrows a path.
      if (own !== undefined && own === atLeader) return [];
      return [
        ...(own === undefined ? [] : connectsOf(own, leader)),
        ...(atLeader === undefined ? [] : connectsOf(atLeader, id)),
      ].filter((each) => each.stats.attempts > 0);
    };
    // A member starves for many reasons; what makes it this one is that small packets pass.
    const tested = starved.filter((id) => triedBetween(id).length > 0);
    if (tested.length === 0)
      return inconclusive(
        'a member gets next to nothing from the leader, and nobody tried a connection between their hosts',
      );
    return tested.map((id) => {
      const tried = triedBetween(id);
      const connects = tried.every(
        (each) => each.stats.failed === 0 && Math.max(0, ...each.stats.ms) < ctx.limit('loss-connect-ms'),
      );
      const probe = linkBetween(states, id, leader);
      const apart = stacks.filter((stack) => stack.members.length === 1 && stack.scope.timeouts !== null);
      const ends = apart.filter((stack) => stack.members.includes(id) || stack.members.includes(leader));
      const late = ends.map((stack) => (stack.scope.timeouts ?? 0) >= ctx.limit('loss-rto-count'));
      const dropped = linesOf(logs.get(leader), ['raft-drop-send', 'snapshot-send-failed', 'stream-lost'])?.inWindow;
      // Where members share a stack, their connections still tell them apart.
      const waits = any([unacked(ctx.each('sockets'), id, leader), unacked(ctx.each('sockets'), leader, id)]);
      const mtus = [
        [id, leader],
        [leader, id],
      ].flatMap(([here, there]) => {
        const config = ctx.each('netConfig').get(hostOf(here ?? '') ?? '');
        const mtu = config?.routes.find((route) => route.memberId === there)?.mtu;
        return mtu === undefined ? [] : [{ here: here ?? '', mtu }];
      });
      const leaderless = ctx.want.quorum?.withoutLeader.includes(id) === true;
      const observed = `${from(id) ?? 0} B received from the leader, ${fed} B by another member`;
      return {
        message: 'hole',
        data: { observed },
        severity: 'high',
        subjects: [id],
        evidence: [
          necessary(true, 'The member gets next to nothing from the leader, while another member gets its share', {
            observed,
            threshold: 'mtu-starved-share',
            from: ['peerMatrix', 'leaderView'],
          }),
          necessary(connects, 'TCP connects between the hosts of both succeed at once: small packets pass both ways', {
            observed: tried.map((each) => `${each.endpoint}: ${each.stats.ok} of ${each.stats.attempts}`).join(', '),
            threshold: 'loss-connect-ms',
            from: ['peerMatrix'],
          }),
          necessary(
            ends.length === 0 ? (waits === true ? true : undefined) : late.every(Boolean),
            'The kernels of both ends wait in vain for acknowledgements',
            {
              observed:
                ends.length === 0
                  ? 'no counters of these members alone'
                  : ends.map((stack) => stackText(stack, ctx.nameOf)).join('; '),
              threshold: 'loss-rto-count',
              from: ['network'],
            },
          ),
          supporting(
            every([probe?.works, probe?.fails === undefined ? undefined : !probe.fails]),
            'Its probes of the leader are answered',
          ),
          supporting(
            dropped === undefined ? undefined : dropped > 0,
            'The leader cannot get rid of what it has to send',
            {
              sources:
                linesOf(logs.get(leader), ['raft-drop-send', 'snapshot-send-failed', 'stream-lost'])?.sources ?? [],
            },
          ),
          ...(new Set(mtus.map(({ mtu }) => mtu)).size > 1
            ? [
                supporting(true, 'Their hosts reckon with different MTUs on the way to each other', {
                  observed: mtus.map(({ here, mtu }) => `${ctx.nameOf(here)} ${mtu}`).join(', '),
                  limit: 'equal',
                  from: ['netConfig'],
                }),
              ]
            : []),
          ...(leaderless ? [supporting(true, 'It knows no leader')] : []),
        ],
      };
    });
  },
});
