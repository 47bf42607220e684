import type { Scenario } from '../scenario.js';

export const lifecycleScenarios: readonly Scenario[] = [];
