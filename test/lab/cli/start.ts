import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LabError } from './errors.js';
import type { StartCommand, StartEvent, StartOrder, Status } from './protocol.js';
import { claim, forget, type LabFiles, withLog } from './runtime.js';
import type { Say } from './session.js';

/** The caller was interrupted; what had been started is gone again, or going. */
export class Interrupted extends Error {
  constructor(
    readonly signal: 'SIGINT' | 'SIGTERM',
    /** The daemon was killed: the reaper is still at work. */
    readonly killed: boolean,
  ) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
  }
}

const tailOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
};

/** Signals from now on, while `take` takes them; `release` gives them back. */
const holdSignals = (): { take: (on: (signal: Interrupted['signal']) => void) => void; release: () => void } => {
  let on: (signal: Interrupted['signal']) => void = () => undefined;
  const onInterrupt = (): void => on('SIGINT');
  const onTerminate = (): void => on('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    take: (next) => {
      on = next;
    },
    release: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
};

const spawnDaemon = (files: LabFiles): ChildProcess =>
  withLog(files, (log) =>
    fork(fileURLToPath(new URL('./daemon-main.js', import.meta.url)), [files.name], {
      detached: true,
      cwd: '/',
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    }),
  );

/**
 * Start the daemon of a lab and wait until its cluster serves. An interrupt ends it again and throws `Interrupted` when nothing is left;
 * a second one kills the daemon. Throws LabError.
 */
export const startDaemon = async (order: StartOrder, say: Say): Promise<Status> => {
  const signals = holdSignals();
  try {
    const files = claim(order.name);
    return await hear(spawnDaemon(files), files, order, say, signals.take);
  } finally {
    signals.release();
  }
};

const hear = (
  child: ChildProcess,
  files: LabFiles,
  order: StartOrder,
  say: Say,
  onSignal: (on: (signal: Interrupted['signal']) => void) => void,
): Promise<Status> =>
  new Promise((resolve, reject) => {
    let ordered = false;
    let interrupted: Interrupted | undefined;
    let failure: LabError | undefined;
    const send = (command: StartCommand, sent: () => void = () => undefined): void => {
      if (child.connected) child.send(command, () => sent());
    };
    onSignal((signal) => {
      if (interrupted !== undefined) {
        interrupted = new Interrupted(signal, true);
        child.kill('SIGKILL');
        return;
      }
      interrupted = new Interrupted(signal, false);
      say('interrupted: removing what was started (again: kill it)');
      if (child.connected) child.disconnect();
    });
    child.on('message', (event: StartEvent) => {
      // What is sent before the daemon listens could be lost; its first word says that it does.
      if (!ordered) send({ start: order });
      ordered = true;
      if (event.event === 'step') say(event.text);
      else if (event.event === 'failed') failure = new LabError(event.failure, event.message, event.advice);
      else if (interrupted === undefined) {
        send({ taken: true }, () => {
          child.disconnect();
          child.unref();
          resolve(event.status);
        });
      }
    });
    child.on('error', (error) => {
      failure ??= new LabError('failed', `the daemon cannot be started: ${error.message}`);
    });
    child.on('exit', (code, signal) => {
      const last = tailOf(files.log);
      forget(files);
      const how = signal === null ? `exit code ${code}` : signal;
      const ended = new LabError('failed', `the daemon ended (${how})${last === '' ? '' : `:\n${last}`}`);
      reject(interrupted ?? failure ?? ended);
    });
  });
