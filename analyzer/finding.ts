import type { ReportEvidence, ReportSource, ReportStep, ReportSubject } from '../schemas/index.js';

export type Severity = 'critical' | 'high' | 'warning' | 'info';
export type Role = 'cause' | 'symptom' | 'risk' | 'notice';
/** `now`: seen in the sampling window; `past`: only before it. */
export type When = 'now' | 'past';
export type Owner = 'operator' | 'infrastructure' | 'platform' | 'vendor' | 'application';
export type Category =
  | 'storage'
  | 'quota'
  | 'resources'
  | 'network'
  | 'config'
  | 'security'
  | 'raft'
  | 'integrity'
  | 'lifecycle'
  | 'version'
  | 'client-load';

export interface Confidence {
  readonly level: 'high' | 'medium' | 'low';
  /** 0..1 */
  readonly score: number;
}

/** One claim of one rule about one or more subjects, before diagnosis. */
export interface Finding {
  readonly rule: string;
  readonly title: string;
  readonly category: Category;
  readonly why: string;
  readonly role: Role;
  readonly severity: Severity;
  readonly when: When;
  readonly message: string;
  readonly confidence: Confidence;
  readonly subjects: readonly ReportSubject[];
  readonly evidence: readonly ReportEvidence[];
  readonly contradictedBy: readonly ReportEvidence[];
  /** Ids of rules whose findings this one accounts for. */
  readonly explains: readonly string[];
  /** Only trouble of all its members accounts for it. */
  readonly ownFate: boolean;
  readonly alternatives: readonly { readonly rule: string; readonly why: string }[];
  readonly wouldDisprove: readonly string[];
  readonly nextEvidence: readonly { readonly what: string; readonly command?: string }[];
  readonly remedy: readonly ReportStep[];
  readonly doNot: readonly string[];
  readonly owner: Owner;
  /** Demands action before diagnosis (a criterion of `intervene-now`). */
  readonly urgent: boolean;
}

export const severities: readonly Severity[] = ['info', 'warning', 'high', 'critical'];
export const severityRank = (severity: Severity): number => severities.indexOf(severity);

export type Source = ReportSource;
