import type { Argv } from 'yargs';
import { DamagedArchive, forTerminal } from '../bundle/errors.js';
import type { LoadedBundle } from '../bundle/loaded.js';
import { failureOf, skippedNote } from '../messages.js';
import type { ForeignInput } from '../import/index.js';
import type { Arguments, CliIo } from './command.js';
import { list } from './flags.js';

/** Options of every command that opens bundles. */
export const readOptions = (yargs: Argv): Argv =>
  yargs
    .option('identity', {
      alias: 'i',
      type: 'string',
      requiresArg: true,
      describe: 'age identity file to open encrypted bundles (.age); may be repeated',
    })
    .option('verify-key', {
      type: 'string',
      requiresArg: true,
      describe: 'Ed25519 public key (PEM): refuse bundles that it did not sign; may be repeated',
    });

export interface ReadFiles {
  readonly bundles: readonly LoadedBundle[];
  /** What could not be used, in a sentence each; the report repeats it. */
  readonly notes: readonly string[];
}

/**
 * Opens the bundles that are named and says on stderr what is not intact. A damaged one is left out as long as another can be read.
 * Returns the exit code when there is nothing to go on with.
 */
export const readFiles = async (files: readonly string[], argv: Arguments, io: CliIo): Promise<ReadFiles | number> => {
  if (files.includes('-') && io.stdin.isTTY === true) {
    io.stderr('Standard input is a terminal; pipe a bundle into it.\n');
    return 2;
  }
  const { readBundle } = await import('../bundle/index.js');
  const { openInput } = await import('../import/open.js');
  const { readIdentities, readVerifyKeys } = await import('../keys.js');
  const identities = await readIdentities(list(argv.identity));
  const verifyKeys = readVerifyKeys(list(argv['verify-key']));
  const bundles: LoadedBundle[] = [];
  const foreign: { readonly file: string; readonly input: ForeignInput }[] = [];
  const skipped: { file: string; error: DamagedArchive }[] = [];
  /** Exit code when the error is one that nothing else can make up for. */
  const attempt = async (file: string, work: () => Promise<void>): Promise<number | undefined> => {
    try {
      await work();
    } catch (error) {
      if (io.signal.aborted) throw error;
      if (!(error instanceof DamagedArchive)) {
        const failure = failureOf(error, file);
        io.stderr(`${failure.text}\n`);
        return failure.exitCode;
      }
      skipped.push({ file, error });
    }
    return undefined;
  };
  for (const file of files) {
    const failed = await attempt(file, async () => {
      const opened = await openInput(file, io.stdin, { signed: verifyKeys.length > 0, signal: io.signal });
      if ('foreign' in opened) foreign.push({ file, input: opened.foreign });
      else bundles.push(await readBundle(opened.bundle, { signal: io.signal, identities, verifyKeys }));
    });
    if (failed !== undefined) return failed;
  }
  if (foreign.length > 0) {
    const failed = await attempt(foreign.map(({ file }) => file).join(', '), async () => {
      const { importAll } = await import('./import-all.js');
      bundles.push(
        (
          await importAll(
            foreign.map(({ input }) => input),
            io,
          )
        ).bundle,
      );
    });
    if (failed !== undefined) return failed;
  }
  const [first] = skipped;
  if (bundles.length === 0 && first !== undefined) {
    for (const { file, error } of skipped) io.stderr(`${failureOf(error, file).text}\n`);
    return failureOf(first.error).exitCode;
  }
  const notes = skipped.map(({ file, error }) => skippedNote(file, error));
  for (const note of notes) io.stderr(`${note}\n`);
  for (const { file, problems } of bundles) {
    if (problems.length > 0) io.stderr(`${forTerminal(file)} is not intact; what is intact is analysed:\n`);
    for (const problem of problems.slice(0, 10)) io.stderr(`  ${forTerminal(problem)}\n`);
    if (problems.length > 10) io.stderr(`  and ${problems.length - 10} more, named in the report\n`);
  }
  return { bundles, notes };
};
