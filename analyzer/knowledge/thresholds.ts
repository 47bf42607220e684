import type { Threshold } from './threshold.js';
import { clientLoadThresholds } from './thresholds/client-load.js';
import { configThresholds } from './thresholds/config.js';
import { integrityThresholds } from './thresholds/integrity.js';
import { networkThresholds } from './thresholds/network.js';
import { quotaThresholds } from './thresholds/quota.js';
import { raftThresholds } from './thresholds/raft.js';
import { resourceThresholds } from './thresholds/resources.js';
import { securityThresholds } from './thresholds/security.js';
import { storageThresholds } from './thresholds/storage.js';

/** Version of the threshold data; recorded in the report. */
export const THRESHOLDS_VERSION = 1;

/** Every number a rule compares with, each with its unit and where it comes from. */
export const thresholds = {
  ...storageThresholds,
  ...quotaThresholds,
  ...resourceThresholds,
  ...networkThresholds,
  ...configThresholds,
  ...securityThresholds,
  ...raftThresholds,
  ...integrityThresholds,
  ...clientLoadThresholds,
} as const;

export type ThresholdId = keyof typeof thresholds;

export const thresholdOf = (id: ThresholdId): Threshold =>
  (thresholds as Readonly<Record<string, Threshold>>)[id] as Threshold;
