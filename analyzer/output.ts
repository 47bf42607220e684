import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './commands/flags.js';
import { extensionOf, type Format } from './report/formats.js';

/** A report could not be written; `code` is the errno name. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly path: string;
  readonly code: string;

  constructor(path: string, code: string) {
    super(`${path}: ${code}`);
    this.path = path;
    this.code = code;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? 'cannot be written';

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** Name of the report beside the bundle's name: `<bundle>.report`, `<bundle>.diff`. */
const stemOf = (input: string, what: string): string => {
  const name = input === '-' ? 'etcd-evidence' : basename(input).replace(/\.(tar\.gz|tgz|tar)$/, '');
  return `${name === '' || name === '.' || name === '..' ? 'etcd-evidence' : name}.${what}`;
};

/** Where each format goes: `undefined` = stdout. Throws `UsageError` when several formats would share one file. */
export const planOutput = async <F extends Format>(
  formats: readonly F[],
  inputs: readonly string[],
  output: string | undefined,
  what = 'report',
): Promise<ReadonlyMap<F, string | undefined>> => {
  const [first] = formats;
  if (first === undefined) return new Map();
  if (output === '-' || (output === undefined && formats.length === 1)) return new Map([[first, undefined]]);
  const directory =
    output === undefined ? '.' : output.endsWith('/') || (await isDirectory(output)) ? output : undefined;
  if (directory === undefined) {
    if (formats.length > 1) throw new UsageError('Several formats need a directory: end --output with a slash.');
    return new Map([[first, output]]);
  }
  const stem = stemOf(inputs[0] ?? '-', what);
  return new Map(formats.map((format) => [format, join(directory, `${stem}.${extensionOf(format)}`)]));
};

/** Throws `UsageError` when a report would replace one of the bundles it is made from. */
export const keepInputs = async (outputs: Iterable<string | undefined>, inputs: readonly string[]): Promise<void> => {
  const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
  const taken = new Set(await Promise.all(inputs.filter((input) => input !== '-').map(real)));
  for (const output of outputs) {
    const path = output === undefined ? undefined : await real(output);
    if (path !== undefined && taken.has(path))
      throw new UsageError(`--output ${output} is one of the bundles; choose another name.`);
  }
};

/**
 * Writes a file so that no half of it is ever seen under its name: temporary name in the same directory, fsync, rename.
 * Mode 0600, since a report tells as much as its bundle. Makes the directory when it is missing. Throws `OutputError`.
 */
export const writeAtomically = async (path: string, text: string | Uint8Array): Promise<void> => {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw new OutputError(path, codeOf(error));
  }
};
