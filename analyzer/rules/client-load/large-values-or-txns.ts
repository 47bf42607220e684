import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { tailOf } from '../evidence/latency.js';
import {
  mib,
  rate,
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
} from '../evidence/responsiveness.js';

export default defineRule({
  id: 'large-values-or-txns',
  title: 'Few but very large values or transactions',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'Each write goes through the WAL of every member, the database and the network; large ones make all others wait behind them.',
  needs: ['puts'],
  wants: [...responsivenessWants, 'backendCommit', 'storage', 'process', 'log', 'traffic'],
  explains: [
    'disk-saturated-by-etcd',
    'apply-backlog',
    'slow-follower-lag',
    'backend-commit-slow',
    'read-index-slow',
    'proposals-pending-pileup',
    'go-gc-pressure',
    'disk-slow-device',
    'cpu-starvation-host',
    'quota-nospace-live-data',
    'leader-flapping',
  ],
  messages: {
    heavy: '{subject} stores values of {mean} on average, {flow} per second, and is slowed by it.',
    large: '{subject} stores values of {mean} on average ({flow} per second), without proof of harm in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find the keys with large values',
      tag: 'read-only',
      command: 'etcdctl get <prefix> --prefix --keys-only; etcdctl get <key> --print-value-only | wc -c',
    },
    { text: 'Stop or slow the client that writes them', tag: 'brief-interruption' },
    {
      text: 'Keep blobs elsewhere and only references in etcd; compress; split transactions',
      tag: 'brief-interruption',
    },
    {
      text: 'Compact and defragment one member at a time once they are gone',
      tag: 'disruptive',
      command: 'etcdctl compaction <revision>; etcdctl defrag --endpoints=<one member>',
    },
  ],
  doNot: ['raise --max-request-bytes for larger values still', 'raise the quota as the only measure'],
  owner: 'application',
  alternatives: [
    { rule: 'write-rate-overload', why: 'Many small writes would make the same load.' },
    { rule: 'disk-slow-device', why: 'Small syncs would be slow as well.' },
    { rule: 'disk-saturated-by-etcd', why: 'The disk is what these writes fill.' },
  ],
  wouldDisprove: ['a mean put size of a few kilobytes in the window of the slowness'],
  nextEvidence: [
    { what: 'who writes', command: 'etcdctl watch --prefix "" --write-out=fields | grep \'^"Key"\' | head' },
  ],
  thresholds: [...responsivenessThresholds, 'put-mean-bytes', 'put-flow-bytes', 'put-count', 'commit-load-ms'],
  evaluate: ({ need: { puts }, want, limit }) => {
    const mean = puts.bytesPerPut;
    if (puts.puts === null || puts.puts.delta === null) return inconclusive('no growth of the put counter is known');
    const count = puts.puts.delta;
    const flow = (mean ?? 0) * (puts.puts.perSecond ?? 0);
    const harm = responsiveness(want, limit);
    const commit =
      want.backendCommit === undefined
        ? undefined
        : tailOf(want.backendCommit, limit('commit-load-ms'), limit('starved-tail-share'));
    const hurt = flow >= limit('put-flow-bytes') && (harm.hurt === true || commit?.slow === true);
    return [
      {
        message: hurt ? 'heavy' : 'large',
        data: { mean: mib(mean ?? 0), flow: mib(flow) },
        severity: !hurt ? 'info' : harm.grave ? 'high' : 'warning',
        role: hurt ? 'cause' : 'notice',
        evidence: [
          necessary(
            mean !== null && mean >= limit('put-mean-bytes') && count >= limit('put-count'),
            'Mean size of a put in the window',
            {
              observed:
                mean === null ? 'no puts' : `${mib(mean)} over ${count} puts (${rate(puts.puts.perSecond ?? 0)})`,
              threshold: 'put-mean-bytes',
              from: ['puts'],
            },
          ),
          supporting(flow >= limit('put-flow-bytes') ? true : undefined, 'Bytes put per second', {
            observed: `${mib(flow)}/s`,
            threshold: 'put-flow-bytes',
            from: ['puts'],
          }),
          ...(commit?.slow === true
            ? [
                supporting(true, 'Backend commits are slow', {
                  observed: commit.observed,
                  threshold: 'commit-load-ms',
                  from: ['backendCommit'],
                }),
              ]
            : []),
          ...((want.storage?.sizeGrowthPerSecond ?? 0) > 0
            ? [
                supporting(true, 'The database grows', {
                  observed: `${mib(want.storage?.sizeGrowthPerSecond ?? 0)}/s`,
                  from: ['storage'],
                }),
              ]
            : []),
          ...harm.evidence,
        ],
      },
    ];
  },
});
