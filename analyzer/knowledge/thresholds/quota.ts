import type { Threshold } from '../threshold.js';

export const quotaThresholds = {} as const satisfies Record<string, Threshold>;
