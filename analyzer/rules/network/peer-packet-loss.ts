import type { ThresholdId } from '../../knowledge/thresholds.js';
import {
  contradicting,
  defineRule,
  type EvidenceInput,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';
import { burstyMembers, heavyFollowers, spikyPairs, stackText, stacksOf } from '../evidence/loss.js';
import { aliveMembers, blame, linkStates, type Pair, pairKey, pairOf } from '../evidence/peer-links.js';
import { peerLoss } from '../evidence/sockets.js';
import { reachesPeerPort } from '../evidence/ways.js';
import { any, every } from '../evidence/tri.js';

const unique = (pairs: readonly Pair[]): Pair[] => [...new Map(pairs.map((pair) => [pairKey(pair), pair])).values()];

/** Supporting evidence for each sign that was seen: who shows it, in words, and the limit behind it. */
const signs = (seen: readonly (readonly [readonly string[], string, ThresholdId?])[]): EvidenceInput[] =>
  seen
    .filter(([who]) => who.length > 0)
    .map(([who, text, threshold]) =>
      supporting(true, text, { observed: who.join(', '), ...(threshold === undefined ? {} : { threshold }) }),
    );

export default defineRule({
  id: 'peer-packet-loss',
  title: 'Packets are lost between members',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'Every lost segment holds back the stream behind it for a retransmission time-out of 200 ms or more: writes get slow by jerks and elections come out of nothing.',
  needs: ['peerMatrix', 'reachability'],
  wants: [
    'leaderView',
    'log',
    'network',
    'walFsync',
    'cgroup',
    'processSched',
    'hostPressure',
    'readLatency',
    'leaderChanges',
    'proposals',
    'sockets',
  ],
  explains: [
    // Retransmission timers make round trips long; a long path alone makes no kernel send again.
    'peer-rtt-high',
    // What is lost is sent again and again, at the cost of the rate.
    'peer-bandwidth-saturated',
    'peer-port-blocked-asymmetric',
    'leader-flapping',
    'member-partitioned',
    'slow-follower-lag',
    'read-index-slow',
    'proposals-pending-pileup',
    'follower-snapshot-loop',
    'stalled-leader-lease-revocation',
    'apply-backlog',
  ],
  messages: {
    loss: 'Packets between {subject} and its peers get lost: {observed}.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Look at errors and drops of the interfaces, and at retransmissions per connection, on both ends',
      tag: 'read-only',
      command: 'ip -s link; ss -tin "( sport = :2380 or dport = :2380 )"; nstat -az | grep -i retrans',
    },
    {
      text: 'When the member concerned leads, hand leadership to one with clean links',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a member with clean links>',
    },
    {
      text: 'Check conntrack tables, duplex and cabling, the overlay and bandwidth caps of the platform; give the peer port priority',
      tag: 'brief-interruption',
    },
  ],
  doNot: ['raise the election timeout as the cure: writes stay slow', 'replace the member before its link is repaired'],
  owner: 'infrastructure',
  alternatives: [
    {
      rule: 'peer-rtt-high',
      why: 'Every round trip would be long, in both directions alike, without retransmissions.',
    },
    { rule: 'crash-loop', why: 'The peer’s process would have started anew, and connections would be refused.' },
    {
      rule: 'cpu-starvation-host',
      why: 'The process would wait for a CPU, and messages would be dropped on the receiving side.',
    },
    { rule: 'proxy-or-lb-interference', why: 'Connections would be cut at a fixed interval.' },
    { rule: 'member-partitioned', why: 'Nothing would come through at all.' },
  ],
  wouldDisprove: ['retransmission counters of both hosts that stand still while round trips jump'],
  nextEvidence: [
    {
      what: 'network counters of the members’ hosts in the same window',
      command: 'sudo etcd-collect   # on each member’s node',
    },
  ],
  thresholds: [
    'loss-retransmit-share',
    'loss-retransmit-count',
    'loss-rto-count',
    'loss-rtt-spike-ms',
    'loss-spread',
    'loss-connect-ms',
    'loss-send-failures',
    'run-queue-wait-share',
    'cpu-pressure-high-percent',
  ],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no peers');
    const ids = ctx.members.map((member) => member.id);
    const logs = ctx.each('log');
    const { links, tcp } = ctx.need.peerMatrix;
    const states = linkStates(ctx.need.peerMatrix, logs, ctx.want.leaderView, ctx.window.to);
    const alive = aliveMembers(ids, ctx.each('reachability'));
    const dead = ids.filter((id) => !alive.includes(id));
    // Probes fail over a bad link as well; where a connect comes about, the link is up.
    const down = states.filter(
      (state) => state.fails === true && reachesPeerPort(tcp, ctx.members, state.from, state.to) !== true,
    );
    // What is said to a member that is gone, or over a link that is cut, is sent again too: that is no loss.
    const usable = links.filter(
      (link) =>
        alive.includes(link.from) &&
        alive.includes(link.to) &&
        !down.some((state) => [link.from, link.to].every((id) => id === state.from || id === state.to)),
    );
    const leader = ctx.want.leaderView?.leader ?? null;

    const spiky = spikyPairs(usable, ctx.limit('loss-rtt-spike-ms'), ctx.limit('loss-spread'));
    const flaky = usable
      .filter((link) => {
        const lines = linesOf(logs.get(link.from), ['prober-unhealthy']);
        return (
          (lines?.inWindow ?? 0) > 0 &&
          (valuesOf(logs.get(link.from), 'prober-unhealthy', 'remote-peer-id').get(link.to) ?? 0) > 0
        );
      })
      .map((link) => pairOf(link.from, link.to));
    const failing = usable
      .filter(
        (link) =>
          (link.sendFailures?.perSecond ?? 0) > ctx.limit('loss-send-failures') || (link.disconnects?.delta ?? 0) > 0,
      )
      .map((link) => pairOf(link.from, link.to));
    const resent = tcp.filter(
      (each) => each.stats.ms.some((value) => value >= ctx.limit('loss-connect-ms')) && each.stats.ok > 0,
    );
    const waiting = [...logs]
      .filter(([id, log]) => id !== leader && (linesOf(log, ['readindex-slow'])?.inWindow ?? 0) > 0)
      .map(([id]) => id);

    const stacks = stacksOf(ctx.each('network'), (id) => ctx.members.find((member) => member.id === id)?.host, ids, {
      share: ctx.limit('loss-retransmit-share'),
      retransmitted: ctx.limit('loss-retransmit-count'),
      timeouts: ctx.limit('loss-rto-count'),
    });
    // The counters of a stack that several members share, or of a host full of other traffic, do not say whose packets they are.
    const connections = peerLoss(ctx.each('sockets'), alive, ctx.limit('loss-retransmit-share'), ctx.nameOf);
    const up = new Set(usable.map((link) => pairKey(pairOf(link.from, link.to))));
    // What a host sends again to others, such as clients far away, is no loss between members.
    const apart = stacks.filter((stack) => stack.members.length === 1 && !stack.members.every(connections.clean));
    const lossy = apart.filter((stack) => stack.lossy === true);
    const seen = apart.filter((stack) => stack.lossy !== undefined);
    // A peer that is late with its acknowledgements makes a kernel send again too early, without a time-out: where the counters of a host
    // could tell and show none, its connections prove nothing.
    const resentPairs =
      seen.length > 0 && lossy.length === 0 ? [] : connections.pairs.filter((pair) => up.has(pairKey(pair)));
    // A host dials addresses where nobody is, and sends again what it says to them: a small share by itself names no link.
    const strong = lossy.some(({ scope }) => (scope.retransmitShare ?? 0) > ctx.limit('loss-retransmit-share'));
    // A member that led for a part of the window synced for both roles: numbers of syncs then compare nothing.
    const led = new Set((ctx.want.leaderView?.rounds ?? []).flatMap((round) => Object.values(round.leaders)));
    led.delete(null);
    const changes = [...ctx.each('leaderChanges').values()].map((each) => each.delta ?? 0);
    // A real change is seen by all; a lossy follower alone loses its leader and finds it again.
    const steady = led.size < 2 && (changes.length === 0 || changes.some((delta) => delta === 0));
    const bursty = steady ? burstyMembers(ctx.each('walFsync'), leader) : [];
    const kinds = [spiky, flaky, failing, resent, waiting, bursty, resentPairs].filter(
      (signs) => signs.length > 0,
    ).length;
    const sampled = usable.some((link) => (link.rtt?.window?.count ?? 0) > 0);
    if (lossy.length === 0 && kinds === 0 && !sampled && apart.every((stack) => stack.lossy === undefined))
      return inconclusive('neither round trips nor retransmissions were observed in the window');

    const pairs = unique([...spiky, ...flaky, ...failing, ...resentPairs]);
    const known = unique(usable.map((link) => pairOf(link.from, link.to)));
    const heavy = heavyFollowers(lossy, leader).map((id) => pairOf(id, leader ?? id));
    // A single pair blames both ends; followers that lose as much on their way to the leader tell more.
    const guess = blame(pairs.length === 1 ? unique([...pairs, ...heavy]) : pairs, known);
    // Two links that jump name the end they share, whatever the numbers of syncs say.
    const shared = pairs.length > 1 && guess.length === 1;
    const subjects =
      bursty.length > 0 && !shared
        ? bursty
        : guess.length > 0
          ? guess
          : lossy.length > 0 && lossy.length === apart.length && leader !== null
            ? [leader]
            : lossy.length > 0
              ? lossy.flatMap((stack) => stack.members)
              : waiting;
    // Where something is down, only signs on the links that are up count.
    const broken = dead.length > 0 || down.length > 0;
    // Without kernel counters a busy host could look so too: something must have failed outright.
    const hard = flaky.length + failing.length + resent.length > 0;
    const irregular = broken
      ? pairs.length > 0
      : lossy.length + resentPairs.length === 0
        ? kinds > 1 && hard
        : kinds > 0 || (lossy.length > 1 && strong) || (sampled ? false : undefined);
    const cpu = (subjects.length > 0 ? subjects : ids).map((id) =>
      cpuWithheld({
        cgroup: ctx.each('cgroup').get(id),
        processSched: ctx.each('processSched').get(id),
        hostPressure: ctx.each('hostPressure').get(id),
      }),
    );
    // Kernels acknowledge whatever the processes wait for, so that a large share is loss all the same.
    const starved =
      !strong &&
      (subjects.length > 0 ? subjects : ids).some(
        (id) =>
          (ctx.each('processSched').get(id)?.runQueueWaitShare ?? 0) >= ctx.limit('run-queue-wait-share') &&
          (ctx.each('hostPressure').get(id)?.cpu?.some.windowPercent ?? 0) >= ctx.limit('cpu-pressure-high-percent'),
      );
    const elections = any(
      subjects.map((id) =>
        ((delta) => (delta === null || delta === undefined ? undefined : delta > 0))(
          ctx.each('leaderChanges').get(id)?.delta,
        ),
      ),
    );
    const failed = [...ctx.each('proposals').values()].some((each) => (each.failed?.delta ?? 0) > 0);
    const name = (pair: Pair): string => pair.map(ctx.nameOf).join('-');
    const observed = [
      ...lossy.map((stack) => stackText(stack, ctx.nameOf)),
      ...(spiky.length > 0 ? [`round trips jump on ${spiky.map(name).join(', ')}`] : []),
      ...(flaky.length > 0 ? [`probes fail now and then on ${unique(flaky).map(name).join(', ')}`] : []),
      ...(failing.length > 0 ? [`messages fail on ${unique(failing).map(name).join(', ')}`] : []),
      ...(resent.length > 0 ? ['TCP connects took a second or more'] : []),
    ].join('; ');
    return [
      {
        message: 'loss',
        data: { observed: observed === '' ? 'no sign of it' : observed },
        severity: elections === true || failed ? 'high' : 'warning',
        subjects,
        evidence: [
          necessary(
            resentPairs.length > 0 ? true : seen.length === 0 ? undefined : lossy.length > 0,
            'The kernel sends segments of the members again, after time-outs',
            {
              observed:
                seen.length === 0
                  ? 'no counters of a member alone'
                  : seen.map((stack) => stackText(stack, ctx.nameOf)).join('; '),
              threshold: 'loss-retransmit-share',
              ...(seen[0] === undefined ? {} : { about: (lossy[0] ?? seen[0]).of }),
              from: ['network'],
            },
          ),
          necessary(
            irregular,
            'Links between members that answer are irregular: good at times, very slow or failing at others',
            {
              observed: observed === '' ? 'no sign of it' : observed,
              from: ['peerMatrix', 'leaderView'],
            },
          ),
          necessary(
            starved ? false : every(cpu.map((each) => (each.withheld === undefined ? undefined : !each.withheld))),
            'The CPU is not withheld from the members concerned',
            {
              observed: cpu[0]?.observed ?? 'not observed',
              ...(subjects[0] === undefined ? {} : { about: subjects[0] }),
              from: ['cgroup', 'processSched'],
            },
          ),
          ...(resentPairs.length > 0 ? connections.evidence : []),
          ...signs([
            [spiky.map(name), 'Round trips of one link differ by far more than a busy host explains', 'loss-spread'],
            [unique(flaky).map(name), 'Probes of a member that answers fail now and then'],
            [unique(failing).map(name), 'Messages to a member that answers fail', 'loss-send-failures'],
            [
              resent.map((each) => each.endpoint),
              'A TCP connect of the collector needed a second SYN',
              'loss-connect-ms',
            ],
            [waiting.map(ctx.nameOf), 'Members wait for the leader’s answer to reads'],
            [bursty.map(ctx.nameOf), 'Entries reach followers in bursts: they sync far less often than the leader'],
          ]),
          ...(elections === true ? [supporting(true, 'The leader changed in the window')] : []),
          ...(broken
            ? [
                contradicting(true, 'Some members or links are down, and what is sent there is sent again as well', {
                  observed: dead.map(ctx.nameOf).join(', '),
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
