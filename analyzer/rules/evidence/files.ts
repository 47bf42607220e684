import type { CopyCheck, Crashes, OwnCopy } from '../../facts/values/index.js';
import type { Basis } from '../../confidence.js';
import { contradicting, type EvidenceInput, supporting } from '../../rule.js';

/** What the files of a member say about one kind of damage. */
export interface FileCheck {
  /** False only when all that could show it was read. */
  readonly damaged: boolean | undefined;
  /** In words, for the message and the evidence. */
  readonly text: string;
  /** `inferred` where the files might not be those of the member; default: the rule's own. */
  readonly basis?: Basis;
}

export const notLooked: FileCheck = { damaged: undefined, text: '' };

/** Files of the member that count: those of another cluster, or of a member that was removed, say nothing about why it does not serve. */
export const ownFiles = (copy: OwnCopy | undefined): OwnCopy | undefined =>
  copy === undefined || ['foreign', 'removed', 'detached'].includes(copy.standing) ? undefined : copy;

/** One part of the data dir as such a check; `sound` parts speak against the damage. */
export const partCheck = (copy: OwnCopy | undefined, part: 'wal' | 'db'): FileCheck => {
  const own = ownFiles(copy)?.copy;
  const check: CopyCheck | undefined = own?.[part];
  const hole = part === 'wal' ? own?.fit.logHole : undefined;
  if (hole != null)
    return { damaged: true, text: `the entries between ${hole.after} and ${hole.before} are missing in its log` };
  return check === undefined
    ? notLooked
    : {
        damaged:
          check.state === 'damaged'
            ? true
            : check.state === 'sound' || check.state === 'repairable'
              ? false
              : undefined,
        text: check.text,
      };
};

/** The files beside what a log says: for it, against it, or not looked at. */
export const filesEvidence = (files: FileCheck, sound: string, answer: string | undefined): readonly EvidenceInput[] =>
  files.damaged === undefined
    ? []
    : files.damaged
      ? [supporting(true, 'Its files show the damage', { observed: files.text, from: ['dataCopy'] })]
      : [
          contradicting(true, sound, {
            observed: files.text === '' ? 'read whole, no fault' : files.text,
            from: ['dataCopy'],
            ...(answer === undefined ? {} : { answer }),
          }),
        ];

/** The last words of the member, when they are of one of these kinds; undefined when they are not, or are not known. */
export const lastWordsOf = (
  crashes: Crashes | undefined,
  ids: readonly string[],
): { readonly line: string; readonly at: number | null } | undefined => {
  const last = crashes?.lastMarker;
  return last !== undefined && last !== null && last.says.some((id) => ids.includes(id)) ? last : undefined;
};
