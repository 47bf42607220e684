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
import { isolationsOf } from '../evidence/isolations.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';
import { noWay } from '../evidence/no-way.js';
import { aliveMembers, isCut, type LinkState, linkBetween, linkStates } from '../evidence/peer-links.js';
import { any, every } from '../evidence/tri.js';
import { peerConnects } from '../evidence/ways.js';
import { spareOf } from '../evidence/voters.js';

/** Members that `id` still has a path to over links that are not cut, itself included. */
const sideOf = (id: string, alive: readonly string[], states: readonly LinkState[]): readonly string[] => {
  const side = new Set([id]);
  for (const at of side)
    for (const other of alive)
      if (!side.has(other) && linkBetween(states, at, other) !== undefined && !isCut(states, at, other))
        side.add(other);
  return [...side];
};

export default defineRule({
  id: 'member-partitioned',
  title: 'A member is cut off from its peers',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'A member without its peers serves no writes and no linearizable reads, and the cluster has lost its reserve while it looks alive to its clients.',
  needs: ['peerMatrix', 'reachability', 'quorum'],
  wants: ['leaderView', 'leaderState', 'log', 'membership', 'sockets', 'netConfig'],
  explains: [
    'quorum-lost',
    'leader-flapping',
    'read-index-slow',
    'slow-follower-lag',
    'proposals-pending-pileup',
    'stalled-leader-lease-revocation',
    'dead-member-in-list',
  ],
  messages: {
    cut: '{subject} answers its clients and knows no leader: the links between it and its peers carry nothing.',
    split: 'The members answer their clients and hear nothing of each other: no side has a majority.',
    link: '{subject} do not reach each other in either direction; the cluster works only as long as the leader reaches both.',
    past: '{subject} had no leader for {seconds} s until {at} and campaigned in vain, while the others went on: it was cut off from them.',
    gone: '{subject} answers neither the collector nor its peers, and nothing refuses the connection: its packets are lost, or its host is down.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Test the peer port between the members’ hosts, in both directions',
      tag: 'read-only',
      command: 'curl -m 5 -so /dev/null -w "%{http_code} %{time_connect}\\n" <peer url>/version',
    },
    { text: 'Take the member out of the clients’ endpoint lists while it is cut off', tag: 'brief-interruption' },
    {
      text: 'Restore the path (interface, route, firewall, overlay); the member catches up by itself',
      tag: 'brief-interruption',
    },
  ],
  doNot: [
    'remove or add members while the network is split: the majority needed grows or the wrong side is lost',
    'restart with --force-new-cluster: two clusters would live on with different data',
    'wipe the data of the member: it is sound',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'peer-port-blocked-asymmetric', why: 'One direction would still work.' },
    { rule: 'dead-member-in-list', why: 'The process would be gone: connections would be refused.' },
    { rule: 'vm-pause-or-steal', why: 'The member would accept connections and not answer the collector either.' },
    { rule: 'tls-untrusted-ca-or-client-cert', why: 'The logs would name certificates instead of time-outs.' },
    { rule: 'dns-failure', why: 'The logs would name lookups.' },
  ],
  wouldDisprove: ['a TCP connect to the peer port that succeeds from the other members’ hosts, at the same time'],
  nextEvidence: [
    { what: 'the log of the member that is cut off', command: 'sudo etcd-collect   # on the member’s node' },
  ],
  thresholds: ['campaigns-in-vain'],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no peers');
    // Who was removed has no peers to be cut off from.
    const strangers = ctx.want.membership?.strangers ?? [];
    const ids = ctx.members.map((member) => member.id).filter((id) => !strangers.includes(id));
    const dialled = (a: string, b: string): boolean | undefined =>
      peerConnects(ctx.need.peerMatrix.tcp, ctx.members, a, b);
    const logs = ctx.each('log');
    const { quorum } = ctx.need;
    const states = linkStates(ctx.need.peerMatrix, logs, ctx.want.leaderView, ctx.window.to);
    const reach = ctx.each('reachability');
    const alive = aliveMembers(ids, reach);
    if (alive.length === 0) return inconclusive('no member answered');
    const claims: Claim[] = [];
    const lost = alive.filter((id) => {
      const hasLeader = ctx.each('leaderState').get(id)?.hasLeader?.last;
      return (
        quorum.withoutLeader.includes(id) || hasLeader === 0 || ctx.want.leaderView?.dissenting.includes(id) === true
      );
    });
    const cut = lost.filter((id) => {
      const side = sideOf(id, alive, states);
      return (
        side.length < quorum.needed &&
        alive.some((peer) => peer !== id && isCut(states, id, peer) && dialled(id, peer) !== true)
      );
    });
    // Without a spare voter the next failure stops all writes: the same measure as for a dead member.
    const bare = quorum.hasQuorum === false || (quorum.hasQuorum === true && spareOf(quorum) <= 0);
    if (cut.length > 0) {
      const around = [...cut, ...alive.filter((id) => !cut.includes(id))].map((id) => logs.get(id));
      const other = dialErrors(around, ['tls', 'identity', 'refused', 'dns']);
      const prober = cut.map((id) => linesOf(logs.get(id), ['prober-unhealthy']));
      const campaigns = cut.map((id) => linesOf(logs.get(id), ['raft-pre-candidate', 'raft-new-election'])?.inWindow);
      const split = cut.length > 1 && alive.every((id) => cut.includes(id));
      const hasQuorum = quorum.hasQuorum;
      claims.push({
        message: split ? 'split' : 'cut',
        severity: hasQuorum === false ? 'critical' : 'high',
        urgent: bare,
        subjects: cut,
        evidence: [
          necessary(true, 'The member answers the collector', {
            observed: cut.map((id) => `${ctx.nameOf(id)}: ${reach.get(id)?.kind ?? 'unknown'}`).join(', '),
            ...(cut[0] === undefined ? {} : { about: cut[0] }),
            from: ['reachability'],
          }),
          necessary(true, 'Its peers answer the collector too, and neither side reaches the other', {
            observed: states
              .filter((state) => alive.includes(state.from) && alive.includes(state.to))
              .filter((state) => cut.includes(state.from) || cut.includes(state.to))
              .slice(0, 4)
              .map((state) => `${ctx.nameOf(state.from)} to ${ctx.nameOf(state.to)}: ${state.observed}`)
              .join('; '),
            from: ['peerMatrix'],
          }),
          necessary(true, 'It knows no leader, or another one than the rest', {
            observed: quorum.reasons.slice(0, 2).join(', '),
            from: ['leaderView', 'quorum'],
          }),
          necessary(
            other === undefined ? undefined : other.inWindow === 0,
            'Nothing in the logs blames certificates, identities, names or refused connections',
            {
              observed: other === undefined ? 'no log covers the window' : `${other.inWindow} such lines in the window`,
              from: ['log'],
            },
          ),
          ...noWay({ ...ctx, sockets: ctx.each('sockets'), netConfigs: ctx.each('netConfig') }, cut),
          supporting(
            any(prober.map((lines) => (lines === undefined ? undefined : lines.inWindow > 0))),
            'It logs that its probes of the peers fail',
            {
              sources: prober.flatMap((lines) => lines?.sources ?? []).slice(0, 2),
            },
          ),
          supporting(
            any(campaigns.map((count) => (count === undefined ? undefined : count > 0))),
            'It campaigns in vain',
          ),
          ...(hasQuorum === true
            ? [supporting(true, 'The rest goes on without it', { observed: quorum.reasons.join(', ') })]
            : []),
        ],
      });
    }
    const pairs = alive.flatMap((a, i) => alive.slice(i + 1).map((b) => [a, b] as const));
    for (const [a, b] of pairs.filter(
      ([a, b]) => isCut(states, a, b) && !cut.includes(a) && !cut.includes(b) && dialled(a, b) !== true,
    )) {
      const other = dialErrors([logs.get(a), logs.get(b)], ['tls', 'identity', 'refused', 'dns']);
      const both = [linkBetween(states, a, b), linkBetween(states, b, a)].flatMap((state) => state ?? []);
      claims.push({
        message: 'link',
        severity: 'warning',
        subjects: [a, b],
        evidence: [
          necessary(
            every([...both.map((state) => state.fails), both.length === 2 ? true : undefined]),
            'Probes fail in both directions between members that both answer the collector',
            {
              observed: both
                .map((state) => `${ctx.nameOf(state.from)} to ${ctx.nameOf(state.to)}: ${state.observed}`)
                .join('; '),
              from: ['peerMatrix'],
            },
          ),
          necessary(
            other === undefined ? undefined : other.inWindow === 0,
            'Nothing in the logs blames certificates, identities, names or refused connections',
            {
              observed: other === undefined ? 'no log covers the window' : `${other.inWindow} such lines in the window`,
              from: ['log'],
            },
          ),
        ],
      });
    }
    const gone = ids.filter(
      (id) =>
        reach.get(id)?.kind === 'unreachable' &&
        (reach.get(id)?.reasons['name-not-resolved'] ?? 0) === 0 &&
        alive.some((peer) => linkBetween(states, peer, id)?.fails === true),
    );
    for (const id of gone) {
      const refused = dialErrors(
        alive.map((peer) => logs.get(peer)),
        ['refused', 'dns', 'tls', 'identity'],
      );
      const named = alive.some(
        (peer) => (valuesOf(logs.get(peer), 'prober-unhealthy', 'remote-peer-id').get(id) ?? 0) > 0,
      );
      claims.push({
        message: 'gone',
        severity: quorum.hasQuorum === false ? 'critical' : 'high',
        urgent: bare,
        subjects: [id],
        evidence: [
          necessary(true, 'Connections from the collector are lost without an answer', {
            observed: Object.entries(reach.get(id)?.reasons ?? {})
              .map(([reason, count]) => `${reason} ${count}`)
              .join(', '),
            about: id,
            from: ['reachability'],
          }),
          necessary(true, 'Its peers cannot reach it either', { from: ['peerMatrix'] }),
          necessary(
            refused === undefined ? undefined : refused.inWindow === 0,
            'No peer was refused, as a host without the process would do',
            {
              observed: refused === undefined ? 'no log covers the window' : `${refused.inWindow} lines in the window`,
              from: ['log'],
            },
          ),
          ...(named ? [supporting(true, 'The peers log that their probes of it fail')] : []),
          contradicting(true, 'A host that is down looks the same from here', {
            answer: 'either way the way to the host is the first thing to look at',
          }),
        ],
      });
    }
    for (const id of ids.filter((each) => !claims.some((claim) => claim.subjects?.includes(each)))) {
      const over = isolationsOf(id, logs, ctx.limit('campaigns-in-vain'), ctx.window.from).at(-1);
      if (over === undefined) continue;
      claims.push({
        message: 'past',
        data: { seconds: Math.round((over.to - over.from) / 1000), at: new Date(over.to).toISOString() },
        severity: 'warning',
        when: 'past',
        subjects: [id],
        evidence: [
          necessary(true, 'It campaigned again and again without a vote, and was not restarted meanwhile', {
            observed: `${over.campaigns} campaigns in ${Math.round((over.to - over.from) / 1000)} s`,
            threshold: 'campaigns-in-vain',
            about: id,
            from: ['log'],
          }),
          necessary(over.othersLed, 'Another member had a leader most of that time', { from: ['log'] }),
          necessary(over.linksBroke, 'Links between it and its peers broke at that time', { from: ['log'] }),
          necessary(!over.otherwiseBlamed, 'No log blames certificates, identities or names at that time', {
            from: ['log'],
          }),
        ],
      });
    }
    if (claims.length === 0 && states.every((state) => state.fails === undefined))
      return inconclusive('no member’s metrics or log tell how its links do');
    return claims;
  },
});
