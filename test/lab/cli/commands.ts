import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, readFileSync } from 'node:fs';
import { packageRoot } from '../../../schemas/index.js';
import { truthOf } from '../play.js';
import { faultByName, faults, loadByName, loads, scenarioById, scenarios } from '../registry.js';
import type { FaultDefinition } from '../fault.js';
import { ask, pick } from './client.js';
import { LabError } from './errors.js';
import { lacking } from './needs.js';
import { type Collected, collectOn, execOn } from './hosts-commands.js';
import { known } from './options.js';
import type { Paint } from './paint.js';
import type { Command } from './parse.js';
import type { ClusterStatus, Status } from './protocol.js';
import { filesOf, forget, isAlive, keeperOf, type LabFiles, liveNames } from './runtime.js';
import type { Say } from './session.js';
import { startDaemon } from './start.js';
import {
  catalogueText,
  clearedText,
  COMMAND,
  faultPage,
  faultText,
  inForceLine,
  loadPage,
  scenarioPage,
  scenariosText,
  shellWord,
  statusText,
  upText,
} from './text.js';
import { impossibleWithoutHosts, PLAIN, planUp } from './up.js';

/** What a command writes with: `say` for progress, `print` for its result; a result is text or, with --json, a value. */
export interface Output {
  readonly say: Say;
  readonly print: (text: string, value: unknown) => void;
  readonly paint: Paint;
}

type Of<C extends Command['command']> = Extract<Command, { command: C }>;

const STATUS_LIMIT_MS = 10_000;
const DOWN_LIMIT_MS = 45_000;
const GONE_LIMIT_MS = 20_000;

export const up = async (command: Of<'up'>, { say, print, paint }: Output): Promise<number> => {
  const plan = await planUp(command.options, command.scenario, command.wantsHosts);
  const status = await startDaemon(plan.order, say);
  const without = plan.noHosts === undefined ? undefined : { why: plan.noHosts, faults: impossibleWithoutHosts() };
  print(upText(status, Date.now(), paint, without), status);
  return 0;
};

export const fault = async (command: Of<'fault'>, { say, print, paint }: Output): Promise<number> => {
  const files = pick(command.lab);
  const { name, on, params } = command;
  const entry = await ask(files, { op: 'fault', name, on, params }, say);
  print(faultText(entry, files.name, paint), entry);
  return 0;
};

export const load = async (command: Of<'load'>, { say, print }: Output): Promise<number> => {
  const files = pick(command.lab);
  const entry = await ask(files, { op: 'load', name: command.name, params: command.params }, say);
  print(inForceLine(entry, Date.now()), entry);
  return 0;
};

export const clear = async (command: Of<'clear'>, { say, print, paint }: Output): Promise<number> => {
  const cleared = await ask(pick(command.lab), { op: 'clear', what: command.what }, say);
  print(clearedText(cleared, Date.now(), paint), cleared);
  return 0;
};

/** Wait until a condition holds; false when it does not within `limitMs`. */
const until = async (holds: () => boolean, limitMs: number): Promise<boolean> => {
  const deadline = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
};

const isDaemon = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('daemon-main.js');
  } catch {
    return false;
  }
};

/** Ask the daemon; one that does not hear is killed, and the reaper of its cluster cleans up. */
const endOne = async (files: LabFiles, say: Say): Promise<void> => {
  const keeper = keeperOf(files);
  let dir = '';
  try {
    ({ dir } = await ask(files, { op: 'down' }, say, DOWN_LIMIT_MS));
  } catch (error) {
    if (keeper === undefined || !isDaemon(keeper)) throw error;
    say(`killing the daemon ${keeper}, which does not answer`);
    process.kill(keeper, 'SIGKILL');
  }
  const gone = await until(() => keeper === undefined || !isAlive(keeper), GONE_LIMIT_MS);
  if (!gone)
    throw new LabError('failed', `the daemon ${keeper} of ${files.name} did not end`, `kill it: kill -9 ${keeper}`);
  if (dir !== '' && !(await until(() => !existsSync(dir), GONE_LIMIT_MS)))
    throw new LabError('failed', `${dir} could not be removed`, 'see what is mounted or open in it');
  forget(files);
};

export const down = async (command: Of<'down'>, { say, print }: Output): Promise<number> => {
  const chosen = command.all ? liveNames().map(filesOf) : [pick(command.name)];
  const ended: string[] = [];
  const failures: unknown[] = [];
  for (const files of chosen) {
    await endOne(files, say).then(
      () => ended.push(files.name),
      (error: unknown) => failures.push(error),
    );
  }
  const text = ended.length === 0 ? 'No lab was running.' : ended.map((name) => `${name} is down.`).join('\n');
  if (failures.length === 0) print(text, { ended });
  else if (ended.length > 0) say(text);
  for (const failure of failures) throw failure;
  return 0;
};

/** Faults that a plain `up` is not made for say what is. */
const howToStart = ({ name, cluster = {} }: FaultDefinition): string[] =>
  lacking(cluster, PLAIN).length === 0 ? [] : [`needs: up --for ${name}`];

const listLabs = async ({ print, paint }: Output): Promise<number> => {
  const statuses: Status[] = [];
  const silent: string[] = [];
  for (const name of liveNames()) {
    await ask(filesOf(name), { op: 'status' }, undefined, STATUS_LIMIT_MS).then(
      (status) => statuses.push(status),
      () => silent.push(name),
    );
  }
  const now = Date.now();
  const texts = [
    ...statuses.map((status) => statusText(status, now, paint)),
    ...silent.map((name) => paint('red', `${name}: does not answer; "${COMMAND} down ${name}" ends it`)),
  ];
  print(texts.length === 0 ? `No lab runs. Start one: ${COMMAND} up` : texts.join('\n\n'), { labs: statuses, silent });
  return 0;
};

export const list = (command: Of<'list'>, output: Output): Promise<number> | number => {
  const { print, paint } = output;
  const { what, name } = command;
  if (what === 'labs') return listLabs(output);
  if (what === 'faults') {
    const one = name === undefined ? undefined : known(() => faultByName(name));
    print(one === undefined ? catalogueText(faults, paint, howToStart) : faultPage(one, paint), one ?? faults);
  } else if (what === 'loads') {
    const one = name === undefined ? undefined : known(() => loadByName(name));
    print(one === undefined ? catalogueText(loads, paint) : loadPage(one, paint), one ?? loads);
  } else {
    const one = name === undefined ? undefined : known(() => scenarioById(name));
    print(
      one === undefined ? scenariosText(scenarios, paint) : scenarioPage(one, truthOf(one), paint),
      one ?? scenarios,
    );
  }
  return 0;
};

const clusterOf = async (lab: string | undefined): Promise<{ name: string; cluster: ClusterStatus }> => {
  const files = pick(lab);
  const { cluster, state } = await ask(files, { op: 'status' }, undefined, STATUS_LIMIT_MS);
  if (cluster === undefined)
    throw new LabError('failed', `lab ${files.name} is ${state}`, 'wait a moment and try again');
  return { name: files.name, cluster };
};

export const exec = async (command: Of<'exec'>): Promise<number> => {
  const { cluster } = await clusterOf(command.lab);
  return execOn(cluster, command.member, command.argv);
};

/** etcd-collect wrote a bundle: whole, with gaps, of the vantage only, or interrupted. */
const withBundle = new Set<number | null>([0, 3, 4, 130, 143]);

const collectedText = (collected: readonly Collected[], dir: string): string => {
  const got = collected.filter(({ exit }) => withBundle.has(exit));
  const lines = collected.map(({ member, file, exit, said }) =>
    withBundle.has(exit)
      ? `${member}  ${file}${exit === 0 ? '' : ` (exit ${exit}: with gaps)`}`
      : `${member}  no bundle, exit ${exit}: ${said}`,
  );
  if (got.length === 0) return lines.join('\n');
  const analyzer = ['node', join(packageRoot, 'dist', 'analyzer', 'main.js'), ...got.map(({ file }) => file)];
  lines.push('', `Next: ${[...analyzer, '--format', 'html', '-o', join(dir, 'report.html')].map(shellWord).join(' ')}`);
  return lines.join('\n');
};

export const collect = async (command: Of<'collect'>, { say, print }: Output): Promise<number> => {
  const { name, cluster } = await clusterOf(command.lab);
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15);
  const dir = command.dir ?? join(packageRoot, 'out', 'lab', `${name}-${stamp}`);
  const collected = await collectOn(cluster, command.members, dir, command.extra, say);
  print(collectedText(collected, dir), collected);
  const none = collected.find(({ exit }) => !withBundle.has(exit));
  if (none !== undefined)
    throw new LabError('failed', `there is no bundle of ${none.member}`, 'see above what it said');
  return 0;
};
