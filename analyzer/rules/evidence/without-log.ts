import type { KernelEvents } from '../../facts/values/host.js';
import type { Crashes, MemberLog, OwnCopy, ProcessValue, Reachability } from '../../facts/values/member.js';
import { type Claim, type EvidenceInput, necessary, supporting } from '../../rule.js';
import { type FileCheck, lastWordsOf } from './files.js';

export interface DamageWants {
  readonly log?: MemberLog | undefined;
  readonly reachability?: Reachability | undefined;
  readonly process?: ProcessValue | undefined;
  readonly kernelEvents?: KernelEvents | undefined;
  readonly dataCopy?: OwnCopy | undefined;
  readonly crashes?: Crashes | undefined;
}

export const hardwareErrors = (kernelEvents: KernelEvents | undefined): EvidenceInput => {
  const hardware = kernelEvents?.events.filter((event) =>
    ['io-error', 'filesystem-error', 'hardware-error', 'readonly-remount'].includes(event.kind),
  );
  return supporting(
    hardware === undefined ? undefined : hardware.length > 0,
    'The kernel logged I/O, file system or memory errors',
    { observed: hardware?.[0]?.text ?? 'none', from: ['kernelEvents'] },
  );
};

/** The member is known not to run: it does not answer, or nobody has its files open. */
const isDown = (want: DamageWants): boolean | undefined => {
  const answers = want.reachability?.answered ?? undefined;
  if (answers === true) return false;
  return answers === false || want.dataCopy?.copy.inUse === false ? true : undefined;
};

/** Claims from what is left of a member whose log says nothing: its files, and its last words. */
export const withoutLog = (
  want: DamageWants,
  ids: readonly string[],
  files: FileCheck,
  more: DamageMore,
): readonly Claim[] => {
  const down = isDown(want);
  const words = down === false ? undefined : lastWordsOf(want.crashes, ids);
  if (files.damaged !== true && words === undefined) return [];
  const serves = necessary(down, 'The member does not run', {
    observed: want.dataCopy?.copy.inUse === false ? 'nobody has its files open' : 'no answer',
    from: ['reachability', 'dataCopy'],
  });
  const said = supporting(words === undefined ? undefined : true, 'Its last words name it', {
    observed: words?.line ?? 'not known',
    from: ['crashes'],
  });
  if (files.damaged !== true)
    return [
      {
        message: 'down',
        data: more.data ?? {},
        severity: more.severity ?? 'critical',
        evidence: [
          necessary(true, 'Its last words name the damage', { observed: words?.line ?? '', from: ['crashes'] }),
          serves,
          hardwareErrors(want.kernelEvents),
        ],
      },
    ];
  const seen = necessary(true, 'Its files are damaged', { observed: files.text, from: ['dataCopy'] });
  const data = { ...more.data, files: files.text };
  // What runs has not met the damage yet.
  if (down === false)
    return [
      {
        message: 'sleeping',
        data,
        severity: 'warning',
        role: 'risk',
        urgent: false,
        basis: 'inferred',
        evidence: [seen],
      },
    ];
  return [
    {
      message: 'seen',
      data,
      ...(files.basis === undefined ? {} : { basis: files.basis }),
      severity: more.severity ?? 'critical',
      evidence: [
        seen,
        serves,
        said,
        supporting(want.log === undefined ? undefined : false, more.text, { observed: '0 lines', from: ['log'] }),
        hardwareErrors(want.kernelEvents),
      ],
    },
  ];
};

export interface DamageMore {
  /** What the lines say, for the evidence. */
  readonly text: string;
  readonly evidence?: readonly EvidenceInput[];
  readonly data?: Readonly<Record<string, string | number>>;
  /** Default: critical. */
  readonly severity?: Claim['severity'];
  /** What the files of the member say; the rule then has the messages `seen` and `sleeping`. */
  readonly files?: FileCheck;
  /** How sound files go together with what the log says. */
  readonly soundFiles?: { readonly text: string; readonly answer?: string };
}
