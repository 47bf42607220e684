import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import yargs from 'yargs';
import { openBundle } from '../bundle/open.js';
import { checkDestination, destinationOf } from '../bundle/output.js';
import { writeBundle } from '../bundle/write.js';
import { UsageError } from '../errors.js';
import { createInspector, describeLeftovers } from '../redact/gate.js';
import { createIdentities } from '../redact/identities/index.js';
import { mapPathOf, readPrivateMap, reveal, writePrivateMap } from '../redact/private-map.js';
import { redactBundle } from '../redact/redact-bundle.js';
import { loadSeriesKey } from '../redact/series-key.js';
import { HEADER_PATH } from '../../schemas/index.js';
import type { RawFlags } from './options.js';
import { privacyLines, privacyOptions } from './privacy-options.js';
import { printable } from './tables.js';

type Env = Readonly<Record<string, string | undefined>>;

const commands = ['verify', 'redact', 'reveal'] as const;
type Command = (typeof commands)[number];

const undone: Readonly<Record<Command, string>> = {
  verify: 'Nothing was checked.',
  redact: 'Nothing was written.',
  reveal: 'Nothing was turned back.',
};

/** What did not happen when one of these commands ends with a usage error; `undefined` for every other command line. */
export const undoneBy = (args: readonly string[]): string | undefined => {
  const command = commands.find((each) => each === args[0]);
  return command === undefined ? undefined : undone[command];
};

const text = (description: string, alias?: string) =>
  ({ type: 'string', requiresArg: true, description, ...(alias === undefined ? {} : { alias }) }) as const;

const shared = {
  'redact-word': text('A text that must not be in the bundle; may be repeated'),
  'redact-file': text('File with one such text per line'),
} as const;

const parser = (command: Command, args: readonly string[]) => {
  const base = yargs([...args])
    .scriptName('etcd-collect')
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'strip-aliased': true,
    })
    .strictOptions()
    .version(false)
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .wrap(110)
    .fail((message, error) => {
      throw error instanceof UsageError
        ? error
        : new UsageError(message ?? 'the command line was not understood', `see etcd-collect ${command} --help`);
    });
  switch (command) {
    case 'verify':
      return base.usage('$0 verify FILE   search a bundle for what its redaction mode promises to remove').options({
        ...shared,
        map: text('Private map of the bundle: its originals are looked for in every spelling'),
        mode: text('Check as this mode instead of the one the bundle names: standard or secrets-only'),
      });
    case 'redact':
      return base
        .usage('$0 redact FILE -o OUT   write an existing bundle again with names and addresses as tokens')
        .options({
          ...shared,
          output: text('Bundle file or directory to write', 'o'),
          redact: text('standard (default) or secrets-only'),
          'series-key': text('File of the key that tokens are made with; made when missing'),
          map: text('Where the private map goes (default beside the new bundle; --no-map)'),
        });
    case 'reveal':
      return base.usage('$0 reveal REPORT --map MAP   turn tokens in a report back (- reads standard input)').options({
        map: text('Private map written beside the bundle; may be repeated'),
      });
  }
};

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Files named one by one, at most. */
const MAX_NAMED = 50;

const verify = async (file: string, flags: RawFlags): Promise<number> => {
  const bundle = await openBundle(file);
  const header = JSON.parse(bundle.files.get(HEADER_PATH)?.toString('utf8') ?? '{}') as { redaction?: unknown };
  const mode = flags['mode'] ?? header.redaction;
  if (mode !== 'standard' && mode !== 'secrets-only' && mode !== 'none') {
    throw new UsageError(
      `the bundle names no redaction mode that is known here: ${printable(String(mode))}`,
      'say which one to check with --mode',
    );
  }
  const { redactWords = [] } = privacyOptions({ ...flags, map: undefined });
  const searched = mode === 'none' ? 'secrets-only' : mode;
  // Literals are looked for in every mode; the key does not matter, since nothing is written.
  const identities =
    mode === 'standard' || redactWords.length > 0 || flags['map'] !== undefined
      ? createIdentities(Buffer.alloc(32))
      : undefined;
  for (const word of redactWords) identities?.add('word', word);
  for (const path of listOf(flags['map'])) {
    const { tokens } = await readPrivateMap(path);
    for (const [token, original] of Object.entries(tokens)) addOriginal(identities, token, original);
  }
  const inspect = createInspector(searched, identities);
  let hits = 0;
  for (const [path, content] of [['(root directory)', Buffer.from(bundle.root)] as const, ...bundle.files]) {
    const name = mode === 'standard' ? Buffer.from(path) : Buffer.alloc(0);
    let line: string;
    try {
      line = describeLeftovers({ ...inspect(name), ...inspect(content) });
    } catch {
      line = 'cannot be searched';
    }
    if (line === '') continue;
    hits += 1;
    // The path itself may be what is left.
    if (hits <= MAX_NAMED) process.stdout.write(`${printable(shownPath(path, inspect))}: ${line}\n`);
  }
  if (hits > MAX_NAMED) process.stdout.write(`and ${hits - MAX_NAMED} more files\n`);
  if (hits === 0) {
    say(`${file}: nothing that mode ${mode} removes was found in ${bundle.files.size} files.`);
    return 0;
  }
  say(`${file}: ${hits} files hold what should not be there (file: rule and number above).`);
  say(
    mode === 'standard'
      ? 'Do not send it. To go on: etcd-collect redact FILE -o OUT, with --redact-word for what is still left.'
      : 'To go on: etcd-collect redact FILE -o OUT.',
  );
  return 5;
};

const shownPath = (path: string, inspect: (bytes: Buffer) => Readonly<Record<string, number>>): string =>
  path
    .split('/')
    .map((part) => (Object.keys(inspect(Buffer.from(part))).length > 0 ? '(name withheld)' : part))
    .join('/');

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');

const addOriginal = (
  identities: ReturnType<typeof createIdentities> | undefined,
  token: string,
  original: string,
): void => {
  if (token.startsWith('ip')) identities?.add('address', original);
  else if (/^(?:name|host|user|word)-/.test(token))
    identities?.add(token.slice(0, 4) as 'name' | 'host' | 'user' | 'word', original);
};

const redact = async (file: string, flags: RawFlags, env: Env): Promise<number> => {
  const output = flags['output'];
  if (typeof output !== 'string') throw new UsageError('redact needs a file to write', 'add -o OUT');
  const mode = flags['redact'] ?? 'standard';
  if (mode !== 'standard' && mode !== 'secrets-only')
    throw new UsageError(`--redact ${String(mode)}: unknown`, 'use standard or secrets-only');
  const { seriesKey, redactWords, map } = privacyOptions(flags);
  const destination = await destinationOf(output);
  await checkDestination(destination);
  const bundle = await openBundle(file);
  const key = mode === 'standard' ? loadSeriesKey(seriesKey, env) : undefined;
  if (key?.note !== undefined) say(`note: ${key.note}`);
  const done = await redactBundle(bundle, {
    mode,
    ...(key === undefined ? {} : { key: key.key }),
    ...(redactWords === undefined ? {} : { words: redactWords }),
  });
  const path = await writeBundle(
    { root: done.root, files: done.files, createdAt: done.createdAt, inspect: done.inspect },
    destination,
    process.stdout,
  );
  const held = done.manifest.items.filter(
    ({ state, reason }) => state === 'withheld' && reason === 'redaction-failed',
  ).length;
  if (done.identities !== undefined && key !== undefined) {
    const { tokens } = done.identities;
    const wanted = map ?? (path === undefined ? false : mapPathOf(path));
    if (wanted !== false) {
      await writePrivateMap(wanted, {
        magic: 'etcd-evidence-map',
        bundleId: done.manifest.bundleId,
        keyFingerprint: tokens.fingerprint,
        tokens: Object.fromEntries(tokens.originals()),
      });
    }
    const lines = privacyLines({
      ...(key.path === undefined ? {} : { keyPath: key.path }),
      keyCreated: key.created,
      ...(wanted === false ? {} : { mapPath: wanted }),
      reveal: (each) => each,
    });
    if (lines !== '') say(lines);
  }
  say(`${done.manifest.redaction.replacements} replacements, ${held} items withheld.`);
  if (path !== undefined) process.stdout.write(`${path}\n`);
  return 0;
};

const MAX_REPORT = 256 * 1024 * 1024;

const readAll = async (file: string): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (file !== '-') {
    await stat(file).catch(() => {
      throw new UsageError(`${file}: does not exist`, 'name the report that came back');
    });
  }
  for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_REPORT)
      throw new UsageError(`${file}: larger than ${MAX_REPORT} bytes`, 'name a report, not a bundle');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const turnBack = async (file: string, flags: RawFlags): Promise<number> => {
  const maps = listOf(flags['map']);
  if (maps.length === 0) throw new UsageError('reveal needs the private map', 'add --map FILE.map.json');
  const tokens: Record<string, string> = {};
  for (const path of maps) Object.assign(tokens, (await readPrivateMap(path)).tokens);
  process.stdout.write(reveal(await readAll(file), tokens));
  return 0;
};

/** Runs `verify`, `redact` or `reveal`; `undefined` for every other command line. Throws UsageError, OutputError and QuarantineError. */
export const privacyCommand = async (args: readonly string[], env: Env): Promise<number | undefined> => {
  const command = commands.find((each) => each === args[0]);
  if (command === undefined) return undefined;
  let shown = '';
  const argv: RawFlags & { readonly _: readonly (string | number)[] } = await parser(command, args.slice(1)).parseAsync(
    [...args.slice(1)],
    {},
    (_error, _argv, output) => {
      shown = output;
    },
  );
  if (shown !== '') {
    process.stdout.write(`${shown}\n`);
    return 0;
  }
  const [file, ...rest] = argv._.map(String);
  if (file === undefined || rest.length > 0)
    throw new UsageError(`${command} works on one file`, `write etcd-collect ${command} FILE`);
  if (command === 'verify') return verify(file, argv);
  return command === 'redact' ? redact(file, argv, env) : turnBack(file, argv);
};
