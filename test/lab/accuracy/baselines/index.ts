import type { Baseline } from './answer.js';
import { logCounting } from './log-counting.js';
import { memberChecks } from './member-checks.js';
import { mixin } from './mixin.js';

export type * from './answer.js';

/** The plain alternatives, in the order of the tables. */
export const baselines: readonly Baseline[] = [mixin, logCounting, memberChecks];
