import type { Scenario } from '../scenario.js';

export const securityScenarios: readonly Scenario[] = [];
