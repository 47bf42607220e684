import type { Scenario } from '../scenario.js';

export const versionScenarios: readonly Scenario[] = [];
