import { defineRule, necessary, supporting } from '../../rule.js';
import { logged, nospaceClaims, nospaceThresholds } from '../evidence/nospace-claims.js';

export default defineRule({
  id: 'quota-nospace-fragmentation',
  title: 'Free pages use up the quota',
  category: 'quota',
  role: 'cause',
  scope: 'cluster',
  why: 'The quota counts the file with its free pages: writes are refused although the data are small, until the file is rewritten.',
  needs: ['storage'],
  wants: ['alarms', 'log', 'history'],
  explains: ['liveness-probe-kill-loop'],
  messages: {
    full: 'Writes are refused: NOSPACE is armed, and {worst} is full: {observed}; the rest are free pages.',
    near: '{worst} is about to reach its quota ({observed}), mostly with free pages.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Check that each file system has room for a second copy of the database',
      tag: 'read-only',
      command: 'df -h <data dir>',
    },
    {
      text: 'Defragment the members concerned, one at a time, the leader last',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<one member> defrag',
    },
    {
      text: 'When every member’s file is below the quota, disarm the alarm',
      tag: 'brief-interruption',
      command: 'etcdctl endpoint status --cluster -w table && etcdctl alarm disarm',
    },
  ],
  doNot: [
    'compact and wait: the file does not shrink by itself',
    'defragment all members at once',
    'disarm the alarm first',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'quota-nospace-no-compaction', why: 'Most of the file would be in use.' },
    { rule: 'quota-alarm-stale', why: 'All files would be well below the quota.' },
  ],
  wouldDisprove: ['a size in use close to the size of the file on the member that raised the alarm'],
  nextEvidence: [],
  thresholds: nospaceThresholds,
  evaluate: (ctx) =>
    nospaceClaims(ctx, ['fragmentation'], (worst, judged) => {
      const others = judged.observed.filter((member) => !judged.full.includes(member));
      const logs = ctx.each('log');
      return [
        necessary(true, 'Less than half of the file is in use', {
          observed:
            (worst.storage.freeShare ?? 0) > ctx.limit('quota-free-share')
              ? `${Math.round((worst.storage.freeShare ?? 0) * 100)} % free pages`
              : `${worst.storage.keys?.last ?? 0} keys and ${worst.storage.compactGap ?? 0} old revisions cannot fill what is counted as in use`,
          threshold: 'quota-free-share',
          from: ['storage'],
          about: worst.id,
        }),
        ...(others.length === 0
          ? []
          : [
              supporting(true, 'Other members with the same data are far from the quota', {
                observed: others.map((member) => ctx.nameOf(member.id)).join(', '),
                from: ['storage'],
                about: others[0]?.id ?? worst.id,
              }),
            ]),
        ...(logged(logs, 'compaction-finished') > 0
          ? [supporting(true, 'A compaction is on record', { from: ['log'], about: worst.id })]
          : []),
      ];
    }),
});
