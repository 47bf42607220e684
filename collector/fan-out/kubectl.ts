import { UsageError } from '../errors.js';
import type { RunPipe } from '../ports/pipe.js';
import type { Target, WayFailure } from './transport.js';

export interface KubectlOptions {
  readonly pods: readonly string[];
  readonly selector?: string;
  readonly container?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly kubeconfig?: string;
}

/** Flags that every call carries. */
const common = ({ context, namespace, kubeconfig }: KubectlOptions): string[] => [
  ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
  ...(context === undefined ? [] : [`--context=${context}`]),
  ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
];

interface PodFacts {
  readonly name: string;
  readonly node?: string;
  readonly address?: string;
  readonly phase?: string;
}

const maxList = 64 * 1024 * 1024;
/** Longest wait for kubectl itself, ms. */
const callMs = 60_000;

/** One short call; `failure` is the last thing that kubectl said when it did not work out. */
export const kubectlCall = async (
  program: string,
  options: KubectlOptions,
  args: readonly string[],
  pipe: RunPipe,
  input = '',
): Promise<{ readonly failure?: string; readonly stdout: string }> => {
  const lines: string[] = [];
  const end = await pipe(program, [...common(options), '--request-timeout=40s', ...args], {
    input: Buffer.from(input),
    hangUp: AbortSignal.abort(),
    kill: AbortSignal.timeout(callMs),
    maxBytes: maxList,
    onLine: (line) => {
      if (line.trim() !== '') lines.push(line.replace(/[^\x20-\x7e]/g, '?'));
    },
  });
  const stdout = end.stdout.toString('utf8');
  return end.code === 0 ? { stdout } : { stdout, failure: lines.at(-1) ?? `it ended with ${end.code ?? 'a signal'}` };
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What `kubectl get pods -o json` says, one pod or a list. */
const podsIn = (json: string): PodFacts[] => {
  const value = JSON.parse(json) as { items?: unknown };
  const items: readonly unknown[] = Array.isArray(value.items) ? value.items : [value];
  return items.flatMap((item) => {
    const { metadata, spec, status } = item as Record<string, Record<string, unknown> | undefined>;
    const name = textOf(metadata?.name);
    if (name === undefined) return [];
    const [node, address, phase] = [textOf(spec?.nodeName), textOf(status?.hostIP), textOf(status?.phase)];
    return [
      {
        name,
        ...(node === undefined ? {} : { node }),
        ...(address === undefined ? {} : { address }),
        ...(phase === undefined ? {} : { phase }),
      },
    ];
  });
};

const podTarget = (program: string, options: KubectlOptions, { name, node, address }: PodFacts): Target => ({
  label: node === undefined ? name : `${name} (${node})`,
  values: {
    pod: name,
    ...(node === undefined ? {} : { node }),
    // In a URL an IPv6 address has brackets.
    ...(address === undefined ? {} : { address: address.includes(':') ? `[${address}]` : address }),
  },
  identities: [name, ...(node === undefined ? [] : [node]), ...(address === undefined ? [] : [address])],
  // The command is handed over word by word: no shell is needed in the pod.
  reach: (remote) => ({
    file: program,
    args: [
      ...common(options),
      'exec',
      '--stdin',
      ...(options.container === undefined ? [] : [`--container=${options.container}`]),
      name,
      '--',
      ...remote,
    ],
  }),
});

/** Pods of a fan-out, one target each. Throws UsageError when kubectl does not tell them, or there are none. */
export const podTargets = async (program: string, options: KubectlOptions, pipe: RunPipe): Promise<Target[]> => {
  const wanted = options.selector === undefined ? options.pods : [`--selector=${options.selector}`];
  const { failure, stdout } = await kubectlCall(program, options, ['get', 'pods', '--output=json', ...wanted], pipe);
  if (failure !== undefined)
    throw new UsageError(
      `kubectl does not tell the pods: ${failure}`,
      'check --context, --namespace and --kubeconfig with kubectl get pods; when the API server is gone, use --ssh',
    );
  let pods: PodFacts[];
  try {
    pods = podsIn(stdout);
  } catch {
    throw new UsageError(
      'kubectl does not tell the pods as JSON',
      'check that --output=json works with kubectl get pods',
    );
  }
  if (pods.length === 0)
    throw new UsageError(
      `no pod has the labels ${options.selector ?? ''}`,
      'check --namespace and --selector with kubectl get pods',
    );
  return pods.map((pod) => podTarget(program, options, pod));
};

/** Words of kubectl and the API server; what the command in the pod says comes without them. */
export const kubectlFailure: WayFailure = ({ code }, lines) => {
  if (code === 0 || code === undefined) return undefined;
  const find = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  const missing = find(
    /executable file not found|no such file or directory.*(?:unknown|exec)|OCI runtime exec failed/i,
  );
  if (missing !== undefined) return { state: 'no-node', detail: missing };
  const refused = find(/^Error from server \((?:Forbidden|Unauthorized)\)|must be logged in/i);
  if (refused !== undefined) return { state: 'auth-refused', detail: refused };
  const unreachable = find(
    /^(?:Error from server|error: (?:unable to upgrade connection|cannot exec|error dialing|lost connection|Internal error occurred|Timeout|unable to connect)|Unable to connect to the server|The connection to the server)/i,
  );
  return unreachable === undefined ? undefined : { state: 'unreachable', detail: unreachable };
};
