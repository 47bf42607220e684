import { spawn } from 'node:child_process';
import { errnoOf } from '../errors.js';

export interface PipeOptions {
  /** Written to standard input first; it then stays open. */
  readonly input: Buffer;
  /** Standard input ends when this is aborted: whoever reads there knows that nobody waits any more. */
  readonly hangUp: AbortSignal;
  /** The program and everything it started are ended when this is aborted. */
  readonly kill: AbortSignal;
  /** Output kept, bytes; a program that writes more is ended. */
  readonly maxBytes: number;
  readonly onOutput?: (bytes: number) => void;
  /** Each whole line of standard error, without its end. */
  readonly onLine?: (line: string) => void;
}

export interface PipeEnd {
  /** `missing`: there is no such program here; `failed`: it could not be started. */
  readonly started: 'yes' | 'missing' | 'failed';
  /** `undefined` when a signal ended it, or it was not started. */
  readonly code?: number;
  readonly stdout: Buffer;
  readonly tooLarge: boolean;
}

export type RunPipe = (file: string, args: readonly string[], options: PipeOptions) => Promise<PipeEnd>;

/** Longest line of standard error that is looked at, characters. */
const maxLine = 4096;
/** How long output may take to arrive after the program ended, ms. Something it left behind may hold the pipe open for ever. */
const drainMs = 1000;
/** From asking to end to ending, ms. */
const killGraceMs = 1000;

/** Cuts a stream of text into lines. */
const lines = (take: (line: string) => void): ((chunk: string) => void) => {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = (parts.pop() ?? '').slice(0, maxLine);
    for (const part of parts) take(part.replace(/\r$/, '').slice(0, maxLine));
  };
};

/**
 * Runs a program without a shell, as the leader of a session of its own, so that Ctrl-C in the terminal does not reach it; its output is kept
 * in memory. Never rejects.
 */
export const runPipe: RunPipe = (file, args, { input, hangUp, kill, maxBytes, onOutput, onLine }) =>
  new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const chunks: Buffer[] = [];
    let total = 0;
    let tooLarge = false;
    let settled = false;
    const signalAll = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // It has ended.
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      signalAll('SIGTERM');
      timer ??= setTimeout(() => signalAll('SIGKILL'), killGraceMs);
    };
    const endInput = (): void => {
      child.stdin.end();
    };
    const take = lines((line) => onLine?.(line));
    const settle = (started: PipeEnd['started'], code: number | null): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      hangUp.removeEventListener('abort', endInput);
      kill.removeEventListener('abort', end);
      take('\n');
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.destroy();
      resolve({ started, ...(code === null ? {} : { code }), stdout: Buffer.concat(chunks), tooLarge });
    };
    child.stdin.on('error', () => undefined);
    child.stdin.write(input);
    child.stdout.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) {
        tooLarge = true;
        chunks.length = 0;
        end();
        return;
      }
      chunks.push(chunk);
      onOutput?.(total);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => settle(errnoOf(error) === 'ENOENT' ? 'missing' : 'failed', null));
    child.once('close', (code) => settle('yes', code));
    child.once('exit', (code) => {
      setTimeout(() => {
        signalAll('SIGTERM');
        settle('yes', code);
      }, drainMs).unref();
    });
    if (hangUp.aborted) endInput();
    else hangUp.addEventListener('abort', endInput, { once: true });
    if (kill.aborted) end();
    else kill.addEventListener('abort', end, { once: true });
  });
