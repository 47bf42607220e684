/**
 * The process that keeps one lab: `daemon-main.js NAME`, started by `up` over a process channel, which brings the order.
 * Until its caller has taken the answer the lab ends with the caller; afterwards on `down`, on a signal, or when its time is up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ensureEtcd } from '../../support/etcd-binaries.js';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import { truthOf } from '../play.js';
import { scenarioById } from '../registry.js';
import { rolesOf } from '../resolve.js';
import { LabError, labErrorOf } from './errors.js';
import type { Request, StartCommand, StartEvent, StartOrder, Status } from './protocol.js';
import { filesOf, forget, keep, runtimeDir } from './runtime.js';
import { serve } from './server.js';
import { createSession, type Say, type Session } from './session.js';

/** How long a start that is no longer wanted may go on: what it makes is known to the lab only when it is made. */
const SETTLE_MS = 15_000;
/** After this much more than its time, a lab that hangs is killed; the reaper of the cluster removes what is left. */
const GRACE_MS = 30_000;
const KEPT_PROBLEMS = 5;

const files = filesOf(process.argv[2] ?? '');
const problems: string[] = [];
let state: Status['state'] = 'starting';
let taken = false;
let building = true;
let endsAt = 0;
let scenario: Status['scenario'];
let cluster: Cluster | undefined;
let session: Session | undefined;
let starting: Promise<void> = Promise.resolve();
let ending: Promise<void> | undefined;

const log: Say = (text) => {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
};

const tell = (event: StartEvent): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(event, () => resolve());
    else resolve();
  });

const step: Say = (text) => {
  log(text);
  void tell({ event: 'step', text });
};

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

const begin = async (order: StartOrder): Promise<void> => {
  const { version = '3.5', memberVersions = {} } = order.cluster;
  const lines = new Set([version, ...Object.values(memberVersions)]);
  step(`getting etcd ${[...lines].join(', ')}`);
  for (const line of lines) await ensureEtcd(line);
  building = false;
  const size = order.cluster.size ?? 3;
  step(`starting ${size === 1 ? 'one member' : `${size} members`}`);
  cluster = await startCluster(order.cluster);
  // A killed daemon cannot remove its files; the reaper of the cluster can.
  cluster.lab.onEnd(`rm -rf ${quoted(files.dir)}; rmdir ${quoted(runtimeDir())} 2>/dev/null`);
  session = createSession(cluster, order.cluster);
  for (const { load, params = {} } of order.loads) await session.load(load, params, step);
  if (order.scenario !== undefined) await perform(order.scenario, cluster, session);
};

/** What happens in a scenario, up to the moment at which one would collect. */
const perform = async (id: string, on: Cluster, using: Session): Promise<void> => {
  const played = scenarioById(id);
  const { title, loads = [{ load: 'kubernetes' }], faults, warmUp = 8, settle = 12, over } = played;
  for (const { load, params = {} } of loads) await using.load(load, params, step);
  step(`warming up for ${warmUp} s`);
  await sleep(warmUp * 1000);
  const roles = await rolesOf(on);
  const members = new Set<string>();
  for (const { fault, on: where = 'follower', params = {} } of faults) {
    const done = await using.fault(fault, [where], params, step, roles);
    for (const name of done.members) members.add(name);
  }
  step(`letting it act for ${settle} s`);
  await sleep(settle * 1000);
  if (over !== undefined) {
    await using.clear('all', step);
    step(`${over} s later`);
    await sleep(over * 1000);
  }
  scenario = { id, title, truth: truthOf(played), members: [...members] };
};

const statusNow = async (): Promise<Status> => {
  const now = state === 'starting' || session === undefined ? undefined : await session.cluster();
  return {
    name: files.name,
    state,
    pid: process.pid,
    log: files.log,
    endsAt,
    ...(now === undefined ? {} : { cluster: now }),
    inForce: session?.inForce() ?? [],
    ...(scenario === undefined ? {} : { scenario }),
    problems,
  };
};

/** One after the other: two faults at a time could not tell who did what. */
let turn: Promise<unknown> = Promise.resolve();
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const mine = turn.then(work);
  turn = mine.catch(() => undefined);
  return mine;
};

const answer = (request: Request, say: Say): Promise<unknown> => {
  if (request.op === 'status') return statusNow();
  log(JSON.stringify(request));
  if (request.op === 'down') {
    say('removing everything');
    const dir = cluster?.lab.dir ?? '';
    return end('down').then(() => ({ dir }));
  }
  const using = session;
  if (using === undefined || state !== 'running')
    throw new LabError(
      'failed',
      `lab ${files.name} is ${state}`,
      'wait a moment and try again; "list" shows its state',
    );
  const both: Say = (text) => {
    log(text);
    say(text);
  };
  return inTurn<unknown>(() => {
    switch (request.op) {
      case 'fault':
        return using.fault(request.name, request.on, request.params, both);
      case 'load':
        return using.load(request.name, request.params, both);
      default:
        return using.clear(request.what, both);
    }
  });
};

/** Undo everything; the process ends soon after. */
const end = (why: string): Promise<void> => {
  ending ??= (async () => {
    log(`ending: ${why}`);
    state = 'ending';
    // A build is the work of minutes and no part of the lab. This process leads its group, and has a handler.
    if (building) process.kill(-process.pid, 'SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SETTLE_MS);
    });
    await Promise.race([starting.catch(() => undefined), late]);
    clearTimeout(timer);
    await cluster?.dispose();
    forget(files);
    // Whoever asked for the end gets the answer first. Leaving ends labs that were never handed over, too.
    setTimeout(() => process.exit(0), 50);
  })();
  return ending;
};

const problem = (error: unknown): void => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`problem: ${text}`);
  problems.push(text.split('\n')[0] ?? text);
  problems.splice(0, problems.length - KEPT_PROBLEMS);
};

const start = async (order: StartOrder): Promise<void> => {
  starting = begin(order);
  try {
    await starting;
  } catch (error) {
    const { failure, message, advice } = labErrorOf(error);
    log(message);
    await tell({ event: 'failed', failure, message, ...(advice === undefined ? {} : { advice }) });
    return end('it did not start');
  }
  // Asked to end while it started: the caller waits for the process.
  if (ending !== undefined) return ending;
  state = 'running';
  endsAt = Date.now() + order.ttlMs;
  setTimeout(() => void end('its time is up'), order.ttlMs);
  const watchdog = `setTimeout(() => process.kill(${process.pid}, 'SIGKILL'), ${order.ttlMs + GRACE_MS})`;
  new Worker(watchdog, { eval: true }).unref();
  log('it runs');
  await tell({ event: 'ready', status: await statusNow() });
};

keep(files);
process.on('uncaughtException', problem);
process.on('unhandledRejection', problem);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
process.on('disconnect', () => {
  if (!taken) void end('its caller went away');
});
process.on('message', (command: StartCommand) => {
  if ('taken' in command) taken = true;
  else void start(command.start);
});
await serve(files.socket, answer);
// A caller that went away while the modules were loading is not told about any more.
if (process.connected) await tell({ event: 'step', text: 'starting' });
else await end('its caller went away');
