import type { Alarms, History } from '../../facts/values/cluster.js';
import type { MemberLog, Storage } from '../../facts/values/member.js';
import type { FactValue } from '../../rule-facts.js';
import type { ThresholdId } from '../../knowledge/thresholds.js';
import { type Claim, type EvidenceInput, inconclusive, necessary, supporting, type Undecided } from '../../rule.js';
import { began } from './history.js';
import { kindOf, type Nospace, type NospaceKind, type NospaceMember, nospace, quotaText } from './nospace.js';

export const nospaceThresholds = [
  'quota-full-share',
  'quota-near-share',
  'quota-free-share',
  'quota-live-share',
] as const satisfies readonly ThresholdId[];

interface NospaceContext {
  readonly want: { readonly alarms?: Alarms | undefined; readonly history?: History | undefined };
  readonly each: <K extends 'storage' | 'log'>(fact: K) => ReadonlyMap<string, FactValue<K>>;
  readonly nameOf: (id: string) => string;
  readonly limit: (id: (typeof nospaceThresholds)[number]) => number;
}

/** The state of quota and alarm as all NOSPACE rules read it. */
export const readNospace = (ctx: NospaceContext): Nospace =>
  nospace(ctx.want.alarms, ctx.each('storage') as ReadonlyMap<string, Storage>, {
    full: ctx.limit('quota-full-share'),
    near: ctx.limit('quota-near-share'),
    free: ctx.limit('quota-free-share'),
    live: ctx.limit('quota-live-share'),
  });

/** Times that the logs of all members name a group. */
export const logged = (logs: ReadonlyMap<string, MemberLog>, group: string): number =>
  [...logs.values()].reduce((sum, log) => sum + (log.count(group)?.total ?? 0), 0);

const alarmText = (judged: Nospace, alarms: Alarms | undefined): string =>
  judged.armed === true
    ? `armed, by ${alarms?.armed.find((each) => each.alarm === 'NOSPACE')?.by.join(', ') ?? 'unknown'}`
    : judged.armed === false
      ? 'not armed'
      : 'not observed';

/**
 * The claim of one NOSPACE rule: `full` while the alarm is armed (critical, urgent), `near` as a risk before that.
 * `proof` is the rule's own evidence, given the fullest member.
 */
export const nospaceClaims = (
  ctx: NospaceContext,
  kinds: readonly NospaceKind[],
  proof: (worst: NospaceMember, judged: Nospace) => readonly EvidenceInput[],
): readonly Claim[] | Undecided => {
  const judged = readNospace(ctx);
  const kind = kindOf(judged);
  const worst = judged.full.find((member) => member.kind === kind);
  if (judged.armed === undefined && judged.observed.length === 0)
    return inconclusive('neither alarms nor database sizes were read');
  if (worst === undefined || kind === undefined || !kinds.includes(kind)) return [];
  const armed = judged.armed === true;
  return [
    {
      message: armed ? 'full' : 'near',
      data: { worst: ctx.nameOf(worst.id), observed: quotaText(worst) },
      severity: armed ? 'critical' : 'high',
      role: armed ? 'cause' : 'risk',
      urgent: armed,
      ...(kind === 'unknown' ? { basis: 'inferred' as const } : {}),
      subjects: judged.full.map((member) => member.id),
      evidence: [
        ...(armed
          ? [
              necessary(true, 'The NOSPACE alarm', {
                observed: alarmText(judged, ctx.want.alarms),
                limit: 'not armed',
                from: ['alarms'],
              }),
            ]
          : [
              supporting(judged.armed, 'The NOSPACE alarm', {
                observed: alarmText(judged, ctx.want.alarms),
                limit: 'not armed',
                from: ['alarms'],
              }),
            ]),
        necessary(true, 'Size of the database file, which the quota counts', {
          observed: quotaText(worst),
          threshold: armed ? 'quota-full-share' : 'quota-near-share',
          from: ['storage'],
          about: worst.id,
        }),
        ...began(
          ctx.want.history,
          'db-size',
          worst.id,
          ctx.limit('quota-near-share') * Number(worst.storage.quotaBytes),
          'the database near its quota',
        ),
        ...proof(worst, judged),
      ],
    },
  ];
};
