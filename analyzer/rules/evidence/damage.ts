import type { MemberLog } from '../../facts/values/member.js';
import { type Claim, type EvidenceInput, inconclusive, necessary, supporting, type Undecided } from '../../rule.js';
import { filesEvidence, notLooked } from './files.js';
import { type Lines, linesOf } from './log-lines.js';
import { startsOf } from './starts.js';
import { type DamageMore, type DamageWants, hardwareErrors, withoutLog } from './without-log.js';

/** A process that lived on this long after its start was not ended by what was logged before it, ms; own estimate, well above any start. */
const RAN_ON_MS = 60_000;

export interface Damage {
  readonly lines: Lines;
  /** The member does not serve, or said it in the window. */
  readonly current: boolean;
  readonly answers: boolean | undefined;
  readonly evidence: readonly EvidenceInput[];
}

/** Whether a later process lived on without the message: then it tells of the past. */
const livedOn = (log: MemberLog, lines: Lines, windowTo: number): boolean => {
  const last = lines.last;
  if (last === null) return false;
  const later = startsOf(log).filter((start) => start.at > last);
  const end = Math.max(log.to ?? 0, windowTo);
  return later.some((start, i) => (later[i + 1]?.at ?? end) - start.at > RAN_ON_MS);
};

/**
 * What a message that ends the process (or should) says of the member now: `undefined` = never logged, or the member serves and
 * its log was not read; an `Undecided` when a member that is not known to serve left no log.
 */
export const damageOf = (
  want: DamageWants,
  window: { readonly from: number; readonly to: number },
  ids: readonly string[],
): Damage | Undecided | undefined => {
  const answers = want.reachability?.answered ?? undefined;
  if (want.log === undefined) {
    return answers === true
      ? undefined
      : inconclusive('the log of the member was not read, and it is not known to serve');
  }
  const lines = linesOf(want.log, ids) as Lines;
  if (lines.total === 0) return undefined;
  const lastStart = startsOf(want.log)
    .filter((start) => lines.last === null || start.at <= lines.last)
    .at(-1);
  return {
    lines,
    current: answers === true ? lines.inWindow > 0 : !livedOn(want.log, lines, window.to),
    answers,
    evidence: [
      hardwareErrors(want.kernelEvents),
      supporting(
        lastStart?.orderly === undefined ? undefined : !lastStart.orderly,
        'The process before ended without an orderly stop',
        lastStart === undefined
          ? {}
          : { observed: lastStart.lastWords ?? 'it said nothing', sources: [lastStart.source] },
      ),
    ],
  };
};

/**
 * The usual claims of a damaged member: it is down by it now (`down`; `seen`: by its files alone), or it was and serves again (`past`);
 * `sleeping`: it runs on files from which it would not start.
 */
export const damageClaims = (
  want: DamageWants,
  window: { readonly from: number; readonly to: number },
  ids: readonly string[],
  more: DamageMore,
): readonly Claim[] | Undecided => {
  const damage = damageOf(want, window, ids);
  const files = more.files ?? notLooked;
  if (damage === undefined || 'inconclusive' in damage) {
    const claims = withoutLog(want, ids, files, more);
    if (claims.length > 0 || damage === undefined || files.damaged === false) return claims;
    return damage;
  }
  const { lines, current, answers } = damage;
  const logged = necessary(true, more.text, {
    observed: `${lines.total} lines`,
    limit: '0',
    from: ['log'],
    sources: lines.sources,
  });
  const data = more.data ?? {};
  const { text, answer } = more.soundFiles ?? { text: 'Its files were read whole, and are sound' };
  const rest = [...(more.evidence ?? []), ...damage.evidence, ...(current ? filesEvidence(files, text, answer) : [])];
  if (!current)
    return [{ message: 'past', data, severity: 'warning', when: 'past', urgent: false, evidence: [logged, ...rest] }];
  return [
    {
      message: 'down',
      data,
      severity: more.severity ?? 'critical',
      evidence: [
        logged,
        necessary(
          answers === undefined ? undefined : !answers || lines.inWindow > 0,
          'The member does not serve, or failed in the window',
          {
            observed: answers === undefined ? 'not asked' : answers ? 'it answered' : 'no answer',
            from: ['reachability'],
          },
        ),
        ...rest,
      ],
    },
  ];
};
