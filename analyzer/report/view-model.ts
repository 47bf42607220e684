import type { Report } from '../../schemas/index.js';
import type { ConfigRow, MatrixView, MemberView } from './view-cluster.js';
import type { CopiesView } from './view-copies.js';
import type { ComparisonView } from './view-comparison.js';
import type { CategoryView, GapView } from './view-coverage.js';
import type { EventView } from './view-events.js';
import type { FindingView, StepView, Tone } from './view-findings.js';
import type { ImportedView } from './view-imported.js';

export interface CriterionView {
  readonly id: string;
  readonly text: string;
  readonly met: string;
  readonly tone: Tone;
  readonly decisive: boolean;
}

export interface BundleView {
  readonly id: string;
  readonly file: string;
  readonly createdAt: string;
  readonly collector: string;
  readonly redaction: string;
  readonly endReason: string;
  /** Empty when nothing is known. */
  readonly signature: string;
  readonly encrypted: boolean;
  readonly intact: boolean;
  readonly vantage: string;
  readonly problems: readonly string[];
}

/** Everything the templates print, as plain objects and finished strings; no field is ever absent. */
export interface ReportView {
  readonly title: string;
  readonly kind: Report['verdict']['kind'];
  readonly tone: Tone;
  readonly kicker: string;
  readonly headline: string;
  readonly summary: string;
  readonly recovery: string;
  readonly calm: boolean;
  readonly inconclusive: boolean;
  readonly scope: readonly string[];
  readonly when: readonly string[];
  readonly first: FindingView | null;
  readonly otherCauses: readonly FindingView[];
  readonly groups: readonly {
    readonly id: string;
    readonly title: string;
    readonly none: string;
    readonly findings: readonly FindingView[];
  }[];
  readonly missing: readonly GapView[];
  readonly missingMore: number;
  readonly checked: readonly { readonly category: string; readonly summary: string }[];
  readonly checkedLine: string;
  readonly actions: readonly StepView[];
  readonly furtherActions: readonly StepView[];
  readonly doNot: readonly string[];
  /** What comes first, by which policy, and whom it says to call. */
  readonly decision: { readonly text: string; readonly policy: string; readonly escalation: readonly string[] };
  readonly owners: readonly { readonly owner: string; readonly task: string }[];
  /** Null when no data dir was read. */
  readonly copies: CopiesView | null;
  /** Null without a baseline. */
  readonly comparison: ComparisonView | null;
  readonly clusterLine: string;
  readonly clusterIds: string;
  readonly versionsLine: string;
  readonly members: readonly MemberView[];
  readonly memberErrors: readonly { readonly label: string; readonly text: string }[];
  readonly kubernetesLines: readonly string[];
  readonly sinceStart: boolean;
  readonly events: readonly EventView[];
  readonly eventsMore: number;
  readonly logGaps: readonly { readonly member: string; readonly text: string }[];
  readonly matrix: MatrixView | null;
  readonly storage: readonly {
    readonly label: string;
    readonly size: string;
    readonly inUse: string;
    readonly quota: string;
    readonly share: string;
  }[];
  readonly config: readonly ConfigRow[];
  readonly configDiffers: number;
  readonly coverageLine: string;
  readonly samplingLine: string;
  /** null when every bundle was collected. */
  readonly imported: ImportedView | null;
  readonly gaps: readonly GapView[];
  readonly outcomesLine: string;
  readonly categories: readonly CategoryView[];
  readonly criteria: readonly CriterionView[];
  readonly thresholds: readonly {
    readonly id: string;
    readonly value: string;
    readonly source: string;
    readonly link: string;
    readonly origin: string;
  }[];
  readonly access: readonly {
    readonly what: string;
    readonly target: string;
    readonly targetFull: string;
    readonly access: string;
    readonly deniedBy: string;
    readonly who: string;
    readonly command: string;
  }[];
  readonly redactionLine: string;
  /** How to read the tokens of a masked bundle; empty when nothing is masked. */
  readonly tokens: string;
  readonly unredacted: boolean;
  readonly bundles: readonly BundleView[];
  readonly toolLine: string;
}
