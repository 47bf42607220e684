import { defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { linesOf } from '../evidence/log-lines.js';
import { stackText, stacksOf } from '../evidence/loss.js';
import { aliveMembers, pairKey, pairOf } from '../evidence/peer-links.js';
import { ms } from '../evidence/tri.js';
import { connectsBetween } from '../evidence/ways.js';

const rateText = (bytes: number, seconds: number): string => `${Math.round(bytes / seconds / 1024)} KiB/s`;

export default defineRule({
  id: 'peer-bandwidth-saturated',
  title: 'The path to a member carries less than the leader has to send',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'What does not fit waits in a queue: every message to the member is late by the length of that queue, and the member falls behind until it needs a snapshot, which does not fit either.',
  needs: ['peerMatrix', 'reachability', 'leaderView'],
  wants: ['log', 'network', 'raftLag', 'walFsync', 'cgroup', 'processSched', 'hostPressure', 'sockets'],
  explains: [
    'peer-rtt-high',
    'slow-follower-lag',
    'follower-snapshot-loop',
    'learner-stuck',
    'read-index-slow',
    'proposals-pending-pileup',
  ],
  messages: {
    full: '{subject} gets {got} from the leader, another member {fed}, and round trips to it take {rtt}: the path to it is full.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Compare what the interfaces carry with what they can, on both hosts and on what is between them',
      tag: 'read-only',
      command: 'sar -n DEV 5 3; ethtool <interface> | grep Speed; tc -s qdisc show dev <interface>',
    },
    {
      text: 'Find what else uses the path: backups, image pulls, storage replication; and shaping by the provider or a CNI',
      tag: 'read-only',
    },
    { text: 'Write less: large values, hot controllers, events', tag: 'brief-interruption' },
    { text: 'Give peers a network of their own, or the path more bandwidth', tag: 'restarts' },
  ],
  doNot: [
    'restart or replace the member: it would ask for a snapshot, the largest message of all',
    'raise the timers: the queue stays as long',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'peer-rtt-high', why: 'A long way delays everything and still carries all of it.' },
    { rule: 'peer-packet-loss', why: 'The kernels would send much again.' },
    { rule: 'mtu-blackhole', why: 'Small packets would pass at once, and next to nothing large.' },
    { rule: 'disk-slow-device', why: 'The member would be late with its syncs, and its kernel would connect fast.' },
  ],
  wouldDisprove: ['a transfer between the two hosts that is much faster than what the member gets'],
  nextEvidence: [
    { what: 'how much the path carries', command: 'iperf3 -c <address of the peer> -t 5   # at a quiet time' },
    { what: 'counters of the interfaces of both hosts', command: 'sudo etcd-collect   # on both nodes' },
  ],
  thresholds: [
    'bandwidth-starved-share',
    'mtu-starved-share',
    'bandwidth-fed-bytes',
    'rtt-connect-ms',
    'loss-retransmit-share',
  ],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no peers');
    const ids = ctx.members.map((member) => member.id);
    const { leader } = ctx.need.leaderView;
    if (leader === null) return inconclusive('no leader is known, and it is the leader that sends entries');
    const { links, tcp } = ctx.need.peerMatrix;
    const got = (id: string): number | null =>
      links.find((link) => link.from === id && link.to === leader)?.receivedBytes?.delta ?? null;
    const others = aliveMembers(ids, ctx.each('reachability')).filter((id) => id !== leader);
    if (others.every((id) => got(id) === null))
      return inconclusive('no member’s metrics tell what it got from the leader');
    const fed = Math.max(0, ...others.map((id) => got(id) ?? 0));
    if (fed < ctx.limit('bandwidth-fed-bytes')) return [];
    const starved = others.filter((id) => {
      const own = got(id);
      return (
        own !== null && own < fed * ctx.limit('bandwidth-starved-share') && own >= fed * ctx.limit('mtu-starved-share')
      );
    });
    const connects = connectsBetween(tcp, ctx.members);
    const fastest = connectsBetween(tcp, ctx.members, 'minMs');
    const matrix = ctx.need.peerMatrix.members;
    const seconds = (ctx.window.to - ctx.window.from) / 1000;
    const hostOf = (id: string): string | undefined => ctx.members.find((member) => member.id === id)?.host;
    const stacks = stacksOf(ctx.each('network'), hostOf, ids, {
      share: ctx.limit('loss-retransmit-share'),
      retransmitted: 0,
      timeouts: 0,
    });
    return starved.map((id) => {
      const key = pairKey(pairOf(id, leader));
      const connect = connects.get(key);
      const probes = links.flatMap((link) =>
        pairKey(pairOf(link.from, link.to)) === key && link.rtt?.window?.meanMs != null && link.rtt.window.meanMs > 0
          ? [link.rtt.window.meanMs]
          : [],
      );
      const probe = probes.length === 0 ? undefined : Math.min(...probes);
      const among = matrix.find((each) => each.member === id)?.amongOthersMs ?? undefined;
      const limitMs = ctx.limit('rtt-connect-ms');
      const slow = connect ?? probe;
      // In a full queue every packet waits, so that the fastest connect tells most; on a crowded machine any other may be late.
      const quickest = fastest.get(key);
      const elsewhere = Math.max(0, ...[...fastest].flatMap(([pair, quick]) => (pair.includes(id) ? [] : [quick])));
      const share = (got(id) ?? 0) / fed;
      const withheld = cpuWithheld({
        cgroup: ctx.each('cgroup').get(id),
        processSched: ctx.each('processSched').get(id),
        hostPressure: ctx.each('hostPressure').get(id),
      });
      const sync = ctx.each('walFsync').get(id)?.window?.meanMs ?? undefined;
      const lag = ctx.want.raftLag?.members.find((each) => each.member === id);
      const lines = linesOf(ctx.each('log').get(leader), [
        'raft-drop-send',
        'snapshot-send-failed',
        'snapshot-transfer-slow',
      ]);
      const queued = ctx
        .each('sockets')
        .get(leader)
        ?.peers.find(({ peer }) => peer === id);
      const lossy = stacks.filter(
        (stack) =>
          stack.members.length === 1 &&
          (stack.members.includes(id) || stack.members.includes(leader)) &&
          (stack.scope.retransmitShare ?? 0) > ctx.limit('loss-retransmit-share'),
      );
      return {
        message: 'full',
        data: {
          got: rateText(got(id) ?? 0, seconds),
          fed: rateText(fed, seconds),
          rtt: slow === undefined ? 'an unknown time' : `${ms(slow)} ms`,
        },
        severity: (lines?.inWindow ?? 0) > 0 ? 'high' : 'warning',
        subjects: [id],
        evidence: [
          necessary(true, 'It gets much less from the leader than another member, and not nothing', {
            observed: `${Math.round(share * 100)} % of ${rateText(fed, seconds)}`,
            threshold: 'bandwidth-starved-share',
            from: ['peerMatrix', 'leaderView'],
          }),
          necessary(
            quickest !== undefined
              ? quickest > limitMs && quickest > 4 * elsewhere
              : slow === undefined
                ? undefined
                : slow > limitMs && (among === undefined || slow > 4 * among),
            connect === undefined
              ? 'Probes between it and the leader wait'
              : 'TCP connects between it and the leader wait: packets queue on the way',
            {
              observed: slow === undefined ? 'not observed' : `${ms(slow)} ms`,
              threshold: 'rtt-connect-ms',
              from: ['peerMatrix'],
            },
          ),
          // Who answers late for want of CPU or disk takes less as well; a queue on the way is seen by the kernels, which need neither.
          ...(connect === undefined
            ? [
                necessary(
                  withheld.withheld === undefined ? undefined : !withheld.withheld,
                  'The CPU is not withheld from it',
                  { observed: withheld.observed, about: id, from: ['cgroup', 'processSched', 'hostPressure'] },
                ),
              ]
            : []),
          ...((queued?.unackedBytes ?? 0) > 0 && (ctx.each('sockets').get(leader)?.rounds ?? 0) > 1
            ? [
                supporting(true, 'What the leader sends it waits in the kernel of the leader, in every round', {
                  observed: `${queued?.unackedBytes ?? 0} bytes`,
                  limit: '0',
                  about: leader,
                  from: ['sockets'],
                }),
              ]
            : []),
          supporting(sync === undefined ? undefined : sync < 16, 'Its WAL syncs are fast on average', {
            observed: sync === undefined ? 'not observed' : `${ms(sync)} ms`,
            limit: '16 ms',
            from: ['walFsync'],
          }),
          supporting(
            lag === undefined ? undefined : lag.last.entries > 0 ? true : undefined,
            'It is behind the leader',
            {
              observed: lag === undefined ? 'not observed' : `${lag.last.entries} entries`,
              from: ['raftLag'],
            },
          ),
          supporting(
            lines === undefined || lines.inWindow === 0 ? undefined : true,
            'The leader cannot get rid of what it has to send',
            { sources: lines?.sources ?? [] },
          ),
          // Loss costs a path its rate as well: TCP slows down, and most of the time nothing queues. A full queue drops too, and then every
          // packet waits in it, the fastest one as well.
          ...(lossy.length === 0 || (quickest ?? 0) > limitMs
            ? []
            : [
                necessary(false, 'The kernels of both ends send hardly anything again', {
                  observed: lossy.map((stack) => stackText(stack, ctx.nameOf)).join('; '),
                  threshold: 'loss-retransmit-share',
                  from: ['network'],
                }),
              ]),
        ],
      };
    });
  },
});
