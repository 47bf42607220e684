import { spawn } from 'node:child_process';
import { ProbeError } from '../probe.js';

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Output kept; the command is ended when it has written this much. */
  readonly maxBytes: number;
}

export interface CommandAnswer {
  readonly stdout: Buffer;
  /** More output was to come: the cap or the deadline ended the command. */
  readonly cut: boolean;
}

export type RunCommand = (file: string, args: readonly string[], options: CommandOptions) => Promise<CommandAnswer>;

/**
 * Runs a read-only tool without a shell and keeps the start of its output. At the deadline what came so far is returned with `cut`;
 * without any output it is a timeout. A missing tool is file-missing; an exit code other than 0 without output is `failed`.
 */
export const runCommand: RunCommand = (file, args, { signal, timeoutMs, maxBytes }) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ProbeError('timeout', 'item-timeout', `${file} was not started: no time left`));
      return;
    }
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', SYSTEMD_COLORS: '0' },
    });
    const chunks: Buffer[] = [];
    let total = 0;
    let complaint = '';
    let ended: 'cap' | 'deadline' | undefined;
    const stop = (why: 'cap' | 'deadline'): void => {
      ended ??= why;
      child.kill('SIGKILL');
      settle(null);
    };
    const onAbort = (): void => stop('deadline');
    const timer = setTimeout(onAbort, timeoutMs);
    let settled = false;
    const settle = (code: number | null): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.stdout.destroy();
      child.stderr.destroy();
      const stdout = Buffer.concat(chunks).subarray(0, maxBytes);
      if (ended === 'deadline' && total === 0) {
        reject(new ProbeError('timeout', 'item-timeout', `${file} gave no output within ${timeoutMs} ms`));
      } else if (ended === undefined && code !== 0 && total === 0) {
        reject(new ProbeError('failed', 'unexpected', `${file} ended with ${code}: ${complaint.trim().slice(0, 300)}`));
      } else {
        resolve({ stdout, cut: ended !== undefined });
      }
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      total += chunk.length;
      if (total >= maxBytes) stop('cap');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 1000) complaint += chunk.toString('utf8');
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      reject(
        error.code === 'ENOENT'
          ? new ProbeError('failed', 'file-missing', `${file} is not installed here`)
          : new ProbeError('failed', 'unexpected', `${file}: ${error.code ?? 'could not be started'}`),
      );
    });
    child.once('close', settle);
  });
