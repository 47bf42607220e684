import type { Report } from '../../schemas/index.js';

export type VerdictKind = Report['verdict']['kind'];

/** What was really done to a cluster, in the words of a report. */
export interface Truth {
  /** Rule ids that name the true cause, best first: the report's first cause must be one of them. Empty: there is no cause to name. */
  readonly causes: readonly string[];
  /** Verdicts that are right. */
  readonly verdict: readonly VerdictKind[];
  /** `target`: the first cause must be about a member it was done to; `any`: the cluster, or whomever. Default `target`. */
  readonly subject?: 'target' | 'any';
  /**
   * Other rule ids that a truthful report may show here (a consequence, a second true thing), with the reason.
   * A finding of severity warning or above that is neither here nor in `causes` is a false alarm.
   */
  readonly also?: Readonly<Record<string, string>>;
  /**
   * When evidence of one healthy member's node cannot tell: what is right then, with what is missing. Default: the same as above.
   */
  readonly fromOneNode?: {
    readonly causes: readonly string[];
    readonly verdict: readonly VerdictKind[];
    readonly subject?: 'target' | 'any';
    readonly missing: string;
  };
}
