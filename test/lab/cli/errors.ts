import { UsageError } from '../../../collector/errors.js';
import { EtcdUnavailable } from '../../support/etcd-binaries.js';
import { isRoot } from '../../support/tools.js';
import { FaultUnsupported } from '../faults/types.js';

/** What a problem means for the caller, and for the exit code. */
export type Failure = 'usage' | 'impossible' | 'failed';

export const exitCodes: Readonly<Record<Failure, number>> = { usage: 2, impossible: 3, failed: 4 };

/** A problem in words for the user; `advice` says what to do next, as a clause without a full stop. */
export class LabError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    readonly advice?: string,
  ) {
    super(message);
    this.name = 'LabError';
  }
}

const otherFaults = (): string =>
  isRoot() ? '"list faults" shows the others' : 'root can have more of them; "list faults" shows the others';

/** The same problem in the lab's terms; what nobody foresaw is a failure. */
export const labErrorOf = (error: unknown): LabError => {
  if (error instanceof LabError) return error;
  if (error instanceof UsageError) return new LabError('usage', error.message, error.advice);
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof FaultUnsupported) return new LabError('impossible', at.message, otherFaults());
    if (at instanceof EtcdUnavailable) {
      return new LabError('impossible', `etcd ${at.line} is not available: ${at.reason}`, at.remedy.replace(/\.$/, ''));
    }
  }
  return new LabError('failed', error instanceof Error ? error.message : String(error));
};
