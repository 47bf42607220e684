import type { Threshold } from '../threshold.js';

export const clientLoadThresholds = {} as const satisfies Record<string, Threshold>;
