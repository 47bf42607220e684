import type { Threshold } from '../threshold.js';

export const configThresholds = {} as const satisfies Record<string, Threshold>;
