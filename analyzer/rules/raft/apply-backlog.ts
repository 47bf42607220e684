import type { Severity } from '../../finding.js';
import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'apply-backlog',
  title: 'Committed entries are not applied in time',
  category: 'raft',
  role: 'symptom',
  scope: 'member',
  why: 'What is committed and not applied is invisible to reads; at a gap of 5000 entries the member refuses requests.',
  needs: ['proposals'],
  wants: ['slowOperations', 'applyDuration', 'defrag', 'log', 'raftLag'],
  explains: ['read-index-slow'],
  messages: {
    steady: '{subject} has {gap} or more committed entries not yet applied, in every sample.',
    peak: '{subject} had up to {gap} committed entries not yet applied in the window, and refused requests.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'See which operation holds the apply loop: defragmentation, a huge transaction or range delete, compaction, slow backend commits',
      tag: 'read-only',
    },
    { text: 'Throttle the client that sends the heavy requests', tag: 'brief-interruption' },
    { text: 'Defragment one member at a time only, and outside busy hours', tag: 'disruptive' },
  ],
  doNot: ['restart the member: it replays the same entries at the start'],
  owner: 'operator',
  alternatives: [
    { rule: 'proposals-pending-pileup', why: 'Commits themselves would be slow, and the gap small.' },
    { rule: 'defrag-in-progress', why: 'The gap would go with the defragmentation.' },
    { rule: 'large-values-or-txns', why: 'Applies of one kind would take long each.' },
  ],
  wouldDisprove: ['a gap near zero between samples'],
  nextEvidence: [
    { what: 'the log lines about slow applies with their trace steps', command: 'etcd-collect --since 1h' },
  ],
  thresholds: ['apply-gap-entries', 'apply-gap-high-entries', 'raft-catch-up-entries'],
  evaluate: (ctx) => {
    const { gap } = ctx.need.proposals;
    const refusing = linesOf(ctx.want.log, ['err-too-many-requests', 'err-timeout-applied']);
    const slow = ctx.want.slowOperations?.apply?.delta ?? undefined;
    const harmed = (slow ?? 0) > 0 || (refusing?.inWindow ?? 0) > 0;
    const limit = ctx.limit('raft-catch-up-entries');
    const least = gap?.min ?? 0;
    const peak = least < ctx.limit('apply-gap-entries') && (gap?.max ?? 0) >= limit;
    const severity: Severity =
      least >= limit
        ? 'critical'
        : peak || least >= ctx.limit('apply-gap-high-entries')
          ? 'high'
          : harmed
            ? 'warning'
            : 'info';
    const worst = ctx.want.applyDuration?.byOp[0];
    const defrag = ctx.want.defrag?.inflight;
    return [
      {
        message: peak ? 'peak' : 'steady',
        data: { gap: peak ? (gap?.max ?? 0) : least },
        severity,
        evidence: [
          necessary(
            gap === null ? undefined : peak || least >= ctx.limit('apply-gap-entries'),
            'Committed minus applied entries',
            {
              observed: gap === null ? '?' : `${gap.min} to ${gap.max} in ${gap.series.length} samples`,
              threshold: peak ? 'raft-catch-up-entries' : 'apply-gap-entries',
              from: ['proposals'],
            },
          ),
          necessary(gap === null ? undefined : peak || gap.series.length > 1, 'Seen in more than one sample', {
            observed: String(gap?.series.length ?? 0),
            limit: '2',
          }),
          supporting(slow === undefined ? undefined : slow > 0, 'Applies that took too long', {
            observed: `${slow ?? '?'} in the window`,
            limit: '0',
            from: ['slowOperations'],
          }),
          supporting(
            refusing === undefined ? undefined : refusing.inWindow > 0,
            'Requests were refused or gave up waiting for the apply',
            { observed: `${refusing?.inWindow ?? 0} lines`, sources: refusing?.sources ?? [] },
          ),
          ...((defrag?.max ?? 0) > 0
            ? [supporting(true, 'A defragmentation runs and holds the backend', { from: ['defrag'] })]
            : []),
          ...(worst === undefined
            ? []
            : [
                supporting(true, 'Operation with the most apply time', {
                  observed: `${worst.op}: ${Math.round(worst.latency.best.meanMs ?? 0)} ms on average`,
                  from: ['applyDuration'],
                }),
              ]),
        ],
      },
    ];
  },
});
