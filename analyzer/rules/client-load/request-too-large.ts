import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { mib } from '../evidence/responsiveness.js';

/** Methods whose requests carry values. */
const writes: ReadonlySet<string> = new Set(['Put', 'Txn']);

export default defineRule({
  id: 'request-too-large',
  title: 'Requests rejected for size',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'A client writes more at once than etcd takes; what it meant to store is not stored, and it often tries again for ever.',
  needs: ['requests'],
  wants: ['log', 'traffic', 'puts', 'config', 'alarms'],
  explains: [],
  messages: {
    rejected: '{subject} refuses requests because of their size ({seen}).',
    invalid: '{subject} refused {count} writes as invalid in the window; size is one of several reasons.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Find the client and the key from its own error message ("request is too large")', tag: 'read-only' },
    { text: 'Let the client split, compress or store the value elsewhere', tag: 'brief-interruption' },
    {
      text: 'If it cannot be helped, raise the limit modestly (at most 10 MiB) on all members and in the client',
      tag: 'restarts',
      command: 'etcd --max-request-bytes=<bytes>',
    },
  ],
  doNot: ['raise the limit far: every large write delays heartbeats and elections'],
  owner: 'application',
  alternatives: [
    { rule: 'quota-nospace-live-data', why: 'A full database refuses writes too, with an alarm and another code.' },
    { rule: 'large-values-or-txns', why: 'The large writes are accepted, and slow.' },
  ],
  wouldDisprove: ['the error text that the client gets names another reason'],
  nextEvidence: [
    {
      what: 'the error texts of the clients, or slow-request lines with the size',
      command: 'grep -E "too large|request stats" <log of etcd or of the client>',
    },
  ],
  thresholds: ['rejected-count', 'rejected-mean-bytes'],
  evaluate: ({ need: { requests }, want, limit, subject }) => {
    const lines = linesOf(want.log, ['err-request-too-large', 'grpc-recv-too-large']);
    if (requests.total.delta === null && lines === undefined)
      return inconclusive('the growth of the request counters is unknown and no log was seen');
    const refused = requests.byMethod
      .filter((each) => writes.has(each.method) && each.code === 'InvalidArgument')
      .reduce((sum, each) => sum + (each.counter.delta ?? 0), 0);
    const stored = (want.puts?.bytesPerPut ?? 0) * (want.puts?.puts?.delta ?? 0);
    const received = want.traffic?.clientReceived?.delta ?? undefined;
    const mean = received === undefined || refused === 0 ? undefined : Math.max(0, received - stored) / refused;
    const bySize = refused >= limit('rejected-count') && mean !== undefined && mean >= limit('rejected-mean-bytes');
    const named = (lines?.inWindow ?? 0) > 0;
    const max = want.config?.members[subject.id]?.['max-request-bytes'];
    const claims: Claim[] = [];
    if (named || bySize)
      claims.push({
        message: 'rejected',
        data: { seen: named ? `${lines?.inWindow ?? 0} log lines in the window` : `${refused} writes in the window` },
        severity: 'warning',
        basis: named ? 'direct' : 'inferred',
        evidence: [
          necessary(
            true,
            named ? 'The log names requests above the limit' : 'Writes refused as invalid, each as large as the limit',
            {
              observed: named ? `${lines?.inWindow ?? 0} lines` : `${refused} with ${mib(mean ?? 0)} received for each`,
              ...(named ? { limit: '0' } : { threshold: 'rejected-mean-bytes' as const }),
              from: named ? ['log'] : ['requests', 'traffic'],
              sources: lines?.sources ?? [],
            },
          ),
          supporting(refused > 0 ? true : undefined, 'The server counts refused writes', {
            observed: `${refused} InvalidArgument`,
            limit: '0',
            from: ['requests'],
          }),
          ...(max === undefined
            ? []
            : [
                supporting(true, 'Limit in force', {
                  observed: `${max.value} bytes (${max.origin})`,
                  from: ['config'],
                }),
              ]),
        ],
      });
    else if (refused >= limit('rejected-count'))
      claims.push({
        message: 'invalid',
        data: { count: refused },
        severity: 'info',
        role: 'notice',
        evidence: [
          necessary(true, 'Writes refused as invalid', {
            observed: `${refused} in the window`,
            threshold: 'rejected-count',
            from: ['requests'],
          }),
        ],
      });
    return claims;
  },
});
