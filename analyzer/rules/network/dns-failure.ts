import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';
import { linkStates } from '../evidence/peer-links.js';

export default defineRule({
  id: 'dns-failure',
  title: 'Host names of members do not resolve',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'A member that cannot resolve its peers’ names cannot dial them, and one that starts without names does not start at all.',
  needs: ['reachability'],
  wants: ['log', 'peerMatrix', 'leaderView', 'quorum', 'netConfig'],
  explains: [
    'member-partitioned',
    'crash-loop',
    'quorum-lost',
    'leader-flapping',
    'initial-cluster-mismatch',
    'slow-follower-lag',
    'tls-san-mismatch',
  ],
  messages: {
    inside: '{subject} cannot resolve {hosts}, and links to peers are down.',
    vantage: 'The address of {subject} does not resolve from where the collector ran.',
    past: '{subject} could not resolve {hosts} before the window; now it can, or does not need to.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Resolve every advertised name on every member’s host, with the resolver that etcd uses',
      tag: 'read-only',
      command: 'getent hosts <name in the peer url>; cat /etc/resolv.conf',
    },
    {
      text: 'Repair the resolver or the records; for pods, publish addresses that are not ready too',
      tag: 'brief-interruption',
    },
    {
      text: 'Give the peers fixed addresses or host entries, so that etcd does not hang on a name service that hangs on etcd',
      tag: 'restarts',
    },
  ],
  doNot: ['remove the members whose names do not resolve: their data are sound'],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'member-partitioned', why: 'Names would resolve, and the packets get lost.' },
    { rule: 'tls-san-mismatch', why: 'Names would resolve, and the certificate not cover them.' },
  ],
  wouldDisprove: ['the same names resolving on the member’s host at the time of the lines'],
  nextEvidence: [{ what: 'answers of the resolver on the member’s host', command: 'getent hosts <name>' }],
  thresholds: [],
  evaluate: (ctx) => {
    const logs = ctx.each('log');
    const reach = ctx.each('reachability');
    const states =
      ctx.want.peerMatrix === undefined
        ? []
        : linkStates(ctx.want.peerMatrix, logs, ctx.want.leaderView, ctx.window.to);
    const claims: Claim[] = [];
    const inside = [...logs].flatMap(([id, log]) => {
      const lines = linesOf(log, ['no-such-host', 'resolve-failed', 'peerurls-no-match']);
      if (lines === undefined || lines.total === 0) return [];
      const hosts = [
        ...valuesOf(log, 'no-such-host', 'host').keys(),
        ...valuesOf(log, 'resolve-failed', 'host').keys(),
      ];
      return [{ id, lines, hosts: [...new Set(hosts)].slice(0, 4) }];
    });
    for (const { id, lines, hosts } of inside) {
      const down = states.filter((state) => state.from === id && state.fails === true);
      const known = states.some((state) => state.from === id && state.fails !== undefined);
      const dead = reach.get(id)?.answered === false;
      const harmed =
        dead || ctx.want.quorum?.withoutLeader.includes(id) === true ? true : known ? down.length > 0 : undefined;
      const now = lines.inWindow > 0 && harmed !== false;
      const { resolver } = ctx.each('netConfig').get(ctx.members.find((member) => member.id === id)?.host ?? '') ?? {};
      claims.push({
        message: now ? 'inside' : 'past',
        data: { hosts: hosts.length === 0 ? 'a name' : hosts.join(', ') },
        severity: now ? 'high' : 'info',
        role: now ? 'cause' : 'notice',
        when: now ? 'now' : 'past',
        subjects: [id],
        evidence: [
          necessary(true, 'Lookups fail', {
            observed: `${lines.inWindow} lines in the window, ${lines.before} before`,
            sources: lines.sources.slice(0, 3),
          }),
          ...(now
            ? [
                necessary(harmed, 'Links of that member are down, or it does not run', {
                  observed:
                    down.map((state) => `to ${ctx.nameOf(state.to)}: ${state.observed}`).join('; ') || 'not observed',
                }),
              ]
            : []),
          ...(now && resolver?.nameservers.length === 0
            ? [
                supporting(true, 'No name server is set on its host', {
                  observed: '/etc/resolv.conf without nameserver',
                  from: ['netConfig'],
                }),
              ]
            : []),
          ...(now && lines.inWindow > 5 ? [supporting(true, 'It goes on through the window')] : []),
        ],
      });
    }
    for (const [id, seen] of reach) {
      const failed = seen.reasons['name-not-resolved'] ?? 0;
      if (failed === 0 || seen.answered === true) continue;
      claims.push({
        message: 'vantage',
        severity: 'warning',
        basis: 'inferred',
        subjects: [id],
        evidence: [
          necessary(true, 'Its name did not resolve where the collector ran', {
            observed: `${failed} reads`,
            about: id,
            from: ['reachability'],
          }),
          necessary(inside.length > 0 ? true : undefined, 'Members cannot resolve names either', {
            observed:
              inside.length > 0 ? inside.map((each) => ctx.nameOf(each.id)).join(', ') : 'no such line, or no log',
          }),
        ],
      });
    }
    if (claims.length === 0 && logs.size === 0 && [...reach.values()].every((each) => each.answered !== true))
      return inconclusive('no log was read and no member was reached by name');
    return claims;
  },
});
