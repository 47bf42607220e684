import type { Threshold } from '../threshold.js';

export const integrityThresholds = {} as const satisfies Record<string, Threshold>;
