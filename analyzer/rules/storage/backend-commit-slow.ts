import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { tailOf } from '../evidence/latency.js';
import { hurts } from '../evidence/wal-sync.js';

export default defineRule({
  id: 'backend-commit-slow',
  title: 'Database commits are slow although WAL syncs are not',
  category: 'storage',
  role: 'symptom',
  scope: 'member',
  why: 'While a commit runs, applies and the reads behind them wait; the WAL can be fast all the same.',
  needs: ['backendCommit', 'walFsync'],
  wants: ['storage', 'hostPressure', 'processSched', 'cgroup', 'slowOperations', 'proposals', 'memory', 'config'],
  explains: ['apply-backlog'],
  messages: {
    slow: 'Backend commits on {subject} take {observed} while WAL syncs take {sync}{phase}.',
    mild: 'Backend commits on {subject} take {observed}{phase}: longer than recommended, without proof of harm.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the times with compactions and defragmentations',
      tag: 'read-only',
      command: 'grep -E "scheduled compaction|defragment" <etcd log>',
    },
    { text: 'Break large deletes and transactions of clients into small ones', tag: 'read-only' },
    {
      text: 'When less than half of the file is in use, defragment one member at a time, the leader last',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<one member> defrag',
    },
    {
      text: 'Return batch settings and the freelist type to their defaults',
      tag: 'restarts',
      command: 'etcd --backend-bbolt-freelist-type=map',
    },
  ],
  doNot: ['defragment all members at once', 'restore a backup'],
  owner: 'operator',
  alternatives: [
    { rule: 'disk-slow-device', why: 'WAL syncs would be slow as well.' },
    { rule: 'compaction-latency-spikes', why: 'Commits would be slow only while a compaction runs.' },
    { rule: 'memory-pressure-swap', why: 'Commits would wait for pages of the file to be read back.' },
  ],
  wouldDisprove: ['WAL syncs above 16 ms in the same window', 'a compaction that ran through the whole window'],
  nextEvidence: [
    {
      what: 'phases of the commit (rebalance, spill, write) over a longer window',
      command: 'etcd-collect --window 300s --rounds 6',
    },
  ],
  thresholds: [
    'commit-slow-ms',
    'commit-harmful-ms',
    'commit-mean-ms',
    'fsync-slow-ms',
    'fsync-tail-share',
    'free-pages-share',
  ],
  evaluate: (ctx) => {
    const share = ctx.limit('fsync-tail-share');
    const commit = tailOf(ctx.need.backendCommit, ctx.limit('commit-slow-ms'), share);
    const sync = tailOf(ctx.need.walFsync, ctx.limit('fsync-slow-ms'), share);
    if (commit.slow === undefined) return inconclusive(`too few commits in the window to judge: ${commit.observed}`);
    const harmful =
      (commit.view.count >= 100 && commit.provenMs >= ctx.limit('commit-harmful-ms')) ||
      (commit.view.meanMs ?? 0) >= ctx.limit('commit-mean-ms');
    const { dominant } = ctx.need.backendCommit;
    const withheld = cpuWithheld(ctx.want, ctx.need.backendCommit.window ?? undefined);
    const free = ctx.want.storage?.freeShare ?? undefined;
    const severity =
      harmful && hurts({ slowOperations: ctx.want.slowOperations, proposals: ctx.want.proposals }) ? 'warning' : 'info';
    return [
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: {
          observed: commit.observed,
          sync: sync.observed,
          phase:
            dominant === null ? '' : ` (${Math.round(dominant.share * 100)} % of it in the ${dominant.phase} phase)`,
        },
        severity,
        role: severity === 'info' ? 'notice' : 'symptom',
        evidence: [
          necessary(commit.slow, 'Backend commits take too long', {
            observed: commit.observed,
            threshold: 'commit-slow-ms',
            from: ['backendCommit'],
          }),
          necessary(sync.slow === undefined ? undefined : !sync.slow, 'WAL syncs are fine', {
            observed: sync.observed,
            threshold: 'fsync-slow-ms',
            from: ['walFsync'],
          }),
          ...(free === undefined || free <= ctx.limit('free-pages-share')
            ? []
            : [
                supporting(true, 'Much of the file is free pages, whose list each commit writes', {
                  observed: `${Math.round(free * 100)} %`,
                  threshold: 'free-pages-share',
                  from: ['storage'],
                }),
              ]),
          ...(withheld.withheld === true
            ? [
                contradicting(true, 'CPU time was withheld from the process, which lengthens commits as well', {
                  observed: withheld.observed,
                  from: ['cgroup', 'processSched', 'hostPressure'],
                }),
              ]
            : []),
          ...(ctx.want.storage?.compactedInWindow === true
            ? [contradicting(true, 'A compaction ran in the window', { from: ['storage'] })]
            : []),
        ],
      },
    ];
  },
});
