import { contradicting, defineRule, necessary, supporting } from '../../rule.js';

const GROUPS = ['auto-compaction-failed', 'auto-rev-compaction-failed', 'compaction-failed'] as const;
/** Auto-compaction tries again within minutes: what failed longer ago than this is over; own estimate. */
const RECENT_MS = 3_600_000;

export default defineRule({
  id: 'compaction-stuck-or-failing',
  title: 'Compactions are tried and fail',
  category: 'quota',
  role: 'cause',
  scope: 'cluster',
  why: 'History grows as if nobody compacted, and what makes the compaction fail usually makes writes fail as well.',
  needs: ['log'],
  wants: ['storage', 'quorum'],
  explains: ['auto-compaction-off'],
  messages: {
    failing: 'Compactions failed {count} times on {worst}, and none has ended since.',
    future: 'Compactions failed {count} times on {worst}, which holds an older revision than the others.',
  },
  basis: 'direct',
  remedy: [
    { text: 'Read the errors with their revisions', tag: 'read-only', command: 'grep -iE "compaction" <etcd log>' },
    {
      text: 'First mend quorum or apply backlog where they are lost: a compaction is a proposal like any other',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w table',
    },
    { text: 'Compact by hand in steps', tag: 'brief-interruption', command: 'etcdctl compact <revision>' },
  ],
  doNot: [
    'compact to the newest revision in one step after a long time',
    'take one member’s "future revision" for a mere delay: compare hashes first',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'auto-compaction-off', why: 'There would be no attempts.' },
    {
      rule: 'data-inconsistency-between-members',
      why: 'One member alone would answer that the revision lies in its future.',
    },
  ],
  wouldDisprove: ['a finished compaction after the last failure'],
  nextEvidence: [{ what: 'hashes of all members at one revision', command: 'etcdctl endpoint hashkv --cluster' }],
  thresholds: ['compaction-failures', 'quota-full-share'],
  evaluate: (ctx) => {
    const logs = [...ctx.each('log')];
    const judged = logs
      .map(([id, log]) => {
        const counts = GROUPS.map((group) => log.count(group)).filter((count) => count !== null);
        return {
          id,
          log,
          count: counts.reduce((sum, count) => sum + count.total, 0),
          last: Math.max(0, ...counts.map((count) => count.last ?? 0)),
        };
      })
      .sort((a, b) => b.count - a.count);
    const worst = judged[0];
    if (worst === undefined || worst.count === 0) return [];
    const ended = Math.max(0, ...logs.map(([, log]) => log.count('compaction-finished')?.last ?? 0));
    const storage = [...ctx.each('storage').values()];
    const moving = storage.length === 0 ? undefined : storage.some((each) => each.compactedInWindow === true);
    const future = (worst.log.count('err-future-rev')?.total ?? 0) > 0;
    const fullest = Math.max(0, ...storage.map((each) => each.sizeShare));
    return [
      {
        message: future ? 'future' : 'failing',
        data: { count: worst.count, worst: ctx.nameOf(worst.id) },
        severity: fullest > ctx.limit('quota-full-share') ? 'high' : 'warning',
        role: ctx.want.quorum?.hasQuorum === false ? 'symptom' : 'cause',
        subjects: [worst.id],
        evidence: [
          necessary(
            worst.count >= ctx.limit('compaction-failures') && ctx.window.to - worst.last < RECENT_MS,
            'Failed attempts in the last hour',
            {
              observed: `${worst.count}`,
              threshold: 'compaction-failures',
              from: ['log'],
              about: worst.id,
            },
          ),
          necessary(ended < worst.last, 'None has ended since the last failure', {
            observed: ended === 0 ? 'none in the logs' : new Date(ended).toISOString(),
            from: ['log'],
            about: worst.id,
          }),
          ...(moving === true
            ? [
                contradicting(true, 'The compacted revision moved in the window', {
                  from: ['storage'],
                  about: worst.id,
                }),
              ]
            : []),
          ...(future
            ? [supporting(true, 'The log names a revision in the future', { from: ['log'], about: worst.id })]
            : []),
        ],
      },
    ];
  },
});
