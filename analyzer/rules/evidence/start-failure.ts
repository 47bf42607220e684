import type { MemberLog, Reachability } from '../../facts/values/member.js';
import { type EvidenceInput, necessary, supporting } from '../../rule.js';
import type { Quorum } from '../../facts/values/cluster.js';
import type { Severity } from '../../finding.js';
import { type Lines, linesOf } from './log-lines.js';
import { spareOf } from './voters.js';

export interface StartFailure {
  readonly lines: Lines | undefined;
  /** The member answers today: it got over it. */
  readonly over: boolean;
  readonly evidence: readonly EvidenceInput[];
  /** Severity, time and urgency of the claim: without this member the reserve may be gone. */
  readonly claim: { readonly severity: Severity; readonly when: 'now' | 'past'; readonly urgent: boolean };
}

/** A start that the member's own log says was refused for one of these reasons. */
export const startFailure = (
  want: {
    readonly log?: MemberLog | undefined;
    readonly reachability?: Reachability | undefined;
    readonly quorum?: Quorum | undefined;
    readonly joining?: boolean | undefined;
  },
  ids: readonly string[],
  text: string,
): StartFailure => {
  const lines = linesOf(want.log, ids);
  const answered = want.reachability?.answered ?? undefined;
  const over = answered === true;
  const spare = want.quorum === undefined ? undefined : spareOf(want.quorum);
  // A member that never joined takes no reserve away that was there before, unless the quorum went with it.
  const last = !over && spare !== undefined && (want.joining === true ? want.quorum?.hasQuorum === false : spare <= 0);
  return {
    lines,
    over,
    claim: { severity: over ? 'info' : last ? 'critical' : 'high', when: over ? 'past' : 'now', urgent: last },
    evidence: [
      necessary(lines === undefined ? undefined : lines.total > 0, text, {
        observed: `${lines?.total ?? 0} lines${lines === undefined || lines.last === null ? '' : `, the last at ${new Date(lines.last).toISOString()}`}`,
        limit: '0',
        sources: lines?.sources ?? [],
      }),
      supporting(answered === undefined ? undefined : !answered, 'The member does not answer', {
        from: ['reachability'],
      }),
    ],
  };
};
