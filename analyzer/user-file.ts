import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { type SchemaName, type SchemaTypes, validate } from '../schemas/index.js';
import { UsageError } from './commands/flags.js';

/** Far above any file of this kind that a person writes. */
const MAX_BYTES = 1024 * 1024;

const textOf = (path: string, flag: string): string => {
  try {
    if (statSync(path).size > MAX_BYTES) throw new UsageError(`${flag} ${path} is larger than 1 MiB.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(
      `${flag} ${path} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown error')}.`,
    );
  }
};

/**
 * A file with settings of the user, JSON or YAML, checked against a schema. Throws `UsageError` that says what is wrong in it; nothing is
 * analysed with half of what was asked for.
 */
export const readUserFile = <N extends SchemaName>(path: string, flag: string, schema: N): SchemaTypes[N] => {
  const text = textOf(path, flag);
  let value: unknown;
  try {
    // JSON is YAML too; aliases are not needed here and can blow up.
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`${flag} ${path} is neither JSON nor YAML: ${first}`);
  }
  const checked = validate(schema, value);
  if (checked.ok) return checked.value;
  throw new UsageError(
    `${flag} ${path} does not fit its schema: ${checked.errors.slice(0, 5).join('; ')}. See etcd-analyze schema ${schema}.`,
  );
};
