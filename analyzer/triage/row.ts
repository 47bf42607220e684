/** One case of a triage: a line of `--format jsonl`. */
export interface TriageRow {
  /** Path of the first file, and how many more belong to the case. */
  readonly case: string;
  readonly files: readonly string[];
  readonly clusterIds: readonly string[];
  /** Start and end of the collection, RFC 3339; null when nothing could be read. */
  readonly from: string | null;
  readonly to: string | null;
  /** Null when the case could not be analysed. */
  readonly verdict: string | null;
  readonly headline: string | null;
  /** First-ranked cause. */
  readonly cause: {
    readonly rule: string;
    readonly subjects: readonly string[];
    readonly confidence: string;
    readonly score: number;
  } | null;
  readonly causes: number;
  /** Voters and learners, and those that answered. */
  readonly members: { readonly total: number; readonly answered: number } | null;
  /** Size of the files as they lie there; null for directories. */
  readonly bytes: number | null;
  /** Damage, conflicts between the bundles, gaps worth knowing. */
  readonly problems: readonly string[];
  /** Why there is no verdict. */
  readonly error: string | null;
  /** Exit code that `etcd-analyze` gives for this case. */
  readonly exitCode: number;
}

/** Worst first: a defect of the tool, an emergency, then what could not be read, what is unclear, what is less urgent. */
const worstFirst: readonly number[] = [1, 3, 5, 2, 7, 6, 8, 4, 0];

/** The exit code of a triage: the worst of its cases. */
export const worstCode = (codes: readonly number[]): number =>
  worstFirst.find((code) => codes.includes(code)) ?? (codes.length === 0 ? 0 : 1);
