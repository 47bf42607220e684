import type { MachineRecord } from '../../support/machine.js';
import type { Truth } from '../truth.js';

/** What one run of a scenario left behind: `taken.json` beside its bundles. */
export type Taken = TakenBase & (TakenRun | { readonly problem: string; readonly unsupported: boolean });

export interface TakenBase {
  readonly scenario: string;
  readonly family: string;
  readonly title: string;
  readonly line: string;
  /** Factor of the faults' strengths. */
  readonly strength: number;
}

export interface TakenRun {
  /** Exact versions of members 1 to n. */
  readonly versions: readonly string[];
  readonly members: readonly { readonly name: string; readonly id: string; readonly address?: string }[];
  /** Names of the members it was done to. */
  readonly targets: readonly string[];
  readonly truth: Truth;
  /** While the collectors ran; absent in older runs. */
  readonly machine?: MachineRecord;
  readonly nodes: readonly TakenNode[];
  /** Member whose node stands for a user who has one node only. */
  readonly one: string;
}

/** What etcd-collect did on the node of one member. */
export interface TakenNode {
  readonly member: string;
  /** Bundle, relative to `taken.json`. */
  readonly file: string;
  readonly exit: number | null;
  readonly seconds: number;
  /** Its end. */
  readonly stderr: string;
}
