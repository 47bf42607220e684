import { spawn } from 'node:child_process';

/** What a finished command left behind. `code` is null when a signal ended it. */
export type RunResult = { code: number | null; signal: string | null; stdout: string; stderr: string };

export type RunOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** Deadline in milliseconds; the command is killed when it passes. */
  timeoutMs?: number;
  signal?: AbortSignal;
};

/** A command that could not be started, ran past its deadline, or (from `runOk`) ended with a code other than 0. */
export class RunError extends Error {
  readonly result: RunResult | undefined;
  constructor(message: string, result?: RunResult) {
    super(message);
    this.name = 'RunError';
    this.result = result;
  }
}

/**
 * Run a command without a shell and wait for its end.
 * Resolves whatever the exit code; throws `RunError` if it cannot be started or the deadline (default 30 s) passes.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new RunError(`${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result = { code, signal, stdout, stderr };
      if (timedOut) reject(new RunError(`${command} did not end within ${timeoutMs} ms`, result));
      else resolve(result);
    });
  });
}

/** Like `run`, but an exit code other than 0 throws `RunError` with the last lines of stderr. */
export async function runOk(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code === 0) return result;
  const tail = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n');
  throw new RunError(`${command} ${args.slice(0, 3).join(' ')}: exit ${result.code ?? result.signal}: ${tail}`, result);
}
