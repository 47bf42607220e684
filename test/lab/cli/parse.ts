import yargs, { type Argv } from 'yargs';
import { UsageError } from '../../../collector/errors.js';
import { parseCount } from '../../../collector/cli/values.js';
import type { Params } from '../fault.js';
import { faultByName, loadByName, scenarioById } from '../registry.js';
import type { Where } from '../scenario.js';
import { known, parseName, type UpOptions, upOptionsOf } from './options.js';
import type { ClearWhat } from './protocol.js';
import { list, one, parseMember, parseParams, parseWhere, type RawFlags } from './values.js';

export type ListWhat = 'labs' | 'faults' | 'loads' | 'scenarios';

export type Command =
  | { readonly command: 'text'; readonly text: string }
  | {
      readonly command: 'up';
      readonly options: UpOptions;
      /** Undefined: if this machine can. */
      readonly wantsHosts: boolean | undefined;
      readonly scenario?: string;
      readonly json: boolean;
    }
  | {
      readonly command: 'fault';
      readonly name: string;
      readonly on: readonly Where[];
      readonly params: Params;
      readonly lab?: string;
      readonly json: boolean;
    }
  | {
      readonly command: 'load';
      readonly name: string;
      readonly params: Params;
      readonly lab?: string;
      readonly json: boolean;
    }
  | { readonly command: 'clear'; readonly what: ClearWhat; readonly lab?: string; readonly json: boolean }
  | { readonly command: 'down'; readonly name?: string; readonly all: boolean; readonly json: boolean }
  | { readonly command: 'list'; readonly what: ListWhat; readonly name?: string; readonly json: boolean }
  | {
      readonly command: 'collect';
      /** Indexes; undefined: every host. */
      readonly members?: readonly number[];
      readonly dir?: string;
      /** Flags handed on to etcd-collect. */
      readonly extra: readonly string[];
      readonly lab?: string;
    }
  | { readonly command: 'exec'; readonly member: number; readonly argv: readonly string[]; readonly lab?: string };

const text = (description: string, more: { alias?: string } = {}) =>
  ({ type: 'string', requiresArg: true, description, ...more }) as const;

const lab = { lab: text('Which lab, when several run') } as const;
const json = { json: { type: 'boolean', description: 'Print the result as JSON' } } as const;

const starting = {
  version: text('Release line: 3.4, 3.5 (default), 3.6 or 3.7'),
  name: text('Name of the lab (default lab)'),
  ttl: text('It ends by itself after this time (default 30m)'),
  hosts: { type: 'boolean', description: 'A host per member; needs root, default on for root (--no-hosts: loopback)' },
  ...json,
} as const;

const building = {
  size: text('Members (default 3)'),
  'member-version': text('m1=3.6: another release line for one member; may be repeated'),
  tls: text('none (default) or mtls'),
  auth: text('user:password: turn authentication on'),
  flag: text('A flag of etcd: --flag=--quota-backend-bytes=16777216; may be repeated'),
  for: text('Start it so that this fault is possible; may be repeated'),
  load: text('Start this load; may be repeated'),
} as const;

const $0 = 'npm run lab --';

/** One command: its words, what it does, its flags, examples. */
interface Page {
  readonly words: string;
  readonly about: string;
  readonly build: (page: Argv) => Argv;
  /** Arguments that can be given as they are, and what they get. */
  readonly examples: readonly (readonly [args: string, about: string])[];
}

export const pages: readonly Page[] = [
  {
    words: 'up',
    about: 'Start a cluster in the background and say how to reach it',
    build: (page) => page.options({ ...building, ...starting }),
    examples: [
      ['up', 'three members of etcd 3.5; as root with a host each'],
      ['up --version 3.6 --tls mtls --load kubernetes', 'with certificates and a usual load'],
      ['up --member-version m1=3.6', 'in the middle of an upgrade'],
      ['up --for quota-no-compaction', 'with what that fault needs (a small quota)'],
      ['up --name b --size 1 --no-hosts --ttl 2h', 'a second lab, small, on loopback'],
    ],
  },
  {
    words: 'run <scenario>',
    about: 'Start the cluster of a scenario, do what happens in it, and leave it up',
    build: (page) =>
      page.positional('scenario', { type: 'string', description: 'See "list scenarios"' }).options(starting),
    examples: [['run paused-follower', 'as the accuracy benchmark does, for you to look at']],
  },
  {
    words: 'fault <name>',
    about: 'Do something to it, and say what a report should find',
    build: (page) =>
      page.positional('name', { type: 'string', description: 'See "list faults"' }).options({
        on: text('leader, follower (default), other-follower, followers, all, majority, m2, or m1,m3'),
        set: text('name=value of a parameter; may be repeated'),
        ...lab,
        ...json,
      }),
    examples: [
      ['fault pause --on leader', ''],
      ['fault cpu-quota --on m2 --set pct=5', ''],
    ],
  },
  {
    words: 'load <name>',
    about: 'Start a load',
    build: (page) =>
      page
        .positional('name', { type: 'string', description: 'See "list loads"' })
        .options({ set: text('name=value of a parameter; may be repeated'), ...lab, ...json }),
    examples: [
      ['load kubernetes', ''],
      ['load puts --set rate=500 --set valueBytes=4096', ''],
    ],
  },
  {
    words: 'clear [what]',
    about: 'Take a fault back or stop a load',
    build: (page) =>
      page
        .positional('what', { type: 'string', description: 'A number, all (faults; default) or loads' })
        .options({ ...lab, ...json }),
    examples: [
      ['clear 2', 'what has number 2'],
      ['clear', 'all faults; loads go on'],
    ],
  },
  {
    words: 'down [name]',
    about: 'End a lab and remove every trace of it',
    build: (page) =>
      page
        .positional('name', { type: 'string', description: 'Which lab, when several run' })
        .options({ all: { type: 'boolean', description: 'All labs' }, ...json }),
    examples: [
      ['down', ''],
      ['down --all', ''],
    ],
  },
  {
    words: 'list [what] [name]',
    about: 'Running labs; or the faults, loads, scenarios there are',
    build: (page) =>
      page
        .positional('what', { type: 'string', description: 'labs (default), faults, loads, scenarios' })
        .positional('name', { type: 'string', description: 'One of them, with all details' })
        .options(json),
    examples: [
      ['list', 'members, roles, faults in force, time left'],
      ['list faults', 'with parameters and defaults'],
      ['list faults pause', 'with its ground truth'],
    ],
  },
  {
    words: 'collect',
    about: 'Run etcd-collect on every host at once',
    build: (page) =>
      page.options({
        on: text('Only on the hosts of these members: m1 or m1,m3'),
        output: text('Directory for the bundles (default out/lab/NAME-TIME)', { alias: 'o' }),
        ...lab,
      }),
    examples: [
      ['collect', 'one bundle per member'],
      ['collect --on m1 -- --quick', 'flags behind -- go to etcd-collect'],
    ],
  },
  {
    words: 'exec <member>',
    about: 'Run a command on the host of a member, with etcdctl set up',
    build: (page) => page.positional('member', { type: 'string', description: 'm1, m2, ...' }).options(lab),
    examples: [
      ['exec m1 -- etcdctl endpoint status -w table', ''],
      ['exec m2 -- sh', ''],
    ],
  },
];

const clearWhat = (word: string): ClearWhat =>
  word === 'all' || word === 'loads' ? word : parseCount('clear', word, 1, 1_000_000);

const listWhat = (word: string): ListWhat => {
  const found = (['labs', 'faults', 'loads', 'scenarios'] as const).find((each) => each === word);
  if (found === undefined) throw new UsageError(`list ${word}: unknown`, 'list labs, faults, loads or scenarios');
  return found;
};

const switchOf = (flags: RawFlags, name: string): boolean | undefined => {
  const value = flags[name];
  return typeof value === 'boolean' ? value : undefined;
};

const noExtra = (extra: readonly string[]): void => {
  if (extra.length > 0) throw new UsageError(`${extra.join(' ')}: not understood here`, 'leave out what follows --');
};

const commandOf = (flags: RawFlags, words: readonly string[], extra: readonly string[]): Command => {
  const [command = '', ...surplus] = words;
  if (surplus.length > 0) throw new UsageError(`${surplus.join(' ')}: too many words`, `see "${command} --help"`);
  const name = one(flags, 'name');
  const labName = one(flags, 'lab');
  const where = labName === undefined ? {} : { lab: parseName('--lab', labName) };
  const asJson = flags.json === true;
  if (command !== 'collect' && command !== 'exec') noExtra(extra);
  switch (command) {
    case 'up':
      return { command, options: upOptionsOf(flags), wantsHosts: switchOf(flags, 'hosts'), json: asJson };
    case 'run': {
      const { id } = known(() => scenarioById(one(flags, 'scenario') ?? ''));
      const wantsHosts = switchOf(flags, 'hosts');
      return { command: 'up', options: upOptionsOf(flags), wantsHosts, scenario: id, json: asJson };
    }
    case 'fault': {
      const definition = known(() => faultByName(name ?? ''));
      const params = parseParams(`fault ${definition.name}`, definition.params, list(flags, 'set'));
      const on = one(flags, 'on');
      if (on !== undefined && definition.on === 'cluster')
        throw new UsageError(`${definition.name} is done to the whole cluster`, 'leave --on out');
      return {
        command,
        name: definition.name,
        on: parseWhere('--on', on ?? 'follower'),
        params,
        ...where,
        json: asJson,
      };
    }
    case 'load': {
      const definition = known(() => loadByName(name ?? ''));
      const params = parseParams(`load ${definition.name}`, definition.params, list(flags, 'set'));
      return { command, name: definition.name, params, ...where, json: asJson };
    }
    case 'clear':
      return { command, what: clearWhat(one(flags, 'what') ?? 'all'), ...where, json: asJson };
    case 'down': {
      const all = flags.all === true;
      if (all && name !== undefined) throw new UsageError('a name and --all', 'give one of them');
      return { command, ...(name === undefined ? {} : { name: parseName('down', name) }), all, json: asJson };
    }
    case 'list': {
      const what = listWhat(one(flags, 'what') ?? 'labs');
      return { command, what, ...(name === undefined ? {} : { name }), json: asJson };
    }
    case 'collect': {
      const on = one(flags, 'on');
      const dir = one(flags, 'output');
      const members = on?.split(',').map((part) => parseMember('--on', part));
      const chosen = members === undefined ? {} : { members };
      return { command, ...chosen, ...(dir === undefined ? {} : { dir }), extra, ...where };
    }
    case 'exec': {
      const member = parseMember('exec', one(flags, 'member') ?? '');
      if (extra.length === 0) throw new UsageError('exec: no command', 'write exec m1 -- COMMAND ARGUMENT...');
      return { command, member, argv: extra, ...where };
    }
    default:
      throw new UsageError(`unknown command: ${command}`, `see "${$0} --help"`);
  }
};

/** Understands the command line; throws UsageError. Help comes back as text and prints nothing itself. */
export const parseArguments = async (args: readonly string[]): Promise<Command> => {
  let shown = '';
  const parser = yargs([...args])
    .scriptName($0)
    .usage('$0 COMMAND   real etcd clusters on this machine, and what can go wrong with them')
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'strip-aliased': true,
      'populate--': true,
    })
    .epilogue(
      'Exit: 0 done, 1 internal error, 2 usage, 3 not possible here, 4 failed, 130/143 interrupted.\nEach command has a --help of its own; docs/lab.md says more.',
    )
    .version(false)
    .help()
    .alias('help', 'h')
    .strict()
    .demandCommand(1, 'no command')
    .exitProcess(false)
    .wrap(110)
    .fail((message, error) => {
      if (error instanceof UsageError) throw error;
      const said = message ?? error?.message ?? 'the command line was not understood';
      const short = said.startsWith('Not enough non-option arguments') ? 'a name is missing' : said;
      throw new UsageError(short, `see "${$0} --help", or "${$0} COMMAND --help"`);
    });
  for (const { words, about, build, examples } of pages) {
    parser.command(words, about, (page) =>
      examples.reduce((shownBy, [example, gets]) => shownBy.example(`${$0} ${example}`, gets), build(page)),
    );
  }
  const argv: RawFlags & { readonly _: readonly (string | number)[] } = await parser.parseAsync(
    [...args],
    {},
    (_error, _argv, output) => {
      shown = output;
    },
  );
  if (shown !== '') return { command: 'text', text: shown };
  return commandOf(argv, argv._.map(String), list(argv, '--'));
};
