import type { Threshold } from './threshold.js';
import { type ThresholdId, thresholdOf } from './thresholds.js';

/** A threshold in force. */
export interface AppliedThreshold extends Threshold {
  /** Set when a file of the user replaced the built-in value. */
  readonly builtIn?: Threshold;
}

/** The thresholds that an analysis compares with, by id. */
export type ThresholdSet = (id: ThresholdId) => AppliedThreshold;

export const builtInThresholds: ThresholdSet = thresholdOf;

/** The built-in thresholds with some replaced; `source` is then the user's reason. */
export const withOverrides =
  (overrides: ReadonlyMap<ThresholdId, { readonly value: number; readonly reason: string }>): ThresholdSet =>
  (id) => {
    const builtIn = thresholdOf(id);
    const override = overrides.get(id);
    return override === undefined ? builtIn : { ...builtIn, value: override.value, source: override.reason, builtIn };
  };
