import type { ProcessSched, Reachability } from '../../facts/values/member.js';
import type { Severity } from '../../finding.js';
import { type Claim, necessary, supporting } from '../../rule.js';

/** It has run for so long since then that it is over; longer than a collection samples, so that only a recording can say so. */
const OVER_MS = 60_000;

/** It was stopped in a part of the rounds and runs now. */
export const pausedClaim = (
  sched: ProcessSched,
  reach: Reachability | undefined,
  windowTo: number,
  severity: Severity,
): Claim => ({
  message: 'paused',
  severity,
  basis: 'direct',
  when: windowTo - (sched.lastStoppedAt ?? windowTo) > OVER_MS ? 'past' : 'now',
  evidence: [
    necessary(true, 'The kernel had the process in state T (stopped), and runs it now', {
      observed: `states in this order: ${sched.states.slice(-12).join(', ')}`,
      from: ['processSched'],
    }),
    ...(reach?.kind === 'intermittent'
      ? [
          supporting(true, 'It did not answer meanwhile', {
            observed: `silent in ${reach.failedRounds.length} rounds, answered in ${reach.answeredRounds.length}`,
            from: ['reachability'],
          }),
        ]
      : []),
  ],
});

/** The last silent round of the window is long ago; rounds are evenly spaced. */
export const silentLongAgo = (
  { failedRounds, answeredRounds }: Reachability,
  window: { readonly from: number; readonly to: number },
): boolean => {
  const silent = failedRounds.at(-1) ?? 0;
  const last = Math.max(1, silent, answeredRounds.at(-1) ?? 0);
  return (1 - silent / last) * (window.to - window.from) > OVER_MS;
};
