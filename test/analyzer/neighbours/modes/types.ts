import type { Changes } from '../base.js';

/** A failure mode with the facts that lead to it. */
export interface Mode {
  readonly mode: string;
  readonly facts: Changes;
  /** Neighbours: modes with the same symptoms. */
  readonly not: readonly string[];
}

/** Facts from which no mode follows. */
export interface Undecidable {
  readonly name: string;
  readonly facts: Changes;
  /** Modes between which the evidence leaves the choice: none of them may be named with confidence. */
  readonly between: readonly string[];
  /** The rule that says what is missing, and its words. */
  readonly rule: string;
  readonly missing: RegExp;
}
