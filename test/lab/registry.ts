import type { FaultDefinition } from './fault.js';
import { configFaults } from './faults/config/index.js';
import { eventsFaults } from './faults/events/index.js';
import { integrityFaults } from './faults/integrity/index.js';
import { lifecycleFaults } from './faults/lifecycle/index.js';
import { networkFaults } from './faults/network/index.js';
import { quotaFaults } from './faults/quota/index.js';
import { raftFaults } from './faults/raft/index.js';
import { resourcesFaults } from './faults/resources/index.js';
import { securityFaults } from './faults/security/index.js';
import { storageFaults } from './faults/storage/index.js';
import { versionFaults } from './faults/version/index.js';
import type { LoadDefinition } from './load.js';
import { loads } from './loads/index.js';
import type { Scenario } from './scenario.js';
import { clientLoadScenarios } from './scenarios/client-load.js';
import { compoundScenarios } from './scenarios/compound.js';
import { configScenarios } from './scenarios/config.js';
import { healthyScenarios } from './scenarios/healthy.js';
import { integrityScenarios } from './scenarios/integrity.js';
import { lifecycleScenarios } from './scenarios/lifecycle.js';
import { networkScenarios } from './scenarios/network.js';
import { quotaScenarios } from './scenarios/quota.js';
import { raftScenarios } from './scenarios/raft.js';
import { resourcesScenarios } from './scenarios/resources.js';
import { securityScenarios } from './scenarios/security.js';
import { storageScenarios } from './scenarios/storage.js';
import { versionScenarios } from './scenarios/version.js';

export { loads };

/** Every kind of fault and harmless event. */
export const faults: readonly FaultDefinition[] = [
  ...storageFaults,
  ...integrityFaults,
  ...quotaFaults,
  ...resourcesFaults,
  ...networkFaults,
  ...raftFaults,
  ...lifecycleFaults,
  ...securityFaults,
  ...configFaults,
  ...versionFaults,
  ...eventsFaults,
];

/** Every scenario, healthy controls first. */
export const scenarios: readonly Scenario[] = [
  ...healthyScenarios,
  ...storageScenarios,
  ...integrityScenarios,
  ...quotaScenarios,
  ...resourcesScenarios,
  ...networkScenarios,
  ...raftScenarios,
  ...lifecycleScenarios,
  ...securityScenarios,
  ...configScenarios,
  ...versionScenarios,
  ...clientLoadScenarios,
  ...compoundScenarios,
];

const named = <T>(what: string, all: readonly T[], nameOf: (each: T) => string, name: string): T => {
  const found = all.find((each) => nameOf(each) === name);
  if (found !== undefined) return found;
  throw new Error(`there is no ${what} ${name}; there are: ${all.map(nameOf).join(', ')}`);
};

export const faultByName = (name: string): FaultDefinition => named('fault', faults, (each) => each.name, name);
export const loadByName = (name: string): LoadDefinition => named('load', loads, (each) => each.name, name);
export const scenarioById = (id: string): Scenario => named('scenario', scenarios, (each) => each.id, id);
