import type { MemberLog, Requests } from '../../facts/values/member.js';
import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import {
  mib,
  rate,
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
  starvedExplains,
} from '../evidence/responsiveness.js';

export default defineRule({
  id: 'large-range-reads',
  title: 'Expensive range reads (full lists) overload the member',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'Every unpaged list copies all its keys and values through the heap and the network; a few clients doing so starve everybody else.',
  needs: ['puts', 'traffic'],
  wants: [...responsivenessWants, 'log', 'process', 'requests', 'readLatency', 'cpu'],
  explains: [
    ...starvedExplains,
    'go-gc-pressure',
    'cpu-starvation-host',
    'oom-killed',
    'watch-stream-starvation',
    'memory-pressure-swap',
  ],
  messages: {
    heavy: '{subject} sends {egress} per second to clients in answers of {mean} on average.',
    lines: '{subject} answers ranges of up to {largest}, slow enough to be logged.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find the client: `remote` of the slow request lines, the audit log of the API server, connections by address',
      tag: 'read-only',
      command: 'grep "request stats" <log of etcd> | grep -o \'"remote":"[^"]*"\' | sort | uniq -c | sort -rn | head',
    },
    { text: 'Stop or slow that client', tag: 'brief-interruption' },
    {
      text: 'Let it read in pages (limit), keys only, or from a watch cache (in Kubernetes: resourceVersion=0 or a recent API server)',
      tag: 'brief-interruption',
    },
    { text: 'Shrink the prefix: delete what nobody needs', tag: 'destructive' },
  ],
  doNot: ['add members: each serves its clients the same large answers', 'raise the request limits'],
  owner: 'application',
  alternatives: [
    { rule: 'read-index-slow', why: 'Small answers would be slow too: the wait is for the quorum.' },
    { rule: 'hot-single-client', why: 'It says who asks; this rule says what is asked.' },
    { rule: 'cpu-starvation-host', why: 'Little would be sent to clients.' },
  ],
  wouldDisprove: ['bytes sent to clients per range stay small in a window with slow reads'],
  nextEvidence: [
    {
      what: 'which prefixes are read',
      command: 'etcd --log-level=debug on one member for a minute, or the audit log of the API server',
    },
    { what: 'number of keys by prefix', command: 'etcdctl get <prefix> --prefix --count-only --write-out=fields' },
  ],
  thresholds: [
    ...responsivenessThresholds,
    'range-mean-bytes',
    'range-egress-bytes',
    'range-line-bytes',
    'range-line-count',
  ],
  evaluate: ({ need: { puts, traffic }, want, limit, window }) => {
    // A backup is sent to a client as well, and is no answer to a range.
    const copied = snapshotBytes(want.requests) ?? 0;
    const sent = traffic.clientSent?.delta ?? undefined;
    const share = sent === undefined || sent <= 0 ? 1 : Math.max(0, sent - copied) / sent;
    const egress = traffic.clientSent?.perSecond == null ? undefined : traffic.clientSent.perSecond * share;
    const mean = puts.sentBytesPerRange == null ? undefined : puts.sentBytesPerRange * share;
    const line = largestLine(want.log, window.from, limit('range-line-bytes'), limit('range-line-count'));
    if ((egress === undefined || puts.ranges === null) && want.log === undefined)
      return inconclusive('neither bytes sent to clients nor a log was seen');
    const flow =
      egress !== undefined &&
      mean !== undefined &&
      egress >= limit('range-egress-bytes') &&
      mean >= limit('range-mean-bytes');
    const harm = responsiveness(want, limit);
    if (!flow && line === undefined) return [];
    const alloc = want.process?.allocBytesPerSecond ?? undefined;
    const cores = want.process?.cpuCores ?? undefined;
    return [
      {
        message: flow ? 'heavy' : 'lines',
        data: flow ? { egress: mib(egress), mean: mib(mean) } : { largest: line?.text ?? '' },
        // The log alone shows single requests: without harm that is worth knowing, no more.
        severity: flow ? (harm.grave ? 'high' : 'warning') : harm.hurt === true ? 'warning' : 'info',
        role: flow || harm.hurt === true ? 'cause' : 'notice',
        evidence: [
          ...(flow
            ? [
                necessary(true, 'Bytes sent to clients', {
                  observed: `${mib(egress)}/s`,
                  threshold: 'range-egress-bytes',
                  from: ['traffic'],
                }),
                necessary(true, 'Bytes per range, on average', {
                  observed: mib(mean),
                  threshold: 'range-mean-bytes',
                  from: ['puts'],
                }),
              ]
            : []),
          ...(line === undefined
            ? []
            : [
                (flow ? supporting : necessary)(true, 'The log names slow requests with large answers in the window', {
                  observed: line.text,
                  threshold: line.bytes >= limit('range-line-bytes') ? 'range-line-bytes' : 'range-line-count',
                  from: ['log'],
                  sources: line.sources,
                }),
              ]),
          ...(alloc !== undefined && egress !== undefined
            ? [
                supporting(alloc > egress ? true : undefined, 'The heap grows by at least as much as is sent', {
                  observed: `${mib(alloc)}/s allocated`,
                  from: ['process'],
                }),
              ]
            : []),
          ...(cores === undefined || puts.ranges?.perSecond == null
            ? []
            : [
                supporting(cores > 0.1 ? true : undefined, 'A few ranges cost much CPU time', {
                  observed: `${Math.round(cores * 100) / 100} cores for ${rate(puts.ranges.perSecond)} ranges`,
                  from: ['process', 'puts'],
                }),
              ]),
          ...harm.evidence,
        ],
      },
    ];
  },
});

/** Bytes of one message of Maintenance.Snapshot (etcd v3rpc, snapshotSendBufferSize). */
const SNAPSHOT_MESSAGE = 32 * 1024;

const snapshotBytes = (requests: Requests | undefined): number | undefined => {
  const messages = requests?.streamMessages.find(
    ({ method, direction }) => method === 'Snapshot' && direction === 'sent',
  )?.counter.delta;
  return messages == null ? undefined : messages * SNAPSHOT_MESSAGE;
};

/** The same list is about as long some minutes later; own estimate. */
const SAME_LIST_MS = 600_000;

/** The largest answer that slow-request lines name, when some of them are in the window. */
const largestLine = (log: MemberLog | undefined, from: number, bytes: number, count: number) => {
  const found = ['apply-took-too-long', 'request-stats'].flatMap((id) =>
    (log?.count(id)?.stats ?? []).flatMap((stats) => {
      const size = stats.numbers.get('response-size') ?? stats.numbers.get('response size');
      const keys = stats.numbers.get('response-count') ?? stats.numbers.get('response count');
      const worst = size?.worst ?? keys?.worst;
      const since = from - SAME_LIST_MS;
      if (!stats.recent.some((at) => at >= from)) return [];
      if (worst?.sample.time === undefined || worst.sample.time < since) return [];
      const sizeIs = size?.worst.value ?? 0;
      const keysAre = (keys?.worst.sample.time ?? 0) >= since ? (keys?.worst.value ?? 0) : 0;
      if (sizeIs < bytes && keysAre < count) return [];
      return [
        {
          bytes: sizeIs,
          text: `${mib(sizeIs)}, ${keysAre} keys`,
          sources: [{ artifact: 'server-log', path: worst.sample.source, pointer: `line ${worst.sample.line}` }],
        },
      ];
    }),
  );
  return found.sort((a, b) => b.bytes - a.bytes)[0];
};
