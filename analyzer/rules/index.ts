import type { Rule } from '../rule.js';
import diskSlowDevice from './storage/disk-slow-device.js';

/** Every rule, by category. A rule that is not listed here does not run. */
export const rules: readonly Rule[] = [diskSlowDevice];
