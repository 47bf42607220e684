import { defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { valuesOf } from '../evidence/log-lines.js';

/** Answers of a follower: only a leader receives them, and one of a higher term deposes it (raft Step). */
const ANSWERS = ['MsgAppResp', 'MsgHeartbeatResp'];

export default defineRule({
  id: 'prevote-disabled-disruption',
  title: 'A rejoining member deposes a healthy leader',
  category: 'config',
  role: 'cause',
  scope: 'cluster',
  why: 'Without the pre-vote a member that was cut off counts up its term alone, and the leader has to step down when it comes back.',
  needs: ['config', 'log'],
  wants: ['leaderChanges', 'leaderView'],
  explains: ['leader-flapping'],
  messages: {
    now: 'In the window a leader stepped down because {subject} came back with a higher term; pre-vote is off.',
    past: 'Before the window a leader stepped down because {subject} came back with a higher term; pre-vote is off.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Find out why the member loses its peers: that is the cause of its campaigns', tag: 'read-only' },
    {
      text: 'Set --pre-vote=true on all members (the default from 3.5 on), one restart after the other',
      tag: 'restarts',
      command: '--pre-vote=true',
    },
  ],
  doNot: ['raise the election timeout to hide it'],
  owner: 'operator',
  alternatives: [
    { rule: 'leader-flapping', why: 'Nobody would have rejoined.' },
    { rule: 'member-partitioned', why: 'The member would still be cut off.' },
  ],
  wouldDisprove: ['a start-up line with pre-vote true on the member that rejoined'],
  nextEvidence: [
    { what: 'logs of all members around the leader change', command: 'sudo etcd-collect   # on each member’s node' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member elects itself');
    const { members, known } = ctx.need.config;
    const off = known.filter((id) => members[id]?.['pre-vote']?.value === 'false');
    const logs = [...ctx.each('log')];
    if (logs.length === 0 || known.length === 0) return inconclusive('no log or no settings of a member were read');
    const deposed = logs.flatMap(([id, log]) => {
      const types = valuesOf(log, 'raft-higher-term', 'type');
      const hit = ANSWERS.some((type) => (types.get(type) ?? 0) > 0);
      const from = [...valuesOf(log, 'raft-higher-term', 'from').keys()].filter((peer) => off.includes(peer));
      return hit && from.length > 0 ? [{ id, from, inWindow: log.count('raft-higher-term')?.inWindow ?? 0 }] : [];
    });
    const changes = Math.max(0, ...[...ctx.each('leaderChanges').values()].map((each) => each.delta ?? 0));
    const now = changes > 0 && deposed.some((each) => each.inWindow > 0);
    return [
      {
        message: now ? 'now' : 'past',
        severity: now ? 'warning' : 'info',
        role: now ? 'cause' : 'notice',
        when: now ? 'now' : 'past',
        subjects: [...new Set(deposed.flatMap((each) => each.from))],
        evidence: [
          necessary(off.length > 0, 'Pre-vote is off', {
            observed: off.map((id) => `${ctx.nameOf(id)}: ${members[id]?.['pre-vote']?.origin ?? ''}`).join(', '),
            from: ['config'],
          }),
          necessary(deposed.length > 0, 'A leader got an answer with a higher term than its own', {
            observed: deposed
              .map((each) => `${ctx.nameOf(each.id)} from ${each.from.map(ctx.nameOf).join(', ')}`)
              .join('; '),
          }),
          ...(now ? [supporting(true, 'The leader changed in the window', { observed: String(changes) })] : []),
        ],
      },
    ];
  },
});
