import yargs from 'yargs';
import { readPackageVersion } from '../schemas/index.js';
import type { Arguments, CliIo, Command, Engine } from './commands/command.js';
import { shielded, UsageError } from './commands/flags.js';
import { commands } from './commands/index.js';
import { failureOf } from './messages.js';

const loadEngine = async (): Promise<Engine> => {
  const [{ analyze }, { render }] = await Promise.all([import('./analyze.js'), import('./report/render.js')]);
  return { analyze, render };
};

const INTERRUPTED = 130;

const EPILOGUE = [
  'FILE is a bundle (.tar.gz, .tar, either with .age, or an unpacked directory), a directory of bundles,',
  'or - for standard input.',
  'Evidence of other tools is recognised by its content: server logs, /metrics, etcdctl',
  'output, must-gather and other archives, Prometheus JSON (docs/import.md).',
  'Several bundles of one cluster make one report.',
  'Without --format and --output, Markdown goes to standard output.',
  '',
  'Exit codes: 0 nothing at or above --fail-on, 1 internal error, 2 usage,',
  '3 critical finding, 4 findings below critical, 5 unsafe or unsigned refused,',
  '6 nothing in the archive could be analysed, 7 newer format, 8 inconclusive,',
  '130 interrupted. diff: 0 nothing relevant changed, 4 changed. triage: the worst case.',
].join('\n');

interface Chosen {
  readonly command: Command;
  readonly argv: Arguments;
}

/** What the arguments ask for: a command, or a text (help, version). Throws `UsageError`. */
const parse = async (args: readonly string[], columns: number | null): Promise<Chosen | { readonly text: string }> => {
  let chosen: Chosen | undefined;
  let text = '';
  const parser = yargs()
    .scriptName('etcd-analyze')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .strict()
    .exitProcess(false)
    .version(readPackageVersion())
    .help()
    .alias('help', 'h')
    .wrap(columns)
    .epilogue(EPILOGUE)
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    });
  for (const command of commands)
    parser.command(
      command.usage,
      command.summary,
      (own) => {
        for (const [line, what] of command.examples ?? []) own.example(line, what);
        return command.options(own);
      },
      (argv) => {
        chosen = { command, argv };
      },
    );
  try {
    await parser.parseAsync(shielded(args), {}, (_error, _argv, output) => {
      text = output;
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  return text !== '' || chosen === undefined ? { text } : chosen;
};

/** Runs one command line (without node and script) and returns the exit code; never throws. */
export const runCli = async (
  args: readonly string[],
  io: CliIo,
  engine: () => Promise<Engine> = loadEngine,
): Promise<number> => {
  try {
    const asked = await parse(args, io.columns);
    if ('command' in asked) return await asked.command.run(asked.argv, { io, engine });
    await io.stdout(`${asked.text}\n`);
    return 0;
  } catch (error) {
    if (io.signal.aborted) return INTERRUPTED;
    const failure = failureOf(error);
    io.stderr(`${failure.text}\n`);
    return failure.exitCode;
  }
};
