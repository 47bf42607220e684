import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { tailOf } from '../evidence/latency.js';
import { linesOf } from '../evidence/log-lines.js';
import { ownLoad, ownLoadWants } from '../evidence/own-load.js';
import { rate, responsiveness, responsivenessThresholds, responsivenessWants } from '../evidence/responsiveness.js';

/** What a p99 leaves above it. */
const P99 = 0.01;

export default defineRule({
  id: 'write-rate-overload',
  title: 'Write rate beyond cluster capacity',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'When writes arrive faster than they are agreed on and applied, they queue up and etcd refuses requests.',
  needs: ['proposals', 'puts'],
  wants: [...responsivenessWants, ...ownLoadWants, 'log', 'requests', 'backendCommit', 'handling'],
  explains: [
    'proposals-pending-pileup',
    'apply-backlog',
    'quota-nospace-no-compaction',
    'read-index-slow',
    'slow-follower-lag',
    'cpu-starvation-host',
    'disk-saturated-by-etcd',
  ],
  messages: {
    refused: '{subject} gets {writes} writes and refuses requests because it cannot apply them in time.',
    queued: '{subject} gets {writes} writes, more than it completes: {queue}.',
    slow: '{subject} gets {writes} writes and answers them late: {latency}, while its disk keeps up.',
    saturated: '{subject} gets {writes} writes, which use up the CPUs of its host.',
    high: '{subject} gets {writes} writes, which is much, without a queue or refusals.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find the client and the prefix that churn',
      tag: 'read-only',
      command:
        'timeout 10 etcdctl watch --prefix "" --write-out=fields | grep -a ^\\"Key | sort | uniq -c | sort -rn | head',
    },
    { text: 'Slow that client, batch its writes, lengthen its intervals', tag: 'brief-interruption' },
    { text: 'Split data with a high churn into an etcd cluster of its own (for Kubernetes: events)', tag: 'restarts' },
  ],
  doNot: [
    'add members to write faster: each write goes to all of them',
    'raise --snapshot-count or the batch limits before the client was found',
  ],
  owner: 'application',
  alternatives: [
    { rule: 'disk-saturated-by-etcd', why: 'Syncs would be slow and the device busy.' },
    { rule: 'large-values-or-txns', why: 'Few large writes would make the load.' },
    { rule: 'lease-expiry-storm', why: 'The writes would be revocations of leases.' },
    {
      rule: 'apply-backlog',
      why: 'Something else, such as a defragmentation, would hold up applying at an ordinary rate.',
    },
  ],
  wouldDisprove: ['the queue stays when the clients stop writing'],
  nextEvidence: [
    {
      what: 'rates by method and client',
      command: 'curl -s <client url>/metrics | grep -E "grpc_server_handled_total|etcd_mvcc_(put|txn|delete)_total"',
    },
  ],
  thresholds: [
    ...responsivenessThresholds,
    'pending-proposals',
    'apply-gap',
    'write-rate',
    'write-rate-limit',
    'run-queue-wait-heavy',
    'grpc-slow-ms',
  ],
  evaluate: (ctx) => {
    const {
      need: { proposals, puts },
      want,
      limit,
    } = ctx;
    const committed = proposals.committed?.perSecond ?? undefined;
    const writes =
      committed ?? (puts.puts?.perSecond == null ? undefined : puts.puts.perSecond + (puts.deletes?.perSecond ?? 0));
    if (writes === undefined) return inconclusive('no rate of proposals or puts is known');
    const refusals = linesOf(want.log, ['err-too-many-requests'])?.inWindow ?? 0;
    const exhausted =
      want.requests?.byMethod
        .filter((each) => each.code === 'ResourceExhausted')
        .reduce((sum, each) => sum + (each.counter.delta ?? 0), 0) ?? 0;
    const gap = proposals.gap?.min ?? 0;
    const pending = proposals.pending.min;
    const pressed = pending >= limit('pending-proposals') || gap >= limit('apply-gap');
    const refused = refusals > 0 || (exhausted > 0 && (proposals.gap?.max ?? 0) >= limit('apply-gap'));
    const harm = responsiveness(want, limit);
    const high = writes >= limit('write-rate-limit');
    const { full, evidence: load } = ownLoad(ctx);
    const answers = (want.handling?.byMethod ?? [])
      .filter(({ method }) => method === 'Put' || method === 'Txn')
      .map(({ latency }) => tailOf(latency, limit('grpc-slow-ms'), P99))
      .find(({ slow }) => slow === true);
    const syncs = want.walFsync === undefined ? undefined : tailOf(want.walFsync, limit('starved-sync-ms'), P99);
    const late = high && answers !== undefined && syncs?.slow === false;
    const acute = (pressed || refused) && writes >= limit('write-rate');
    const saturated = high && full === true;
    const hurt = acute ? (refused ? 'refused' : 'queued') : late ? 'slow' : saturated ? 'saturated' : undefined;
    const message = hurt ?? 'high';
    return [
      {
        message,
        data: {
          writes: rate(writes),
          ...(late ? { latency: answers.observed } : {}),
          ...(acute && !refused
            ? { queue: `${pending} proposals pending, ${gap} entries not applied, in every round` }
            : {}),
        },
        severity: hurt === 'refused' ? 'high' : hurt === undefined ? 'info' : 'warning',
        role: hurt === undefined ? 'notice' : 'cause',
        evidence: [
          necessary(acute || high, 'Writes arrive at a high rate', {
            observed: rate(writes),
            threshold: acute ? 'write-rate' : 'write-rate-limit',
            from: ['proposals', 'puts'],
          }),
          ...(acute
            ? [
                necessary(true, 'They queue up in every round, or are refused', {
                  observed: `${pending} pending, ${gap} not applied, ${refusals + exhausted} refused`,
                  threshold: 'pending-proposals',
                  from: ['proposals', 'requests'],
                }),
              ]
            : []),
          ...((puts.puts?.perSecond ?? 0) > 0
            ? [supporting(true, 'Most are puts', { observed: rate(puts.puts?.perSecond ?? 0), from: ['puts'] })]
            : []),
          ...load,
          ...(answers === undefined
            ? []
            : [
                supporting(true, 'Writes are answered late', {
                  observed: answers.observed,
                  threshold: 'grpc-slow-ms',
                  from: ['handling'],
                }),
              ]),
          ...harm.evidence,
        ],
      },
    ];
  },
});
