import type { Threshold } from '../threshold.js';

export const raftThresholds = {} as const satisfies Record<string, Threshold>;
