import type { MemberLog, Reachability } from '../../facts/values/member.js';
import { type EvidenceInput, necessary, supporting } from '../../rule.js';
import { type Lines, linesOf } from './log-lines.js';

export interface StartFailure {
  readonly lines: Lines | undefined;
  /** The member answers today: it got over it. */
  readonly over: boolean;
  readonly evidence: readonly EvidenceInput[];
}

/** A start that the member's own log says was refused for one of these reasons. */
export const startFailure = (
  want: { readonly log?: MemberLog | undefined; readonly reachability?: Reachability | undefined },
  ids: readonly string[],
  text: string,
): StartFailure => {
  const lines = linesOf(want.log, ids);
  const answered = want.reachability?.answered ?? undefined;
  return {
    lines,
    over: answered === true,
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
