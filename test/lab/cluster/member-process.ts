import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.js';
import { onPath } from '../../support/tools.js';

/** A started program whose stdout and stderr are a log file. */
export type Program = {
  pid: number;
  running: () => boolean;
  exited: Promise<{ code: number | null; signal: string | null }>;
};

export type ProgramOptions = { logFile: string; env?: NodeJS.ProcessEnv; cwd?: string };

/**
 * Start a long-running program in a lab. It gets SIGKILL from the kernel when this process dies (setpriv --pdeathsig), the log
 * file is its stdout and stderr themselves (no pipe), and `command` is executed in place, so `pid` is the program's own.
 */
export function startProgram(lab: Lab, command: readonly string[], options: ProgramOptions): Program {
  const guarded = onPath('setpriv') === undefined ? command : ['setpriv', '--pdeathsig', 'KILL', '--', ...command];
  const [file = '', ...args] = guarded;
  if (lab.ended) throw new Error(`${file} cannot be started: the lab has ended`);
  const log = openSync(options.logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      stdio: ['ignore', log, log],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } finally {
    closeSync(log);
  }
  const pid = child.pid;
  // A failed spawn reports itself through an event after this function returned; it must not be thrown at nobody.
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  if (pid === undefined) throw new Error(`${file} cannot be started`);
  // A test that forgets to dispose shall end (and its labs with it) and not hang.
  child.unref();
  lab.track(pid);
  return { pid, running: () => child.exitCode === null && child.signalCode === null, exited };
}

/** Wait until nothing accepts connections there; throws after `timeoutMs`. A dead program's threads can hold its sockets a moment. */
export async function waitPortClosed(address: string, port: number, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (await accepts(address, port)) {
    if (Date.now() > deadline) throw new Error(`${address}:${port} is still in use after ${timeoutMs} ms`);
    await sleep(50);
  }
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
