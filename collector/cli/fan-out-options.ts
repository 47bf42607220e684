import yargs from 'yargs';
import { splitOwner } from '../attach.js';
import type { Signer } from '../bundle/sign.js';
import { UsageError } from '../errors.js';
import type { SshHost } from '../fan-out/hosts.js';
import { parseHosts } from '../fan-out/hosts.js';
import type { KubectlOptions } from '../fan-out/kubectl.js';
import { nodePodArgs, nodePodNamespace } from '../fan-out/node-pods.js';
import type { KnownIdentity } from '../redact/redact-bundle.js';
import { choice, list, one, type RawFlags, recipientsOf, signerOf, timesOf, toggle } from './options.js';
import { parseArguments } from './parse.js';
import { privacyOptions } from './privacy-options.js';
import { parseCount, parseDuration, splitList } from './values.js';

export interface FanOutCommand {
  readonly reach:
    | {
        readonly via: 'ssh';
        readonly hosts: readonly SshHost[];
        readonly config?: string;
        readonly options: readonly string[];
        readonly sudo: boolean;
      }
    | {
        readonly via: 'kubectl';
        readonly kubectl: KubectlOptions;
        /** Pods are made on these nodes (none named: on those of the control plane) and deleted afterwards. */
        readonly nodePods?: { readonly image: string; readonly nodes: readonly string[] };
      };
  /** What runs there: something sent, or something that is there. */
  readonly program?: string;
  readonly remoteProgram?: string;
  readonly remoteNode: string;
  readonly remoteDirectory: string;
  /** Arguments of the collector on every host. */
  readonly args: readonly string[];
  readonly parallel: number;
  readonly connectTimeoutMs: number;
  readonly deadlineMs: number;
  readonly output?: string;
  readonly mode: 'standard' | 'secrets-only' | 'none';
  readonly seriesKey?: string;
  readonly redactWords: readonly string[];
  /** Names that flags of the collectors tell. */
  readonly known: readonly KnownIdentity[];
  readonly map: boolean;
  readonly encryptTo: readonly string[];
  readonly signer?: Signer;
  readonly progress: 'auto' | 'plain' | 'json' | 'none';
}

/** Flags of the collector that belong to this side: bundles are masked, signed, encrypted and named here. */
const ownFlags = [
  'output',
  'map',
  'series-key',
  'redact',
  'redact-word',
  'redact-file',
  'encrypt-to',
  'sign-key',
  'progress',
  'stop-with-stdin',
];

const defaults = { parallel: 32, connectTimeoutMs: 10_000, transferMs: 30_000 } as const;

const text = (description: string, group: string, alias?: string) =>
  ({ type: 'string', requiresArg: true, description, group, ...(alias === undefined ? {} : { alias }) }) as const;
const onOff = (description: string, group: string) => ({ type: 'boolean', description, group }) as const;

const byShell = 'Over ssh:';
const byPods = 'Over kubectl:';
const there = 'What runs there:';
const out = 'Output, on this side:';

const flags = {
  ssh: text('Hosts, comma-separated: host, user@host, [user@]host:port; may be repeated', byShell),
  'ssh-config': text('Configuration file of ssh (its -F)', byShell),
  'ssh-option': text('Option of ssh (its -o), such as IdentityFile=~/.ssh/key; may be repeated', byShell),
  sudo: onOff('Run the collector there with sudo -n', byShell),
  kubectl: onOff('Run the collector in pods', byPods),
  pod: text('Pods, comma-separated', byPods),
  selector: text('Label selector of the pods', byPods, 'l'),
  image: text('Make a pod with this image on every control-plane node, and delete it afterwards', byPods),
  node: text('With --image: on these nodes, comma-separated', byPods),
  container: text('Container of the pods (default: the one kubectl takes)', byPods, 'c'),
  context: text('Context of kubectl', byPods),
  namespace: text('Namespace of the pods', byPods, 'n'),
  kubeconfig: text('Configuration file of kubectl', byPods),
  program: text('etcd-collect.cjs or executable that is sent (default: this program, else dist/release)', there),
  'remote-node': text('Node on the hosts (default node)', there),
  'remote-dir': text('Directory there for an executable while it starts (default /tmp)', there),
  'remote-program': text('etcd-collect that is on the hosts already: nothing is sent', there),
  parallel: text(`Hosts at work at the same time (default ${defaults.parallel})`, there),
  'connect-timeout': text('Longest wait for a connection (default 10s)', there),
  deadline: text('Longest time of the whole (default: connection, --budget and 30s)', there),
  output: text('Directory (default: a new one here)', out, 'o'),
  redact: text('standard (default), secrets-only or none', out),
  'series-key': text('File of the key that tokens are made with; stays on this side', out),
  'redact-word': text('Replace this text wherever it stands; may be repeated', out),
  'redact-file': text('File with one such text per line; may be repeated', out),
  map: onOff('Write private maps (default on; --no-map)', out),
  'encrypt-to': text('age recipient (age1...) or file of recipients; may be repeated', out),
  'sign-key': text('Ed25519 private key (PKCS#8 PEM, mode 600): signs every bundle', out),
  progress: text('auto, plain, json or none', out),
} as const;

const parser = (args: readonly string[]) =>
  yargs([...args])
    .scriptName('etcd-collect')
    .usage(
      '$0 fan-out --ssh HOST,... [-o DIR] [-- FLAGS]   collect on many hosts at once; FLAGS are those of etcd-collect on each of them\n$0 fan-out --kubectl --selector LABELS [-o DIR] [-- FLAGS]   the same in pods\n$0 fan-out --kubectl --image IMAGE [-o DIR] [-- FLAGS]   the same in pods made for it, one on every control-plane node',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'strip-aliased': true,
    })
    .options(flags)
    .example(
      '$0 fan-out --ssh cp1,cp2,cp3 --sudo',
      'the three nodes of a control plane, by the names of your ssh configuration',
    )
    .example(
      '$0 fan-out --ssh cp1,cp2,cp3 -o case/ -- --quick --endpoints https://{host}:2379',
      'with flags; {host} is each of them',
    )
    .example('$0 fan-out --ssh cp1 --program etcd-collect-linux-x64', 'where there is no Node')
    .example(
      '$0 fan-out --kubectl -n kube-system -l app.kubernetes.io/name=etcd-collect',
      'in the pods of the DaemonSet',
    )
    .epilogue(
      'Exit: 0 every host complete, 1 internal error, 2 usage, 3 bundles with gaps or hosts without one, 4 no bundle in which a member answered,\n5 a bundle was put aside, 6 a bundle could not be written, 130/143 interrupted (what came is kept).',
    )
    .strictOptions()
    .version(false)
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .wrap(110)
    .fail((message, error) => {
      throw error instanceof UsageError
        ? error
        : new UsageError(message ?? 'the command line was not understood', 'see etcd-collect fan-out --help');
    });

/** Checks the flags of the collectors before any host is asked. Returns the longest time of one run, ms, and what they name. */
const checkRemote = async (
  args: readonly string[],
  version: string,
): Promise<{ readonly budgetMs: number; readonly known: readonly KnownIdentity[] }> => {
  const parsed = await parseArguments(args, version);
  if (parsed.command !== 'run')
    throw new UsageError(
      `after --: ${args[0] ?? ''} is not what runs on the hosts`,
      'give flags of a run, such as --quick',
    );
  const own = ownFlags.find((name) => parsed.flags[name] !== undefined);
  if (own !== undefined)
    throw new UsageError(
      `after --: --${own} does not belong there, since bundles are masked and written on this side`,
      ['output', 'stop-with-stdin'].includes(own)
        ? 'leave it out'
        : `write it before --: etcd-collect fan-out --${own} ...`,
    );
  const odd = args.find((each) => /[^\x20-\x7e]/.test(each));
  if (odd !== undefined)
    throw new UsageError(`after --: ${JSON.stringify(odd)} has characters that a shell may change`);
  const { flags } = parsed;
  const users = list(flags, 'user').map((text) => ({ kind: 'user' as const, text }));
  const paths = ['cacert', 'cert', 'key', 'log', 'data-dir'].flatMap((name) => list(flags, name).map(splitOwner));
  return {
    budgetMs: timesOf(flags).budgetMs,
    known: [...users, ...paths.map(({ file }) => ({ kind: 'path' as const, text: file }))],
  };
};

const reachOf = (argv: RawFlags): FanOutCommand['reach'] => {
  const hosts = parseHosts(splitList(list(argv, 'ssh')));
  const kubectl = toggle(argv, 'kubectl') === true;
  const foreign = (names: readonly string[], belongs: string): void => {
    const found = names.find((name) => argv[name] !== undefined);
    if (found !== undefined)
      throw new UsageError(`--${found} belongs to ${belongs}`, `add ${belongs}, or leave it out`);
  };
  if (kubectl === hosts.length > 0)
    throw new UsageError(
      kubectl ? '--ssh and --kubectl are two ways' : 'no host is named',
      kubectl ? 'use one of them' : 'write --ssh host1,host2, or --kubectl with --selector or --pod',
    );
  if (!kubectl) {
    foreign(['pod', 'selector', 'image', 'node', 'container', 'context', 'namespace', 'kubeconfig'], '--kubectl');
    const config = one(argv, 'ssh-config');
    return {
      via: 'ssh',
      hosts,
      options: list(argv, 'ssh-option'),
      sudo: toggle(argv, 'sudo') === true,
      ...(config === undefined ? {} : { config }),
    };
  }
  foreign(['ssh-config', 'ssh-option', 'sudo', 'remote-dir'], '--ssh');
  const pods = splitList(list(argv, 'pod'));
  const selector = one(argv, 'selector');
  const image = one(argv, 'image');
  const nodes = splitList(list(argv, 'node'));
  if ([pods.length > 0, selector !== undefined, image !== undefined].filter(Boolean).length !== 1)
    throw new UsageError(
      '--kubectl needs one of --pod, --selector and --image',
      'name the pods in which Node is, such as those of the DaemonSet, or an image with Node',
    );
  if (nodes.length > 0 && image === undefined) throw new UsageError('--node without --image', 'add --image');
  const named = (name: 'container' | 'context' | 'namespace' | 'kubeconfig') => {
    const value = one(argv, name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    via: 'kubectl',
    kubectl: {
      pods,
      ...(selector === undefined ? {} : { selector }),
      ...named('container'),
      ...named('context'),
      ...(image === undefined ? {} : { namespace: nodePodNamespace() }),
      ...named('namespace'),
      ...named('kubeconfig'),
    },
    ...(image === undefined ? {} : { nodePods: { image, nodes } }),
  };
};

/** Understands the arguments after `fan-out`; help comes back as text. Throws UsageError, before any host is asked. */
export const parseFanOut = async (args: readonly string[], version: string): Promise<FanOutCommand | string> => {
  const cut = args.indexOf('--');
  const [own, given] = cut < 0 ? [args, []] : [args.slice(0, cut), args.slice(cut + 1)];
  let shown = '';
  const argv: RawFlags & { readonly _: readonly (string | number)[] } = await parser(own).parseAsync(
    [...own],
    {},
    (_error, _argv, output) => {
      shown = output;
    },
  );
  if (shown !== '') return shown;
  if (argv._.length > 0)
    throw new UsageError(
      `${String(argv._[0])}: not understood`,
      'write hosts after --ssh, and flags of the collector after --',
    );
  const duration = (name: string): number | undefined => {
    const value = one(argv, name);
    return value === undefined ? undefined : Math.round(parseDuration(`--${name}`, value));
  };
  const reach = reachOf(argv);
  const ofManifest = reach.via === 'kubectl' && reach.nodePods !== undefined && given.length === 0;
  const remote = ofManifest ? nodePodArgs() : given;
  const { budgetMs, known } = await checkRemote(remote, version);
  const parallelText = one(argv, 'parallel');
  const parallel = parallelText === undefined ? defaults.parallel : parseCount('--parallel', parallelText, 1, 256);
  const connectTimeoutMs = duration('connect-timeout') ?? defaults.connectTimeoutMs;
  const turns = reach.via === 'ssh' ? Math.ceil(reach.hosts.length / parallel) : 1;
  const deadlineMs = duration('deadline') ?? turns * (connectTimeoutMs + budgetMs) + defaults.transferMs;
  if (connectTimeoutMs < 1000 || deadlineMs < 1000)
    throw new UsageError('--connect-timeout and --deadline: less than a second', 'use 1s or more');
  const [program, remoteProgram, output] = [one(argv, 'program'), one(argv, 'remote-program'), one(argv, 'output')];
  if (program !== undefined && remoteProgram !== undefined)
    throw new UsageError('--program is sent, --remote-program is there already', 'use one of them');
  if (output === '-')
    throw new UsageError('--output -: many bundles do not fit into one stream', 'name a directory with -o');
  const mode = choice(argv, 'redact', ['standard', 'secrets-only', 'none']) ?? 'standard';
  const { seriesKey, redactWords = [] } = privacyOptions({ ...argv, map: undefined });
  const signer = signerOf(argv, output);
  return {
    reach,
    ...(program === undefined ? {} : { program }),
    ...(remoteProgram === undefined ? {} : { remoteProgram }),
    remoteNode: one(argv, 'remote-node') ?? 'node',
    remoteDirectory: one(argv, 'remote-dir') ?? '/tmp',
    args: [
      ...remote,
      // Names are masked on this side, by one key that stays here.
      ...['--redact', mode === 'standard' ? 'secrets-only' : mode],
      ...['--output', '-', '--progress', 'json', '--stop-with-stdin'],
    ],
    parallel,
    connectTimeoutMs,
    deadlineMs,
    ...(output === undefined ? {} : { output }),
    mode,
    ...(seriesKey === undefined ? {} : { seriesKey }),
    redactWords,
    known,
    map: toggle(argv, 'map') ?? true,
    encryptTo: recipientsOf(argv),
    ...(signer === undefined ? {} : { signer }),
    progress: choice(argv, 'progress', ['auto', 'plain', 'json', 'none']) ?? 'auto',
  };
};
