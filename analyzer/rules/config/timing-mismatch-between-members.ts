import { defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

const most = (values: readonly string[]): string | undefined => {
  const count = new Map<string, number>();
  for (const value of values) count.set(value, (count.get(value) ?? 0) + 1);
  const ranked = [...count].sort((a, b) => b[1] - a[1]);
  return ranked[1] !== undefined && ranked[0]?.[1] === ranked[1][1] ? undefined : ranked[0]?.[0];
};

export default defineRule({
  id: 'timing-mismatch-between-members',
  title: 'Members run with different heartbeat or election timers',
  category: 'config',
  role: 'cause',
  scope: 'cluster',
  why: 'A leader with a long heartbeat interval starves followers with a short election timeout: which member leads decides whether the cluster is stable.',
  needs: ['config'],
  wants: ['leaderChanges', 'log', 'leaderView'],
  explains: ['leader-flapping'],
  messages: {
    unstable:
      '{subject} runs with other timers than the rest ({values}): under one of the leaders possible, others campaign at the first late heartbeat.',
    differs: '{subject} runs with other timers than the rest ({values}).',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the flags, environment and configuration files of all members',
      tag: 'read-only',
      command: 'etcd-collect   # on each member’s node',
    },
    {
      text: 'Give all members the same heartbeat interval and election timeout, one restart after the other',
      tag: 'restarts',
      command: '--heartbeat-interval=100 --election-timeout=1000',
    },
  ],
  doNot: ['move leadership to the member with the longest heartbeat interval'],
  owner: 'operator',
  alternatives: [{ rule: 'heartbeat-election-mistuned', why: 'All members would agree on timers that do not fit.' }],
  wouldDisprove: ['equal values in the start-up lines of all members'],
  nextEvidence: [
    { what: 'flags in force on the members not seen', command: 'sudo etcd-collect   # on each member’s node' },
  ],
  thresholds: ['timing-heartbeat-factor'],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has nobody to differ from');
    const { timing, known } = ctx.need.config;
    const seen = known.flatMap((id) => (timing[id] === undefined ? [] : [{ id, ...timing[id] }]));
    if (seen.length < 2)
      return inconclusive(
        `the timers of ${seen.length} of ${ctx.members.length} members are known: nothing to compare`,
      );
    const keyOf = (each: (typeof seen)[number]): string => `${each.heartbeatMs}/${each.electionMs}`;
    const usual = most(seen.map(keyOf));
    const odd = usual === undefined ? seen : seen.filter((each) => keyOf(each) !== usual);
    const differ = new Set(seen.map(keyOf)).size > 1;
    const factor = ctx.limit('timing-heartbeat-factor');
    const clash = seen.flatMap((leader) =>
      seen
        .filter((other) => other.id !== leader.id && other.electionMs <= leader.heartbeatMs * factor)
        .map((other) => ({ leader, other })),
    )[0];
    const changes = Math.max(0, ...[...ctx.each('leaderChanges').values()].map((each) => each.delta ?? 0));
    const hasty = seen.filter((each) => each.electionMs === Math.min(...seen.map((one) => one.electionMs)));
    const campaigns = hasty.reduce(
      (sum, each) => sum + (linesOf(ctx.each('log').get(each.id), ['raft-new-election'])?.inWindow ?? 0),
      0,
    );
    const unrest = changes > 0 && campaigns > 0;
    const unstable = clash !== undefined || unrest;
    return [
      {
        message: unstable ? 'unstable' : 'differs',
        data: { values: seen.map((each) => `${ctx.nameOf(each.id)} ${keyOf(each)} ms`).join(', ') },
        severity: unrest ? 'high' : 'warning',
        role: unstable ? 'cause' : 'risk',
        subjects: odd.map((each) => each.id),
        evidence: [
          necessary(differ, 'Heartbeat interval and election timeout differ between members', {
            observed: seen.map((each) => `${ctx.nameOf(each.id)}: ${keyOf(each)} ms (${each.origin})`).join(', '),
            limit: 'equal on all members',
            from: ['config'],
          }),
          ...(clash === undefined
            ? []
            : [
                supporting(true, 'If the one leads, the other campaigns after at most two missed heartbeats', {
                  observed: `${ctx.nameOf(clash.leader.id)} beats every ${clash.leader.heartbeatMs} ms, ${ctx.nameOf(clash.other.id)} waits ${clash.other.electionMs} ms`,
                  threshold: 'timing-heartbeat-factor',
                }),
              ]),
          ...(unrest
            ? [
                supporting(
                  true,
                  'The members with the shortest timeout campaigned in the window, and the leader changed',
                  { observed: `${campaigns} campaigns, ${changes} changes` },
                ),
              ]
            : []),
        ],
      },
    ];
  },
});
