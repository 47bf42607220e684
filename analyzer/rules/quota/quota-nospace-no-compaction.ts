import { defineRule, necessary, supporting } from '../../rule.js';
import { logged, nospaceClaims, nospaceThresholds } from '../evidence/nospace-claims.js';

export default defineRule({
  id: 'quota-nospace-no-compaction',
  title: 'The quota is used up by history that was never compacted',
  category: 'quota',
  role: 'cause',
  scope: 'cluster',
  why: 'With the NOSPACE alarm armed the whole cluster refuses writes, and old revisions are what fills the space.',
  needs: ['storage'],
  wants: ['alarms', 'log', 'config', 'history'],
  explains: ['liveness-probe-kill-loop'],
  messages: {
    full: 'Writes are refused: NOSPACE is armed, and {worst} is full: {observed}, most of it old revisions.',
    near: '{worst} is about to reach its quota ({observed}), most of it old revisions; then all writes are refused.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Keep a copy of the data',
      tag: 'read-only',
      command: 'etcdctl --endpoints=<one member> snapshot save backup.db',
    },
    {
      text: 'Note the current revision',
      tag: 'read-only',
      command: "etcdctl endpoint status -w json | jq '.[0].Status.header.revision'",
    },
    {
      text: 'Compact to a recent revision',
      tag: 'brief-interruption',
      command: 'etcdctl compact <revision minus 1000>',
    },
    {
      text: 'Defragment each member, one at a time, the leader last',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<one member> defrag',
    },
    {
      text: 'When every member’s file is below the quota, disarm the alarm',
      tag: 'brief-interruption',
      command: 'etcdctl endpoint status --cluster -w table && etcdctl alarm disarm',
    },
    {
      text: 'Turn on auto-compaction, or repair the compaction of the API server',
      tag: 'restarts',
      command: 'etcd --auto-compaction-mode=periodic --auto-compaction-retention=1h',
    },
  ],
  doNot: [
    'disarm the alarm before space is free: it is raised again with the next write',
    'only raise the quota: the history goes on growing',
    'defragment before compacting: nothing would be freed',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'quota-nospace-live-data', why: 'Live keys would be most of the stored revisions.' },
    { rule: 'quota-nospace-fragmentation', why: 'Less than half of the file would be in use.' },
    { rule: 'quota-alarm-stale', why: 'All files would be well below the quota.' },
    { rule: 'disk-full-enospc', why: 'The process would end with an error of the operating system, without an alarm.' },
  ],
  wouldDisprove: [
    'a compaction to the current revision that frees little',
    'a small distance between current and compacted revision',
  ],
  nextEvidence: [
    { what: 'when history was compacted last, and by whom', command: 'grep "scheduled compaction" <etcd log>' },
  ],
  thresholds: nospaceThresholds,
  evaluate: (ctx) =>
    nospaceClaims(ctx, ['history', 'unknown'], (worst) => {
      const { compactGap, currentRevision, keys, compactedInWindow } = worst.storage;
      const logs = ctx.each('log');
      const retention = ctx.want.config?.members[worst.id]?.['auto-compaction-retention'];
      return [
        necessary(worst.liveShare === null ? undefined : true, 'Most of the stored revisions are superseded', {
          observed:
            worst.liveShare === null
              ? 'revisions and keys not observed'
              : `${keys?.last ?? '?'} live keys, ${compactGap ?? currentRevision ?? '?'} revisions since the last compaction`,
          threshold: 'quota-live-share',
          from: ['storage'],
          about: worst.id,
        }),
        ...(compactedInWindow === null
          ? []
          : [
              supporting(!compactedInWindow, 'Nothing was compacted in the window', {
                from: ['storage'],
                about: worst.id,
              }),
            ]),
        ...(retention === undefined
          ? []
          : [
              supporting(/^0?$|^0[hms]/.test(retention.value), 'Auto-compaction is off', {
                observed: `--auto-compaction-retention=${retention.value} (${retention.origin})`,
                from: ['config'],
              }),
            ]),
        ...(logs.size === 0
          ? []
          : [
              supporting(logged(logs, 'compaction-finished') === 0, 'No log names a finished compaction', {
                from: ['log'],
                about: worst.id,
              }),
            ]),
        ...(logged(logs, 'quota-raise-alarm') + logged(logs, 'alarm-raised') > 0
          ? [supporting(true, 'The log has the moment the alarm was raised', { from: ['log'], about: worst.id })]
          : []),
      ];
    }),
});
