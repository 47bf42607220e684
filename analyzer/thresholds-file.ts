import { UsageError } from './commands/flags.js';
import { type ThresholdSet, withOverrides } from './knowledge/threshold-set.js';
import { formatThreshold } from './knowledge/threshold.js';
import { type ThresholdId, thresholdOf, thresholds } from './knowledge/thresholds.js';
import { nearest } from './nearest.js';
import { readUserFile } from './user-file.js';

const FLAG = '--thresholds';
const known = Object.keys(thresholds);
const isKnown = (id: string): id is ThresholdId => Object.hasOwn(thresholds, id);

/** The thresholds of a file over the built-in ones. Throws `UsageError` for an id, unit or value that makes no sense. */
export const readThresholds = (path: string): ThresholdSet => {
  const file = readUserFile(path, FLAG, 'thresholds');
  const overrides = new Map<ThresholdId, { value: number; reason: string }>();
  for (const [id, { value, unit, reason }] of Object.entries(file.thresholds)) {
    if (!isKnown(id)) {
      const near = nearest(id, known);
      throw new UsageError(
        `${FLAG} ${path}: there is no threshold ${JSON.stringify(id)}.${near.length > 0 ? ` Near it: ${near.join(', ')}.` : ''}`,
      );
    }
    const builtIn = thresholdOf(id);
    if (unit !== builtIn.unit)
      throw new UsageError(
        `${FLAG} ${path}: ${id} is in ${builtIn.unit} (built-in: ${formatThreshold(builtIn)}), not in ${JSON.stringify(unit)}.`,
      );
    if ((unit === 'share' && value > 1) || (unit === 'percent' && value > 100))
      throw new UsageError(
        `${FLAG} ${path}: ${id} cannot be ${value}: ${unit === 'share' ? 'a share is at most 1' : 'there are 100 percent'}.`,
      );
    overrides.set(id, { value, reason });
  }
  return withOverrides(overrides);
};
