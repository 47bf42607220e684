import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { bucket } from '../evidence/latency.js';
import { hurts } from '../evidence/wal-sync.js';

/** Releases whose compaction runs its batches without a pause (3.5.16 to 3.5.18; changelog of 3.5.19). */
const WITHOUT_PAUSE = /^3\.5\.1[678]$/;

export default defineRule({
  id: 'compaction-latency-spikes',
  title: 'Compaction batches hold requests up',
  category: 'quota',
  role: 'cause',
  scope: 'member',
  why: 'Each batch of a compaction holds the lock that applies need; long batches or batches without a pause are felt by every client.',
  needs: ['storage'],
  wants: ['log', 'versions', 'slowOperations', 'proposals', 'heartbeatFailures', 'config'],
  explains: ['apply-backlog', 'read-index-slow', 'backend-commit-slow', 'proposals-pending-pileup'],
  messages: { slow: 'A compaction on {subject} took {took} in the window, and applies took too long meanwhile.' },
  basis: 'inferred',
  remedy: [
    {
      text: 'Compare the times of slow requests with those of compactions',
      tag: 'read-only',
      command: 'grep -E "scheduled compaction|took too long" <etcd log>',
    },
    {
      text: 'Compact more often, so that each run is small',
      tag: 'restarts',
      command: 'etcd --auto-compaction-mode=periodic --auto-compaction-retention=<shorter>',
    },
    { text: 'Leave 3.5.16 to 3.5.18 for a later patch release', tag: 'restarts' },
    { text: 'Return batch limit (1000) and sleep interval (10 ms) to their defaults', tag: 'restarts' },
  ],
  doNot: ['turn compaction off', 'defragment to cure it'],
  owner: 'operator',
  alternatives: [
    { rule: 'backend-commit-slow', why: 'Commits would be slow without a compaction, too.' },
    { rule: 'large-range-reads', why: 'The slow times would follow client requests.' },
  ],
  wouldDisprove: ['slow applies at times without a compaction'],
  nextEvidence: [{ what: 'a window that holds two compactions', command: 'etcd-collect --window 600s --rounds 10' }],
  thresholds: ['compaction-pause-ms', 'compaction-total-ms'],
  evaluate: (ctx) => {
    const { compactionTotal, compactionPause, indexCompactionPause, compactedKeys, compactedInWindow } =
      ctx.need.storage;
    const total = compactionTotal?.window ?? null;
    const lines = ctx.want.log?.count('compaction-finished') ?? null;
    if (total === null && ctx.want.log === undefined)
      return inconclusive('neither the compaction metrics of the window nor the log were read');
    const ran = (total?.count ?? 0) > 0 || compactedInWindow === true || (lines?.inWindow ?? 0) > 0;
    const tookMs =
      total !== null && total.count > 0
        ? (total.meanMs ?? 0)
        : (lines?.inWindow ?? 0) > 0
          ? (lines?.worstSeconds ?? 0) * 1000
          : 0;
    const bound = ctx.limit('compaction-pause-ms');
    const p90 = [compactionPause?.window?.p90, indexCompactionPause?.window?.p90]
      .filter((p) => p !== undefined && p !== null)
      .sort((a, b) => b.loMs - a.loMs)[0];
    const version = ctx.want.versions?.members.find((member) => member.member === ctx.subject.id)?.server;
    const regressed = version !== undefined && WITHOUT_PAUSE.test(version);
    const blocked = p90 !== undefined && p90.loMs >= bound ? true : regressed || p90 === undefined ? undefined : false;
    return [
      {
        message: 'slow',
        data: { took: `${Math.round(tookMs / 100) / 10} s` },
        severity: 'warning',
        evidence: [
          necessary(ran && tookMs > ctx.limit('compaction-total-ms'), 'A compaction that took long ran in the window', {
            observed: ran ? `${Math.round(tookMs)} ms` : 'none',
            threshold: 'compaction-total-ms',
            from: ['storage', 'log'],
          }),
          necessary(blocked, 'Its batches hold the lock for long', {
            observed: p90 === undefined ? 'not observed' : `${bucket(p90)} (p90)`,
            threshold: 'compaction-pause-ms',
            from: ['storage'],
          }),
          necessary(
            hurts({ ...ctx.want, log: undefined, leaderChanges: undefined }),
            'Applies or heartbeats were late in the window',
            { from: ['slowOperations', 'heartbeatFailures'] },
          ),
          ...(regressed
            ? [
                supporting(true, 'This release compacts without a pause between batches', {
                  observed: version,
                  from: ['versions'],
                }),
              ]
            : []),
          ...((compactedKeys?.delta ?? 0) > 100_000
            ? [supporting(true, 'Many keys in one run', { observed: `${compactedKeys?.delta}`, from: ['storage'] })]
            : []),
        ],
      },
    ];
  },
});
