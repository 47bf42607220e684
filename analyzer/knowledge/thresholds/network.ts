import type { Threshold } from '../threshold.js';

export const networkThresholds = {} as const satisfies Record<string, Threshold>;
