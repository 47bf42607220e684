import yargs from 'yargs';

export type Format = 'html' | 'markdown' | 'json';
export const formats: readonly Format[] = ['html', 'markdown', 'json'];
export type FailOn = 'critical' | 'warning' | 'none';

export interface AnalyzeCommand {
  readonly command: 'analyze';
  readonly files: readonly string[];
  /** Never empty unless only the summary is wanted. */
  readonly formats: readonly Format[];
  /** Path, directory when it ends in `/` or is one, `-` or absent for stdout. */
  readonly output?: string;
  readonly failOn: FailOn;
  readonly summary: boolean;
  /** Files with age identities. */
  readonly identity: readonly string[];
  /** Files with public keys; when there are any, only signed bundles are read. */
  readonly verifyKey: readonly string[];
}

export type CliCommand =
  | AnalyzeCommand
  | { readonly command: 'explain'; readonly rule: string }
  | { readonly command: 'rules' }
  | { readonly command: 'print'; readonly text: string };

/** The command line cannot be understood; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const byExtension: Readonly<Record<string, Format>> = {
  html: 'html',
  htm: 'html',
  md: 'markdown',
  markdown: 'markdown',
  json: 'json',
};

/** yargs drops a lone `-` among the positionals: it travels under a name no argument can have. */
const DASH = '\0-';

const list = (value: unknown): string[] => {
  const values: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map(String).map((entry) => (entry === DASH ? '-' : entry));
};

const single = (value: unknown, flag: string): string | undefined => {
  const values = list(value);
  if (values.length > 1) throw new UsageError(`${flag} was given ${values.length} times; give it once.`);
  if (values[0] === '') throw new UsageError(`${flag} needs a value.`);
  return values[0];
};

const formatsOf = (value: unknown): Format[] => {
  const names = list(value).flatMap((entry) => entry.split(','));
  const chosen = new Set<Format>();
  for (const name of names) {
    const format = formats.find((known) => known === name);
    if (format === undefined)
      throw new UsageError(`--format ${JSON.stringify(name)} is not known; use ${formats.join(', ')}.`);
    chosen.add(format);
  }
  return [...chosen];
};

const failOnOf = (value: unknown): FailOn => {
  const name = single(value, '--fail-on') ?? 'warning';
  if (name === 'critical' || name === 'warning' || name === 'none') return name;
  throw new UsageError(`--fail-on ${JSON.stringify(name)} is not known; use critical, warning or none.`);
};

const EPILOGUE = [
  'FILE is a bundle (.tar.gz, .tar, either with .age, or an unpacked directory), a directory of bundles,',
  'or - for standard input.',
  'Several bundles of one cluster make one report.',
  'Without --format and --output, Markdown goes to standard output.',
  '',
  'Exit codes: 0 nothing at or above --fail-on, 1 internal error, 2 usage,',
  '3 critical finding, 4 findings below critical, 5 unsafe or unsigned refused,',
  '6 nothing in the archive could be analysed, 7 newer format, 8 inconclusive,',
  '130 interrupted.',
].join('\n');

const parser = (version: string, width: number | null) =>
  yargs()
    .scriptName('etcd-analyze')
    .command('$0 [files..]', 'Say what is wrong with a cluster, offline, from bundles', (command) =>
      command.positional('files', { type: 'string', array: true, describe: 'Bundles' }),
    )
    .command('explain <rule>', 'Print the page of a rule', (command) =>
      command.positional('rule', { type: 'string', describe: 'Rule id' }),
    )
    .option('format', {
      alias: 'f',
      type: 'string',
      requiresArg: true,
      describe: `Report as ${formats.join(', ')}; may be repeated`,
    })
    .option('output', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe: 'File, or directory (ending in /) for several formats',
    })
    .option('fail-on', {
      type: 'string',
      requiresArg: true,
      describe: 'Lowest severity for exit code 3 or 4: critical, warning (default), none',
    })
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
    })
    .option('summary', { type: 'boolean', describe: 'Print the verdict in one line' })
    .option('rules', { type: 'boolean', describe: 'List the rules' })
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .strict()
    .exitProcess(false)
    .version(version)
    .help()
    .alias('help', 'h')
    .wrap(width)
    .epilogue(EPILOGUE)
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    });

const analyzeCommand = (argv: Record<string, unknown>): AnalyzeCommand => {
  const files = list(argv.files);
  if (files.length === 0)
    throw new UsageError('No bundle was named. Give the path of a .tar.gz that etcd-collect wrote.');
  if (files.includes('')) throw new UsageError('A bundle has an empty name.');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('Standard input (-) can be read once only.');
  const output = single(argv.output, '--output');
  const summary = argv.summary === true;
  let chosen = formatsOf(argv.format);
  if (chosen.length === 0 && output !== undefined) {
    const byName = byExtension[/\.([a-z]+)$/.exec(output)?.[1] ?? ''];
    chosen = byName === undefined ? (output.endsWith('/') ? ['html', 'markdown', 'json'] : ['markdown']) : [byName];
  }
  if (chosen.length === 0 && !summary) chosen = ['markdown'];
  const toStdout = output === '-' || (output === undefined && chosen.length === 1);
  if (summary && chosen.length > 0 && toStdout) {
    throw new UsageError(
      '--summary and the report would both go to standard output; write the report to a file with --output.',
    );
  }
  if (output === '-' && chosen.length > 1) throw new UsageError('Only one --format can go to standard output.');
  return {
    command: 'analyze',
    files,
    formats: chosen,
    failOn: failOnOf(argv['fail-on']),
    summary,
    identity: list(argv.identity),
    verifyKey: list(argv['verify-key']),
    ...(output === undefined ? {} : { output }),
  };
};

/** Parses the arguments after the script name. Throws `UsageError`. `width` is that of the terminal, null for no wrapping. */
export const parseCommand = async (
  args: readonly string[],
  version: string,
  width: number | null,
): Promise<CliCommand> => {
  let printed = '';
  let argv: Record<string, unknown>;
  try {
    argv = await parser(version, width).parseAsync(
      args.map((arg) => (arg === '-' ? DASH : arg)),
      {},
      (_error, _argv, output) => {
        printed = output;
      },
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (printed !== '') return { command: 'print', text: `${printed}\n` };
  if (typeof argv.rule === 'string') return { command: 'explain', rule: argv.rule };
  if (argv.rules === true) return { command: 'rules' };
  return analyzeCommand(argv);
};
