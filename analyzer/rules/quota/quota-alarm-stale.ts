import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { logged, nospaceThresholds, readNospace } from '../evidence/nospace-claims.js';
import { quotaText } from '../evidence/nospace.js';

export default defineRule({
  id: 'quota-alarm-stale',
  title: 'The NOSPACE alarm is still armed although there is space',
  category: 'quota',
  role: 'cause',
  scope: 'cluster',
  why: 'An alarm never clears by itself: all writes stay refused until someone disarms it.',
  needs: ['alarms'],
  wants: ['storage', 'log'],
  explains: ['liveness-probe-kill-loop'],
  messages: {
    stale:
      'Writes are refused by a NOSPACE alarm although every file is well below its quota (fullest: {worst}, {observed}).',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'Look at every member’s size once more',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w table',
    },
    { text: 'Disarm the alarm, once', tag: 'brief-interruption', command: 'etcdctl alarm disarm' },
    {
      text: 'See that writes are accepted and the alarm stays away',
      tag: 'read-only',
      command: 'etcdctl alarm list; etcdctl endpoint health --cluster',
    },
  ],
  doNot: ['restart the members: the alarm is stored', 'restore a backup'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'quota-nospace-fragmentation',
      why: 'At least one file would still be at its quota, and the alarm would come back at once.',
    },
    { rule: 'quota-nospace-no-compaction', why: 'The files would be at the quota, with most pages in use.' },
  ],
  wouldDisprove: ['a member, perhaps one not reached, whose file is at its quota'],
  nextEvidence: [
    { what: 'sizes of the members that were not reached', command: 'etcdctl endpoint status --cluster -w table' },
  ],
  thresholds: nospaceThresholds,
  evaluate: (ctx) => {
    const judged = readNospace({ ...ctx, want: { ...ctx.want, alarms: ctx.need.alarms } });
    if (judged.armed === undefined) return inconclusive('neither the alarm list nor a Status was read');
    if (!judged.armed) return [];
    const worst = judged.observed[0];
    if (worst === undefined) return inconclusive('NOSPACE is armed, but no database size was read');
    const logs = ctx.each('log');
    const all = ctx.members.every((member) => judged.observed.some((seen) => seen.id === member.id));
    const cleared = logged(logs, 'defrag-finished');
    return [
      {
        message: 'stale',
        data: { worst: ctx.nameOf(worst.id), observed: quotaText(worst) },
        severity: 'high',
        subjects:
          judged.alarmed.filter((id) => ctx.members.some((member) => member.id === id)).length > 0
            ? judged.alarmed.filter((id) => ctx.members.some((member) => member.id === id))
            : ['cluster'],
        evidence: [
          necessary(true, 'The NOSPACE alarm', { observed: 'armed', limit: 'not armed', from: ['alarms'] }),
          necessary(judged.full.length === 0, 'The fullest observed file is below its quota', {
            observed: quotaText(worst),
            threshold: 'quota-full-share',
            from: ['storage'],
            about: worst.id,
          }),
          necessary(all ? true : undefined, 'The sizes of all members are known', {
            observed: `${judged.observed.length} of ${ctx.members.length}`,
          }),
          ...(cleared > 0
            ? [
                supporting(true, 'A defragmentation is on record', {
                  observed: `${cleared} lines`,
                  from: ['log'],
                  about: worst.id,
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
