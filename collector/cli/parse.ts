import yargs from 'yargs';
import { UsageError } from '../errors.js';
import { conditionHelp } from '../record/condition.js';
import type { RawFlags } from './options.js';

export type Parsed =
  | { readonly command: 'run'; readonly flags: RawFlags }
  | { readonly command: 'record'; readonly flags: RawFlags }
  | { readonly command: 'seal'; readonly flags: RawFlags; readonly ring: string }
  | { readonly command: 'plan'; readonly flags: RawFlags; readonly format: 'table' | 'json' }
  | { readonly command: 'text'; readonly text: string };

const text = (description: string, group: string, more: { alias?: string } = {}) =>
  ({ type: 'string', requiresArg: true, description, group, ...more }) as const;
const onOff = (description: string, group: string) => ({ type: 'boolean', description, group }) as const;

const cluster = 'Cluster (flags and ETCDCTL_* variables as with etcdctl):';
const sampling = 'Sampling:';
const host = 'This host:';
const kube = 'Kubernetes on top of this etcd:';
const past = 'Before this run:';
const out = 'Output:';
const recording = 'Recording (record):';

const flags = {
  endpoints: text('Seeds, comma-separated (default 127.0.0.1:2379)', cluster),
  cluster: onOff('Find the other members in the member list (default on; --no-cluster)', cluster),
  cacert: text('CA file that server certificates are checked against', cluster),
  cert: text('Client certificate file', cluster),
  key: text('Client key file', cluster),
  'insecure-skip-tls-verify': onOff('Do not check server certificates', cluster),
  'server-name': text('Name expected in server certificates', cluster),
  user: text('User name; the password comes from --password-file or ETCDCTL_PASSWORD', cluster),
  'password-file': text('File with the password in its first line', cluster),
  'metrics-endpoints': text(
    'Listeners of /metrics, comma-separated, when flags and client URLs do not lead there',
    cluster,
  ),
  rounds: text('Sampling rounds (default 4)', sampling),
  window: text('First to last round (default 36s)', sampling),
  quick: onOff('3 rounds over 10s', sampling),
  profile: text('default or quick', sampling),
  timeout: text('Longest wait for one read (default 5s)', sampling),
  budget: text('Longest time of the whole run (default 60s)', sampling),
  local: onOff('Look for members on this machine (default on; --no-local)', host),
  platform: text('auto (default), none, or a name of docs/platforms: where certificates, logs and data are', host),
  'host-root': text('Where the root of the host is mounted, in a debug container (such as /host)', host),
  nice: onOff('Give way to other processes where a member runs: nice 10, idle I/O (default on; --no-nice)', host),
  log: text('[MEMBER=]FILE: a server log; may be repeated', host),
  since: text('How far back logs are read (default 2h)', host),
  'max-log-bytes': text('Most bytes of one log (default 8M)', host),
  'data-dir': text('[MEMBER=]DIR: data dir of a member that does not run; may be repeated', host),
  'allow-load': onOff(
    'Also measure with load: fdatasync beside the data dir of local members (writes 8 MiB at most, leaves nothing)',
    sampling,
  ),
  keyspace: onOff('With --allow-load: count the keys of each kind of Kubernetes object, at a follower', sampling),
  'keyspace-prefix': text('Another prefix to count keys below, with --keyspace; may be repeated', sampling),
  kubeconfig: text(
    'Kubeconfig to ask its API server how it sees etcd (default KUBECONFIG, else that of this control-plane node)',
    kube,
  ),
  kubernetes: onOff('Ask the API server (default on; --no-kubernetes)', kube),
  prometheus: text('Base URL of a Prometheus that scrapes the cluster: its series of the last hours are read', past),
  history: text('How far back it is asked (default 6h)', past),
  'prometheus-match': text('Label matchers of this cluster there, like cluster="a",job="etcd"', past),
  'prometheus-token-file': text('File with a bearer token for it in its first line', past),
  'prometheus-cacert': text('CA file its certificate is checked against (default: those of Node)', past),
  output: text('Bundle file, directory, or - for stdout (default: current directory)', out, { alias: 'o' }),
  label: text('Name of the cluster for the file name', out),
  'encrypt-to': text('age recipient (age1...) or file of recipients; may be repeated', out),
  'sign-key': text('Ed25519 private key (PKCS#8 PEM, mode 600): writes BUNDLE.sig', out),
  redact: text('standard (default): secrets dropped, names and addresses as tokens; secrets-only; none', out),
  'series-key': text(
    'File of the key that tokens are made with; made when missing (default ~/.config/etcd-evidence/series.key)',
    out,
  ),
  'redact-word': text('Replace this text wherever it stands; may be repeated', out),
  'redact-file': text('File with one such text per line; may be repeated', out),
  map: text('Where the private map of tokens goes (default beside the bundle; --no-map)', out),
  progress: text('auto, plain, json or none', out),
  'stop-with-stdin': onOff('End early, with a partial bundle, when standard input ends (for callers over ssh)', out),
} as const;

const recordFlags = {
  interval: text('From round to round (default 5s)', recording),
  until: text('Condition that ends it, see below; may be repeated', recording),
  after: text('How long rounds go on after the condition (default 30s)', recording),
  for: text('Longest recording (default: until Ctrl-C)', recording),
  keep: text('How far back rounds are kept (default 10m)', recording),
  'ring-bytes': text('Most bytes of the rounds on the disk (default 64M)', recording),
  ring: text('Directory of the rounds (default: a new one beside the bundle)', recording),
  resume: text('Go on with the ring in this directory', recording),
} as const;

/** A flag that would be read past says something else than it seems to. */
const refuseOthers = (argv: RawFlags, command: string): void => {
  const foreign = command === 'record' ? ['rounds', 'window', 'quick', 'profile', 'format'] : Object.keys(recordFlags);
  const given = foreign.find((name) => argv[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `--${given} does not belong to ${command}`,
    command === 'record' ? 'use --interval, --keep and --for' : 'leave it out, or use etcd-collect record',
  );
};

/** Understands the command line; throws UsageError. Help and version come back as text and print nothing themselves. */
export const parseArguments = async (args: readonly string[], version: string): Promise<Parsed> => {
  let shown = '';
  let format: 'table' | 'json' = 'table';
  const parser = yargs([...args])
    .scriptName('etcd-collect')
    .usage(
      '$0 [run]   collect read-only evidence from an etcd cluster into a bundle\n$0 plan    list every read that a run would make\n$0 record  sample for long, in a ring on the disk, until a condition or Ctrl-C; then a bundle\n$0 seal DIR  make a bundle of the ring of a recording that was cut off\n$0 fan-out --ssh HOST,...   the same on many hosts at once, with one result (fan-out --help)\n$0 verify FILE   search a bundle for what should not be in it\n$0 redact FILE -o OUT   mask an existing bundle\n$0 reveal REPORT --map MAP   turn the tokens of a report back',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'strip-aliased': true,
    })
    .command('run', 'Collect a bundle (default)')
    .command('plan', 'List every read with target, sensitivity and needed permission')
    .command('record', 'Record rounds until a condition is met or Ctrl-C, then make a bundle')
    .command('seal <directory>', 'Make a bundle of the ring of a recording that was cut off', (command) =>
      command.positional('directory', { type: 'string', describe: 'Ring that record printed' }),
    )
    .options(flags)
    .options(recordFlags)
    .option('format', { ...text('Of plan: table (default) or json', out) })
    .example('$0', 'the cluster of the member on this machine')
    .example('$0 --endpoints 10.0.0.1:2379,10.0.0.2:2379 -o /var/tmp/', 'another cluster, from outside')
    .example('$0 --cacert ca.crt --cert client.crt --key client.key', 'with mutual TLS')
    .example('$0 --quick --log m1=/var/log/etcd.log', 'shorter, with a log file of member m1')
    .example('$0 --kubeconfig ~/.kube/config', 'also, or only, how the API server sees its etcd')
    .example('$0 plan --format json', 'what would be read')
    .example('$0 record --until leader-change --until "fsync-p99>100ms"', 'catch it when it happens again')
    .epilogue(
      `Conditions of --until:\n${conditionHelp.map(([example, means]) => `  ${example.padEnd(17)} ${means}`).join('\n')}\n\n` +
        'Exit: 0 complete, 1 internal error, 2 usage, 3 bundle with gaps, 4 no member answered (bundle of the vantage),\n5 put aside: something that should have been removed was left, 6 bundle not written, 130/143 interrupted (partial bundle).',
    )
    .version(version)
    .help()
    .alias('help', 'h')
    .strict()
    .exitProcess(false)
    .wrap(110)
    .fail((message, error) => {
      if (error instanceof UsageError) throw error;
      throw new UsageError(
        message ?? error?.message ?? 'the command line was not understood',
        'see etcd-collect --help',
      );
    });
  const argv: RawFlags & { readonly _: readonly (string | number)[] } = await parser.parseAsync(
    [...args],
    {},
    (_error, _argv, output) => {
      shown = output;
    },
  );
  if (shown !== '') return { command: 'text', text: shown };
  const [command = 'run', ...rest] = argv._.map(String);
  if (command === 'seal') {
    refuseOthers(argv, command);
    return { command, flags: argv, ring: String(argv.directory) };
  }
  if (rest.length > 0 || (command !== 'run' && command !== 'plan' && command !== 'record')) {
    throw new UsageError(
      `unknown command: ${[command, ...rest].join(' ')}`,
      'use run (default), plan, record or seal; see --help',
    );
  }
  refuseOthers(argv, command);
  const wanted = argv.format;
  if (wanted !== undefined) {
    if (command !== 'plan') throw new UsageError('--format belongs to plan', 'leave it out, or use etcd-collect plan');
    if (wanted !== 'table' && wanted !== 'json')
      throw new UsageError(`--format ${String(wanted)}: unknown`, 'use table or json');
    format = wanted;
  }
  if (command === 'record') return { command, flags: argv };
  return command === 'plan' ? { command, flags: argv, format } : { command: 'run', flags: argv };
};
