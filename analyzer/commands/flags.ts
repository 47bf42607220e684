import type { Arguments } from './command.js';

/** The command line cannot be understood; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** yargs drops a lone `-` among the positionals: it travels under a name no argument can have. */
const DASH = '\0-';

/** The arguments as yargs can take them; `list` undoes it. */
export const shielded = (args: readonly string[]): string[] => args.map((arg) => (arg === '-' ? DASH : arg));

/** All values of a flag or positional that may be repeated. */
export const list = (value: unknown): string[] => {
  const values: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map(String).map((entry) => (entry === DASH ? '-' : entry));
};

/** The value of a flag that may be given once, `undefined` when it was not. Throws `UsageError`. */
export const single = (argv: Arguments, flag: string): string | undefined => {
  const values = list(argv[flag]);
  if (values.length > 1) throw new UsageError(`--${flag} was given ${values.length} times; give it once.`);
  if (values[0] === '') throw new UsageError(`--${flag} needs a value.`);
  return values[0];
};

/** The value of a flag that takes one of some words. Throws `UsageError`. */
export const oneOf = <T extends string>(argv: Arguments, flag: string, words: readonly T[], otherwise: T): T => {
  const value = single(argv, flag) ?? otherwise;
  const word = words.find((known) => known === value);
  if (word === undefined)
    throw new UsageError(`--${flag} ${JSON.stringify(value)} is not known; use ${words.join(', ')}.`);
  return word;
};

/** The bundles named on the command line. Throws `UsageError` when there are none, or one that cannot be. */
export const filesOf = (argv: Arguments): string[] => {
  const files = list(argv.files);
  if (files.length === 0)
    throw new UsageError('No bundle was named. Give the path of a .tar.gz that etcd-collect wrote.');
  if (files.includes('')) throw new UsageError('A bundle has an empty name.');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('Standard input (-) can be read once only.');
  return files;
};
