import type { Threshold } from '../threshold.js';

export const integrityThresholds = {
  'version-mix-seconds': {
    value: 86_400,
    unit: 's',
    source: 'own estimate: a rolling upgrade restarts every member within a day',
  },
} as const satisfies Record<string, Threshold>;
