import type { Scenario } from '../scenario.js';

export const configScenarios: readonly Scenario[] = [];
