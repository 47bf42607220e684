import type { Threshold } from '../threshold.js';

export const resourceThresholds = {} as const satisfies Record<string, Threshold>;
