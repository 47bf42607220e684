import type { ReportSource, ReportStep, ReportSubject } from '../schemas/index.js';
import type { CaseHost, CaseMember } from './bundle/case.js';
import type { Basis } from './confidence.js';
import type { Category, Owner, Role, Severity, When } from './finding.js';
import type { ThresholdId } from './knowledge/thresholds.js';
import type { FactName, FactValue } from './rule-facts.js';

/** One piece of evidence as a rule states it. `met`: true = observed, false = looked for and not so, undefined = could not be seen. */
export interface EvidenceInput {
  readonly weight: 'necessary' | 'supporting' | 'contradicting';
  readonly met: boolean | undefined;
  /** What was looked at, in words. */
  readonly text: string;
  /** Observed value with its unit, formatted. */
  readonly observed?: string;
  /** Limit with its unit, formatted; taken from `threshold` when absent. */
  readonly limit?: string;
  readonly threshold?: ThresholdId;
  /** Facts of the judged subject whose sources back this up. */
  readonly from?: readonly FactName[];
  /** Further sources, e.g. a log line. */
  readonly sources?: readonly ReportSource[];
  /** The member or host this piece is about, when it is not the judged subject. */
  readonly about?: string;
  /** For contradicting evidence: why the claim stands all the same. */
  readonly answer?: string;
}

type EvidenceMore = Omit<EvidenceInput, 'weight' | 'met' | 'text'>;

/** Without it the claim falls: known-absent necessary evidence turns the claim into a pass. */
export const necessary = (met: boolean | undefined, text: string, more: EvidenceMore = {}): EvidenceInput => ({
  weight: 'necessary',
  met,
  text,
  ...more,
});
/** Raises confidence when seen. */
export const supporting = (met: boolean | undefined, text: string, more: EvidenceMore = {}): EvidenceInput => ({
  weight: 'supporting',
  met,
  text,
  ...more,
});
/** Lowers confidence when seen; `answer` says why the claim stands all the same. */
export const contradicting = (met: boolean | undefined, text: string, more: EvidenceMore = {}): EvidenceInput => ({
  weight: 'contradicting',
  met,
  text,
  ...more,
});

/** What a rule says about its subject; the engine decides from the evidence whether it becomes a finding. */
export interface Claim {
  /** Id in the rule's `messages`. */
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly severity: Severity;
  readonly role?: Role;
  readonly when?: When;
  readonly evidence: readonly EvidenceInput[];
  /** Ids of the members (or hosts) concerned, when they differ from the judged subject. */
  readonly subjects?: readonly string[];
  /** Overrides the rule's basis: `direct` = the server or kernel says so itself. */
  readonly basis?: Basis;
  /** Demands action before diagnosis; default: the rule's `urgent`. */
  readonly urgent?: boolean;
  /** Overrides the rule's remedy, e.g. when the safe order depends on what was found. */
  readonly remedy?: readonly ReportStep[];
}

/** Says that the rule has nothing to judge here, with the reason in words. */
export interface NotApplicable {
  readonly notApplicable: string;
}

/** Says that a verdict needs evidence that is not there, with the reason in words. */
export interface Undecided {
  readonly inconclusive: string;
}

export const notApplicable = (reason: string): NotApplicable => ({ notApplicable: reason });
export const inconclusive = (reason: string): Undecided => ({ inconclusive: reason });

/** What a rule may see: only the facts it declared. */
export interface RuleContext<N extends FactName, W extends FactName> {
  /** The judged member, host or the cluster. */
  readonly subject: ReportSubject;
  readonly member: CaseMember | undefined;
  readonly host: CaseHost | undefined;
  /** Values of the needed facts about the subject; for a cluster rule, needed member or host facts are read with `each`. */
  readonly need: { readonly [K in N]: FactValue<K> };
  readonly want: { readonly [K in W]: FactValue<K> | undefined };
  /** A declared member or host fact of every subject it was observed for, by id. */
  readonly each: <K extends N | W>(fact: K) => ReadonlyMap<string, FactValue<K>>;
  readonly members: readonly CaseMember[];
  readonly nameOf: (id: string) => string;
  readonly limit: (id: ThresholdId) => number;
  /** Sampling window, epoch ms. */
  readonly window: { readonly from: number; readonly to: number };
  readonly collectedAt: number;
}

export interface RuleDefinition<N extends FactName = FactName, W extends FactName = FactName> {
  /** Noun phrase = file name = id in the catalogue of failure modes. */
  readonly id: string;
  readonly title: string;
  readonly category: Category;
  /** Default role of its claims. */
  readonly role: Role;
  /** One evaluation per member, per host, or one for the cluster. */
  readonly scope: 'member' | 'host' | 'cluster';
  /** Why an operator should care, one sentence. */
  readonly why: string;
  readonly needs: readonly N[];
  readonly wants: readonly W[];
  /** Ids of rules whose findings this one accounts for. */
  readonly explains: readonly string[];
  /** Only trouble of the very members it is about accounts for it; an ailing leader elsewhere does not. */
  readonly ownFate?: boolean;
  /** Sentences with `{placeholders}` filled from the claim's data. */
  readonly messages: Readonly<Record<string, string>>;
  readonly basis: Basis;
  readonly urgent?: boolean;
  /** Ordered, safest first. */
  readonly remedy: readonly ReportStep[];
  readonly doNot: readonly string[];
  readonly owner: Owner;
  /** Look-alikes and what tells them apart. */
  readonly alternatives: readonly { readonly rule: string; readonly why: string }[];
  readonly wouldDisprove: readonly string[];
  readonly nextEvidence: readonly { readonly what: string; readonly command?: string }[];
  readonly thresholds: readonly ThresholdId[];
  /** Several claims = several findings; none = pass. */
  readonly evaluate: (context: RuleContext<N, W>) => readonly Claim[] | NotApplicable | Undecided;
}

export type Rule = RuleDefinition<never, never>;

/** Keeps the fact names literal, so that an undeclared fact or an unguarded want is a type error. */
export const defineRule = <const N extends FactName = never, const W extends FactName = never>(
  rule: RuleDefinition<N, W>,
): Rule => rule as unknown as Rule;
