import { UsageError } from './commands/flags.js';
import type { Policy } from './knowledge/default-policy.js';
import { nearest } from './nearest.js';
import { rules } from './rules/index.js';
import { readUserFile } from './user-file.js';

const FLAG = '--policy';

/** A policy of the user, with every rule it names checked. Throws `UsageError`. */
export const readPolicy = (path: string): Policy => {
  const policy = readUserFile(path, FLAG, 'policy');
  const known = new Set(rules.map(({ id }) => id as string));
  const { alsoCauses, neverCauses } = policy.intervene;
  const named = [...alsoCauses, ...neverCauses, ...policy.escalation.flatMap(({ causes }) => causes ?? [])];
  const unknown = named.find((id) => !known.has(id));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new UsageError(
      `${FLAG} ${path}: there is no rule ${JSON.stringify(unknown)}.${near.length > 0 ? ` Near it: ${near.join(', ')}.` : ''}`,
    );
  }
  const both = alsoCauses.find((id) => neverCauses.includes(id));
  if (both !== undefined)
    throw new UsageError(`${FLAG} ${path}: ${both} cannot be both in alsoCauses and in neverCauses.`);
  return policy;
};
