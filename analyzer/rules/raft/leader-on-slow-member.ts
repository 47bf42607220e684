import type { Latency } from '../../facts/values/common.js';
import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { bucket, tailOf } from '../evidence/latency.js';

/** Members are compared by their p90: with the few syncs of a window a single outlier makes the p99. */
const p90 = (latency: Latency): { loMs: number; hiMs: number | null; text: string } | undefined => {
  const view = latency.window;
  if (view === null || view.count < 10 || view.p90 === null) return undefined;
  return { loMs: view.p90.loMs, hiMs: view.p90.hiMs, text: `${bucket(view.p90)} (p90 of ${view.count})` };
};

export default defineRule({
  id: 'leader-on-slow-member',
  title: 'The slowest member leads',
  category: 'raft',
  role: 'cause',
  scope: 'cluster',
  why: 'A slow follower costs nothing as long as a majority is fast; the same member as leader slows every write.',
  needs: ['leaderView', 'walFsync'],
  wants: ['backendCommit', 'heartbeatFailures', 'slowOperations', 'diskActivity'],
  explains: ['leader-flapping', 'proposals-pending-pileup'],
  messages: {
    slow: '{subject} leads although its WAL syncs are at least {ratio} times slower than those of the other members.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Move the lead to the member with the fastest disk; the cluster is well again within a second',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of the fastest member>',
    },
    { text: 'Then repair the slow member: see what makes its storage slow', tag: 'read-only' },
  ],
  doNot: [
    'restart the slow member first: it may take the lead again',
    'remove the slow member before its cause is known',
  ],
  owner: 'operator',
  alternatives: [
    {
      rule: 'disk-slow-device',
      why: 'It says why the storage is slow; when several members are slow, moving the lead does not help.',
    },
  ],
  wouldDisprove: [
    'sync times of the followers as slow as those of the leader',
    'another member as leader with the same write latency',
  ],
  nextEvidence: [{ what: 'sync times after the lead was moved', command: 'etcd-collect' }],
  thresholds: ['slow-leader-ratio', 'fsync-slow-ms', 'fsync-tail-share'],
  evaluate: (ctx) => {
    const leader = ctx.need.leaderView.leader;
    if (leader === null) return inconclusive('no leader is known');
    const syncs = ctx.each('walFsync');
    const own = syncs.get(leader);
    if (own === undefined) return inconclusive(`WAL syncs of the leader ${ctx.nameOf(leader)} were not observed`);
    const tail = tailOf(own, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share'));
    if (tail.slow === false) return [];
    const others = [...syncs].flatMap(([id, latency]) => {
      const seen = id === leader ? undefined : p90(latency);
      return seen === undefined ? [] : [{ id, ...seen }];
    });
    if (others.length === 0) return inconclusive('WAL syncs of no other member were observed');
    const slowest = p90(own);
    const worstOther = others.reduce((worst, other) => Math.max(worst, other.hiMs ?? Number.POSITIVE_INFINITY), 0);
    const ratio = slowest === undefined || worstOther === 0 ? undefined : slowest.loMs / worstOther;
    const late = ctx.each('heartbeatFailures').get(leader)?.delta ?? undefined;
    const slowApplies = ctx.each('slowOperations').get(leader)?.apply?.delta ?? undefined;
    return [
      {
        message: 'slow',
        data: { ratio: Math.floor(ratio ?? 0) },
        subjects: [leader],
        severity: (late ?? 0) > 0 || (slowApplies ?? 0) > 0 ? 'warning' : 'info',
        role: (late ?? 0) > 0 || (slowApplies ?? 0) > 0 ? 'cause' : 'notice',
        evidence: [
          necessary(tail.slow, 'WAL syncs of the leader are slow', {
            observed: tail.observed,
            threshold: 'fsync-slow-ms',
            about: leader,
            from: ['walFsync'],
          }),
          necessary(
            ratio === undefined ? undefined : ratio >= ctx.limit('slow-leader-ratio'),
            'The other members sync faster',
            {
              observed: others.map((other) => `${ctx.nameOf(other.id)} ${other.text}`).join(', '),
              threshold: 'slow-leader-ratio',
            },
          ),
          supporting(late === undefined ? undefined : late > 0, 'The leader sends heartbeats late', {
            observed: `${late ?? '?'} in the window`,
            limit: '0',
            about: leader,
            from: ['heartbeatFailures'],
          }),
          contradicting(ctx.need.leaderView.changes.length > 0, 'The lead moved in the window', {
            observed: `${ctx.need.leaderView.changes.length} changes of view`,
            from: ['leaderView'],
          }),
        ],
      },
    ];
  },
});
