import { dataOf } from './answer.js';

export type Edition = '3.5' | 'main';

/** An alert condition of the mixin. Ranges are those of the expression; here the window of the bundle stands in for them. */
export type Condition =
  | { readonly kind: 'too-few-up' }
  | { readonly kind: 'members-down'; readonly metric: string; readonly by: string; readonly abovePerSecond: number }
  | { readonly kind: 'gauge-is'; readonly metric: string; readonly value: number }
  | { readonly kind: 'increase'; readonly metric: string; readonly atLeast: number; readonly range: string }
  | { readonly kind: 'rate'; readonly metric: string; readonly abovePerSecond: number }
  | {
      readonly kind: 'failed-percent';
      readonly metric: string;
      readonly codes?: readonly string[];
      readonly codesNot?: readonly string[];
      /** Labels summed away. */
      readonly without: readonly string[];
      readonly above: number;
    }
  | {
      readonly kind: 'quantile';
      readonly metric: string;
      readonly q: number;
      readonly aboveSeconds: number;
      readonly where?: Readonly<Record<string, string>>;
      readonly not?: Readonly<Record<string, string>>;
      /** Labels that are kept apart; default none. */
      readonly by?: readonly string[];
      /** The label that names the other end of a link. */
      readonly link?: string;
    }
  | { readonly kind: 'percent-of'; readonly metric: string; readonly of: string; readonly above: number }
  | { readonly kind: 'growth-of-share'; readonly metric: string; readonly of: string; readonly abovePoints: number }
  | { readonly kind: 'predicted'; readonly metric: string; readonly over: string; readonly inSeconds: number }
  | {
      readonly kind: 'fragmented';
      readonly inUse: string;
      readonly size: string;
      readonly shareBelow: number;
      readonly inUseAboveBytes: number;
    };

export interface Alert {
  readonly name: string;
  /** Whether it names what is wrong or what is felt of it: whoever reads a page of alerts starts with the former. */
  readonly about: 'cause' | 'symptom';
  /** Our rule ids it is meant for. */
  readonly points: readonly string[];
  /** Why it adds suspects but alarms nobody here. */
  readonly hint?: string;
  readonly forms: readonly {
    readonly editions: readonly Edition[];
    readonly severity: 'critical' | 'warning';
    /** How long it must hold before anybody hears of it. */
    readonly for: string;
    readonly condition: Condition;
  }[];
}

export interface MixinData {
  readonly source: unknown;
  readonly ownCalls: { readonly methods: readonly string[]; readonly why: string };
  /** Most specific first within its kind. */
  readonly alerts: readonly Alert[];
}

let loaded: MixinData | undefined;

export const mixinData = (): MixinData => {
  loaded ??= dataOf<MixinData>('mixin-alerts.json');
  return loaded;
};
