import type { Rule } from '../rule.js';
import { clientLoadRules } from './client-load/index.js';
import { configRules } from './config/index.js';
import { integrityRules } from './integrity/index.js';
import { lifecycleRules } from './lifecycle/index.js';
import { networkRules } from './network/index.js';
import { quotaRules } from './quota/index.js';
import { raftRules } from './raft/index.js';
import { resourcesRules } from './resources/index.js';
import { securityRules } from './security/index.js';
import { storageRules } from './storage/index.js';
import { versionRules } from './version/index.js';

/** Every rule, by category. A rule that is not listed in its category does not run. */
export const rules: readonly Rule[] = [
  ...storageRules,
  ...quotaRules,
  ...resourcesRules,
  ...networkRules,
  ...configRules,
  ...securityRules,
  ...raftRules,
  ...integrityRules,
  ...lifecycleRules,
  ...versionRules,
  ...clientLoadRules,
];
