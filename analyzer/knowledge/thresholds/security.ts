import type { Threshold } from '../threshold.js';

export const securityThresholds = {} as const satisfies Record<string, Threshold>;
