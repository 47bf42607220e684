/** A fault in force; `undo` takes it back, is safe to call twice and does not wait for the cluster to recover. */
export type Fault = {
  undo: () => Promise<void>;
  /** Names of members it turned out to be about, when those are not the ones it was asked for (a learner that was added). */
  subjects?: readonly string[];
};

/** This machine or this cluster cannot have that fault; `reason` says what is missing. */
export class FaultUnsupported extends Error {
  readonly fault: string;
  readonly reason: string;
  constructor(fault: string, reason: string) {
    super(`${fault} is not possible here: ${reason}`);
    this.name = 'FaultUnsupported';
    this.fault = fault;
    this.reason = reason;
  }
}

/** Make a fault out of an undo action that shall run once. */
export function fault(undo: () => Promise<void>): Fault {
  let done: Promise<void> | undefined;
  return {
    undo: () => {
      done ??= undo();
      return done;
    },
  };
}
