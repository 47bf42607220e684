import type { VerifyKey } from '../bundle/signature.js';
import type { Extent } from '../bundle/group.js';
import type { FailOn } from '../commands/exit-code.js';
import type { TriageRow } from './row.js';

/** What a thread is started with. `role` tells the program that it is one. */
export interface ThreadSetup {
  readonly role: 'triage';
  readonly identities: readonly string[];
  readonly verifyKeys: readonly VerifyKey[];
  readonly failOn: FailOn;
  /** Epoch ms. */
  readonly now: number;
}

/** Two passes over the files: what each is of, then the cases. A thread does one at a time. */
export type Task =
  | { readonly kind: 'scan'; readonly file: string }
  | { readonly kind: 'analyse'; readonly files: readonly string[] };

export interface Scanned {
  readonly kind: 'scanned';
  readonly extent: Extent;
}

export interface Failed {
  readonly kind: 'failed';
  readonly error: string;
  readonly exitCode: number;
}

export interface Analysed {
  readonly kind: 'analysed';
  readonly row: Omit<TriageRow, 'case' | 'files' | 'bytes'>;
}

export type Answer = Scanned | Analysed | Failed;
