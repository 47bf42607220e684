import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'reconfig-rejected',
  title: 'Membership change refused by a safety check',
  category: 'lifecycle',
  role: 'symptom',
  scope: 'member',
  why: 'etcd refuses to add or remove members when the change could cost the quorum; the refusal is right, the reason must go.',
  needs: ['log'],
  wants: ['quorum', 'membership', 'versions'],
  explains: [],
  messages: {
    now: '{subject} refused {count} membership changes in the window: {kinds}.',
    past: '{subject} refused {count} membership changes before the window: {kinds}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See which members are missing or not connected',
      tag: 'read-only',
      command: 'etcdctl endpoint health --cluster',
    },
    {
      text: 'Bring missing members back, or remove the dead one first; wait some seconds after a start, then try again',
      tag: 'restarts',
    },
  ],
  doNot: ['switch --strict-reconfig-check off: it protects the quorum'],
  owner: 'operator',
  alternatives: [
    { rule: 'quorum-lost', why: 'No leader would be known, and changes would time out instead of being refused.' },
    { rule: 'dead-member-in-list', why: 'It names the member that stands in the way.' },
  ],
  wouldDisprove: ['a membership change that was accepted since'],
  nextEvidence: [
    {
      what: 'member list and status of all members at the time of the attempt',
      command: 'etcdctl member list -w table',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const kinds = [
      ['reject-add-unhealthy', 'add, not all members are healthy'],
      ['reject-add-quorum', 'add, too few members have started'],
      ['reject-remove-quorum', 'remove, too few members have started'],
      ['reject-remove-active', 'remove, not connected to enough peers'],
    ] as const;
    const seen = kinds.flatMap(([id, text]) => {
      const lines = linesOf(ctx.need.log, [id]);
      return lines === undefined || lines.total === 0 ? [] : [{ text, ...lines }];
    });
    const inWindow = seen.reduce((sum, lines) => sum + lines.inWindow, 0);
    const total = seen.reduce((sum, lines) => sum + lines.total, 0);
    const missing = ctx.want.quorum?.unreachable.length;
    return [
      {
        message: inWindow > 0 ? 'now' : 'past',
        data: { count: inWindow > 0 ? inWindow : total, kinds: seen.map(({ text }) => text).join('; ') },
        severity: inWindow > 0 ? 'warning' : 'info',
        when: inWindow > 0 ? 'now' : 'past',
        evidence: [
          necessary(total > 0, 'The log says that a change was rejected', {
            observed: `${inWindow} lines in the window, ${total} in all`,
            limit: '0',
            sources: seen.flatMap(({ sources }) => sources),
          }),
          supporting(missing === undefined ? undefined : missing > 0 || undefined, 'Members are missing', {
            observed: String(missing ?? '?'),
            from: ['quorum'],
          }),
        ],
      },
    ];
  },
});
