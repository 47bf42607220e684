import type { Counter, Latency } from '../../facts/values/common.js';
import type { Proposals, SlowOperations } from '../../facts/values/member.js';
import { shareAbove } from '../../metrics/histogram.js';
import type { ThresholdId } from '../../knowledge/thresholds.js';
import { type EvidenceInput, supporting } from '../../rule.js';
import { tailOf } from './latency.js';

/** Facts that show whether a member answers, ticks and applies in time. */
export const responsivenessWants = [
  'heartbeatFailures',
  'leaderChanges',
  'slowOperations',
  'proposals',
  'walFsync',
] as const;

export const responsivenessThresholds = [
  'late-heartbeats',
  'slow-applies-share',
  'slow-applies-count',
  'starved-sync-ms',
  'starved-tail-share',
] as const satisfies readonly ThresholdId[];

/** What a member that gets too little CPU time, memory or rest accounts for. */
export const starvedExplains = [
  'api-server-waits-for-etcd',
  'leader-flapping',
  'read-index-slow',
  'slow-follower-lag',
  'apply-backlog',
  'proposals-pending-pileup',
  'leader-on-slow-member',
  'stalled-leader-lease-revocation',
  'backend-commit-slow',
] as const;

export interface Responsiveness {
  /** Hurt in the window beyond what a busy machine in good health shows; undefined when nothing could be looked at. */
  readonly hurt: boolean | undefined;
  /** Heartbeats late or leaders lost: the cluster is hurt, not only this member. */
  readonly grave: boolean;
  readonly evidence: readonly EvidenceInput[];
}

type Limit = (id: (typeof responsivenessThresholds)[number]) => number;

/** Harm to a member in the sampling window: late heartbeats, leader changes, slow applies, a long tail of WAL syncs. */
export const responsiveness = (
  want: {
    readonly heartbeatFailures?: Counter | undefined;
    readonly leaderChanges?: Counter | undefined;
    readonly slowOperations?: SlowOperations | undefined;
    readonly proposals?: Proposals | undefined;
    readonly walFsync?: Latency | undefined;
  },
  limit: Limit,
): Responsiveness => {
  const late = want.heartbeatFailures?.delta ?? undefined;
  const changes = want.leaderChanges?.delta ?? undefined;
  const slow = want.slowOperations?.apply?.delta ?? undefined;
  const applied = want.proposals?.applied?.delta ?? undefined;
  // Slow reads count as slow applies too, so without writes the number alone decides.
  const slowShare = slow === undefined || applied === undefined ? undefined : slow / Math.max(1, applied, slow);
  const manySlow =
    slow === undefined || slowShare === undefined
      ? undefined
      : slow >= limit('slow-applies-count') && slowShare > limit('slow-applies-share');
  const tail =
    want.walFsync === undefined
      ? undefined
      : tailOf(want.walFsync, limit('starved-sync-ms'), limit('starved-tail-share'));
  const few = want.walFsync?.window ?? undefined;
  const fewSlow =
    tail?.slow === undefined && few !== undefined && few.count > 0
      ? (shareAbove(few.histogram, limit('starved-sync-ms'))?.atLeast ?? 0) >= 0.5
      : undefined;
  const syncs = tail?.slow ?? fewSlow;
  const states: readonly (readonly [boolean | undefined, EvidenceInput])[] = [
    [
      late === undefined ? undefined : late >= limit('late-heartbeats'),
      supporting(true, 'Heartbeats go out late', {
        observed: `${late ?? 0} in the window`,
        threshold: 'late-heartbeats',
        from: ['heartbeatFailures'],
      }),
    ],
    [
      changes === undefined ? undefined : changes > 0,
      supporting(true, 'The leader changed in the window', {
        observed: `${changes ?? 0}`,
        limit: '0',
        from: ['leaderChanges'],
      }),
    ],
    [
      manySlow,
      supporting(true, 'Requests are applied slowly', {
        observed: `${slow ?? 0} slow, ${applied ?? 0} applied`,
        threshold: 'slow-applies-share',
        from: ['slowOperations', 'proposals'],
      }),
    ],
    [
      syncs,
      supporting(true, 'WAL syncs have a long tail', {
        observed: tail?.observed ?? '',
        threshold: 'starved-sync-ms',
        from: ['walFsync'],
      }),
    ],
  ];
  const seen = states.filter(([state]) => state === true);
  return {
    hurt: seen.length > 0 ? true : states.every(([state]) => state === undefined) ? undefined : false,
    grave: states[0]?.[0] === true || states[1]?.[0] === true,
    evidence: seen.map(([, item]) => item),
  };
};

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
export const mib = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;
export const rate = (perSecond: number): string =>
  `${perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10}/s`;
