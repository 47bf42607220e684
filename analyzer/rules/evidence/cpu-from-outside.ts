import type { PeerMatrix } from '../../facts/values/cluster.js';
import type { Latency } from '../../facts/values/common.js';
import { type Claim, inconclusive, necessary, supporting, type Undecided } from '../../rule.js';
import { type Tail, tailOf } from './latency.js';
import { responsiveness } from './responsiveness.js';

/**
 * What metrics alone can tell: a fast median of the syncs with a long tail is no slow device, and late answers to peers are no disk at all.
 * Together they have one common cause.
 */
export const fromOutside = (
  id: string,
  want: Parameters<typeof responsiveness>[0] & {
    readonly walFsync: Latency;
    readonly peerMatrix?: PeerMatrix | undefined;
    readonly backendCommit?: Latency | undefined;
  },
  syncs: ReadonlyMap<string, Latency>,
  limit: (
    id: Parameters<Parameters<typeof responsiveness>[1]>[0] | 'probe-late-ms' | 'probe-peer-ratio' | 'sync-median-ms',
  ) => number,
): readonly Claim[] | Undecided => {
  const link = want.peerMatrix?.members.find((each) => each.member === id);
  const tail = tailOf(want.walFsync, limit('starved-sync-ms'), limit('starved-tail-share'));
  const median = want.walFsync.window?.p50?.hiMs ?? undefined;
  if (tail.slow === undefined || median === undefined || link?.fromOthersMs == null || link.amongOthersMs === null)
    return inconclusive(
      'no collector ran on its host, and there are too few syncs or round trips to tell from outside',
    );
  const harm = responsiveness(want, limit);
  const tailIn = (latency: Latency): Tail => tailOf(latency, limit('starved-sync-ms'), limit('starved-tail-share'));
  const others = [...syncs].filter(([other]) => other !== id).map(([, latency]) => tailIn(latency).slow);
  const othersFast = others.some((each) => each === undefined) ? undefined : others.every((each) => each === false);
  const late = want.heartbeatFailures?.delta ?? 0;
  const commit = want.backendCommit === undefined ? undefined : tailIn(want.backendCommit);
  const connects = (want.peerMatrix?.tcp ?? []).flatMap(({ member, stats }) =>
    member === id && stats.medianMs !== null ? [stats.medianMs] : [],
  );
  const connectMs = connects.length === 0 ? undefined : Math.min(...connects);
  return [
    {
      message: 'unseen',
      severity: harm.grave ? 'high' : 'warning',
      evidence: [
        necessary(tail.slow && median <= limit('sync-median-ms'), 'Most WAL syncs are fast, some very slow', {
          observed: `half within ${median} ms, ${tail.observed}`,
          threshold: 'starved-sync-ms',
          from: ['walFsync'],
        }),
        necessary(
          link.fromOthersMs >= limit('probe-late-ms') &&
            link.fromOthersMs >= limit('probe-peer-ratio') * link.amongOthersMs,
          'It answers the probes of its peers late, while they answer each other at once',
          {
            observed: `${Math.round(link.fromOthersMs * 100) / 100} ms, among the others ${Math.round(link.amongOthersMs * 100) / 100} ms`,
            threshold: 'probe-peer-ratio',
            from: ['peerMatrix'],
          },
        ),
        necessary(undefined, 'The process is ready to run and waits for a CPU', {
          observed: 'no collector ran on its host',
        }),
        ...(othersFast === undefined
          ? []
          : [
              necessary(othersFast, 'The syncs of the other members have no such tail', {
                threshold: 'starved-sync-ms',
                from: ['walFsync'],
              }),
            ]),
        ...(connectMs === undefined
          ? []
          : [
              necessary(connectMs < link.fromOthersMs / 2, 'TCP connects to it are fast: its kernel answers at once', {
                observed: `${Math.round(connectMs * 100) / 100} ms (median)`,
                from: ['peerMatrix'],
              }),
            ]),
        ...(commit?.slow === true
          ? [
              supporting(true, 'Backend commits have the same long tail', {
                observed: commit.observed,
                threshold: 'starved-sync-ms',
                from: ['backendCommit'],
              }),
            ]
          : []),
        ...(late > 0 && late < limit('late-heartbeats')
          ? [
              supporting(true, 'Some heartbeats went out late', {
                observed: `${late} in the window`,
                limit: '0',
                from: ['heartbeatFailures'],
              }),
            ]
          : []),
        ...harm.evidence.filter((item) => item.threshold !== 'starved-sync-ms'),
      ],
    },
  ];
};
