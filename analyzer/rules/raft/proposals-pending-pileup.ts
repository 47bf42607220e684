import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'proposals-pending-pileup',
  title: 'Proposals pile up before the commit',
  category: 'raft',
  role: 'symptom',
  scope: 'member',
  why: 'Every pending proposal is a client that waits for its write; when commits do not keep up they time out together.',
  needs: ['proposals'],
  wants: ['leaderState', 'log', 'walFsync'],
  explains: [],
  messages: {
    waiting: '{subject} has {pending} or more proposals waiting in every sample, {wait}.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Treat what makes commits slow: sync times of the leader and of the followers, round trips, quorum',
      tag: 'read-only',
    },
    { text: 'Shed write load until then', tag: 'brief-interruption' },
  ],
  doNot: ['raise client timeouts as the cure: the queue only gets longer'],
  owner: 'operator',
  alternatives: [
    { rule: 'apply-backlog', why: 'Commits would advance, and applies would not.' },
    { rule: 'quorum-lost', why: 'No leader would be known, and nothing would commit.' },
    { rule: 'write-rate-overload', why: 'The write rate would be extreme, with healthy disks.' },
  ],
  wouldDisprove: ['a commit rate that serves the pending proposals well within a second'],
  nextEvidence: [
    { what: 'sync times and peer round trips of all members in the same window', command: 'etcd-collect' },
  ],
  thresholds: ['proposals-pending', 'proposals-wait-seconds'],
  evaluate: (ctx) => {
    const { pending, committed, failed } = ctx.need.proposals;
    const rate = committed?.perSecond ?? undefined;
    const waitSeconds = rate === undefined ? undefined : rate === 0 ? Number.POSITIVE_INFINITY : pending.min / rate;
    const failing = failed?.delta ?? undefined;
    const slow =
      waitSeconds === undefined && failing === undefined
        ? undefined
        : (waitSeconds ?? 0) > ctx.limit('proposals-wait-seconds') || (failing ?? 0) > 0;
    const timeouts = linesOf(ctx.want.log, ['err-timeout', 'err-timeout-leader', 'err-timeout-conn']);
    const wait =
      waitSeconds === undefined
        ? 'at an unknown commit rate'
        : Number.isFinite(waitSeconds)
          ? `for ${waitSeconds.toFixed(1)} s or longer each`
          : 'and nothing is committed';
    return [
      {
        message: 'waiting',
        data: { pending: pending.min, wait },
        severity: pending.min > ctx.limit('proposals-pending') * 10 ? 'high' : 'warning',
        evidence: [
          necessary(
            pending.series.length > 1 ? pending.min > ctx.limit('proposals-pending') : undefined,
            'Pending proposals in every sample',
            {
              observed: `${pending.min} to ${pending.max} in ${pending.series.length} samples`,
              threshold: 'proposals-pending',
              from: ['proposals'],
            },
          ),
          necessary(slow, 'They wait longer than the commit rate should make them, or fail', {
            observed: `${rate === undefined ? '?' : rate.toFixed(1)} commits per second, ${failing ?? '?'} failed`,
            threshold: 'proposals-wait-seconds',
            from: ['proposals'],
          }),
          supporting(timeouts === undefined ? undefined : timeouts.inWindow > 0, 'Requests time out', {
            observed: `${timeouts?.inWindow ?? 0} lines`,
            sources: timeouts?.sources ?? [],
          }),
        ],
      },
    ];
  },
});
