import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createEncryption } from '../bundle/encrypt.js';
import { checkDestination, outputError } from '../bundle/output.js';
import { UsageError } from '../errors.js';
import { exitCodeOf, fanOut, type HostResult } from '../fan-out/fan-out.js';
import { kubectlFailure, podTargets } from '../fan-out/kubectl.js';
import { createNodePods, type NodePods } from '../fan-out/node-pods.js';
import { outcomeTable, writeOutcome } from '../fan-out/outcome.js';
import { findProgram, readProgram } from '../fan-out/program.js';
import type { Program } from '../fan-out/remote-command.js';
import { sshFailure, sshTarget } from '../fan-out/ssh.js';
import { createStages } from '../fan-out/stages.js';
import type { Target, WayFailure } from '../fan-out/transport.js';
import { packageVersion } from '../io.js';
import { runPipe } from '../ports/pipe.js';
import { loadSeriesKey } from '../redact/series-key.js';
import { type FanOutCommand, parseFanOut } from './fan-out-options.js';

type Env = Readonly<Record<string, string | undefined>>;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const advice = {
  ssh: 'install the OpenSSH client (openssh-client), or collect on each host by hand and give all bundles to etcd-analyze',
  kubectl: 'install kubectl, or use --ssh',
} as const;

const systemProgram = (name: 'ssh' | 'kubectl', env: Env): string => {
  const found = findProgram(name, env.PATH);
  if (found === undefined) throw new UsageError(`${name} is not installed here (not on PATH)`, advice[name]);
  return found;
};

interface Reached {
  readonly targets: readonly Target[];
  readonly failure: WayFailure;
  /** Removes what was made on the way. */
  readonly remove?: NodePods['remove'];
}

const targetsOf = async ({ reach, connectTimeoutMs, deadlineMs }: FanOutCommand, env: Env): Promise<Reached> => {
  const program = systemProgram(reach.via, env);
  if (reach.via === 'kubectl') {
    const failure = kubectlFailure;
    if (reach.nodePods === undefined) return { targets: await podTargets(program, reach.kubectl, runPipe), failure };
    const pods = { ...reach.nodePods, workMs: deadlineMs };
    return { ...(await createNodePods(program, reach.kubectl, pods, runPipe)), failure };
  }
  const { hosts, config, options, sudo } = reach;
  const ssh = { program, options, sudo, connectTimeoutMs, ...(config === undefined ? {} : { config }) };
  return { targets: hosts.map((host) => sshTarget(host, ssh)), failure: sshFailure };
};

const programOf = (command: FanOutCommand): Program => {
  const { program: named, remoteProgram, remoteNode, remoteDirectory } = command;
  if (remoteProgram !== undefined) return { kind: 'installed', path: remoteProgram };
  const { program, path } = readProgram(named, { node: remoteNode, directory: remoteDirectory });
  if (program.kind === 'executable' && command.reach.via === 'kubectl')
    throw new UsageError(
      `${path} is an executable, and a pod may have no shell to put it in place`,
      'send etcd-collect.cjs to pods with Node, or name the executable in the image with --remote-program',
    );
  if (command.progress === 'auto' || command.progress === 'plain')
    say(
      `Sending ${path} (${(program.kind === 'installed' ? 0 : program.code.length / 1e6).toFixed(1)} MB) to every host.`,
    );
  return program;
};

/** Directories of a fan-out, made before any host is asked. Throws OutputError and UsageError. */
const placesOf = async (output: string | undefined, startedAt: Date) => {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '');
  const directory = resolve(output ?? `etcd-evidence_fan-out_${stamp}`);
  const privateDirectory = join(directory, 'private');
  const outcome = join(privateDirectory, 'fan-out.json');
  try {
    await mkdir(privateDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw await outputError(error, directory);
  }
  await checkDestination({ kind: 'directory', directory });
  await checkDestination({ kind: 'directory', directory: privateDirectory });
  if ((await stat(outcome).catch(() => undefined)) !== undefined)
    throw new UsageError(`${directory} has the results of another fan-out`, 'name a new directory with -o');
  return { directory, privateDirectory, outcome };
};

const closing = (results: readonly HostResult[], directory: string, outcome: string): string => {
  const bundles = results.filter(({ state }) => state === 'ok' || state === 'partial').length;
  const rest = results.length - bundles;
  return [
    `${bundles} of ${results.length} hosts sent a bundle${rest === 0 ? '' : '; the others are named in the report only as far as the members know them'}.`,
    `Keep here: ${join(directory, 'private')} (real names: ${outcome.slice(directory.length + 1)} and the maps; etcd-collect reveal REPORT --map it).`,
    ...(bundles === 0 ? [] : [`Next: etcd-analyze ${directory}`]),
  ].join('\n');
};

/** Runs `etcd-collect fan-out`; `args` are what follows. Data (paths of bundles) on stdout. Throws UsageError and OutputError, before any host is asked. */
export const fanOutCommand = async (args: readonly string[], env: Env, signal: AbortSignal): Promise<number> => {
  const command = await parseFanOut(args, packageVersion());
  if (typeof command === 'string') {
    process.stdout.write(`${command}\n`);
    return 0;
  }
  const startedAt = new Date();
  const program = programOf(command);
  const { mode, redactWords: words, map, encryptTo, signer, parallel, deadlineMs, progress } = command;
  const encryption = encryptTo.length === 0 ? undefined : await createEncryption(encryptTo);
  const seriesKey = mode === 'standard' ? loadSeriesKey(command.seriesKey, env) : undefined;
  if (seriesKey?.note !== undefined) say(`note: ${seriesKey.note}`);
  const { directory, privateDirectory, outcome } = await placesOf(command.output, startedAt);
  const { targets, failure, remove } = await targetsOf(command, env);
  if (targets.length > parallel)
    say(`note: ${targets.length} hosts, ${parallel} at a time (--parallel): not all windows are at the same time`);
  const stages = createStages(progress, targets.length, process.stderr, env);
  const results = await fanOut(
    {
      via: command.reach.via,
      targets,
      failure,
      program,
      args: command.args,
      parallel,
      deadlineMs,
      keep: {
        directory,
        privateDirectory,
        mode,
        words,
        known: command.known,
        map,
        ...(seriesKey === undefined ? {} : { key: seriesKey.key }),
        ...(encryption === undefined ? {} : { encryption }),
        ...(signer === undefined ? {} : { signer }),
      },
    },
    { pipe: runPipe, signal, onStage: stages.onStage },
  );
  stages.close();
  const left = await remove?.();
  if (left !== undefined) say(left);
  const exitCode = exitCodeOf(results, signal.aborted ? signal.reason : undefined);
  try {
    await writeOutcome(outcome, directory, {
      via: command.reach.via,
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      exitCode,
      hosts: results,
    });
  } catch (error) {
    throw await outputError(error, outcome);
  }
  if (progress !== 'json' && progress !== 'none') {
    say(outcomeTable(results));
    say('');
    say(closing(results, directory, outcome));
  }
  for (const { state, bundle } of results)
    if (bundle !== undefined && state !== 'quarantined') process.stdout.write(`${bundle}\n`);
  return exitCode;
};
