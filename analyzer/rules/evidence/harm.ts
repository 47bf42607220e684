import type { Counter } from '../../facts/values/common.js';
import type { MemberLog, Proposals, SlowOperations } from '../../facts/values/member.js';
import { type EvidenceInput, supporting } from '../../rule.js';

export interface Harm {
  /** Any consequence seen in the window; undefined when none could be looked for. */
  readonly any: boolean | undefined;
  readonly evidence: readonly EvidenceInput[];
}

const grew = (counter: Counter | null | undefined): boolean | undefined =>
  counter === undefined || counter === null || counter.delta === null ? undefined : counter.delta > 0;

const count = (counter: Counter | null | undefined): string => `${counter?.delta ?? 0} in the window`;

/** What slow storage or a starved process does to a member, as far as it was observed in the window. */
export const fsyncHarm = (want: {
  readonly heartbeatFailures?: Counter | undefined;
  readonly slowOperations?: SlowOperations | undefined;
  readonly proposals?: Proposals | undefined;
  readonly leaderChanges?: Counter | undefined;
  readonly log?: MemberLog | undefined;
}): Harm => {
  const slowSync = want.log?.coversWindow === true ? (want.log.count('wal-slow-fdatasync')?.inWindow ?? 0) : undefined;
  const seen: readonly (readonly [boolean | undefined, EvidenceInput])[] = [
    [
      grew(want.heartbeatFailures),
      supporting(grew(want.heartbeatFailures), 'Late heartbeats (leader only)', {
        observed: count(want.heartbeatFailures),
        limit: '0',
        from: ['heartbeatFailures'],
      }),
    ],
    [
      grew(want.slowOperations?.apply),
      supporting(grew(want.slowOperations?.apply), 'Applies that took too long', {
        observed: count(want.slowOperations?.apply),
        limit: '0',
        from: ['slowOperations'],
      }),
    ],
    [
      grew(want.leaderChanges),
      supporting(grew(want.leaderChanges), 'Leader changes', {
        observed: count(want.leaderChanges),
        limit: '0',
        from: ['leaderChanges'],
      }),
    ],
    [
      slowSync === undefined ? undefined : slowSync > 0,
      supporting(slowSync === undefined ? undefined : slowSync > 0, 'The log names syncs longer than a second', {
        observed: `${slowSync ?? 0} lines`,
        limit: '0',
        from: ['log'],
      }),
    ],
  ];
  const states = seen.map(([state]) => state);
  return {
    any: states.some((state) => state === true)
      ? true
      : states.every((state) => state === undefined)
        ? undefined
        : false,
    evidence: seen.filter(([state]) => state === true).map(([, item]) => item),
  };
};
