import { fileQueue } from './ports/file-queue.js';

/** From Node 22.15 and 23.11 on. */
type WithExecve = { readonly execve?: (file: string, args: readonly string[], env: Record<string, string>) => void };

/**
 * Ends the process with this code. The usual way waits for libuv's threads, and one that is inside a dead file system never comes back:
 * then another program takes the place of this one, or where Node has no such call, the process kills itself (137 for a shell).
 */
export const leave = (code: number): never => {
  if (fileQueue.lost() === 0) process.exit(code);
  const { execve } = process as WithExecve;
  try {
    execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {});
  } catch {
    // No shell here.
  }
  process.stderr.write(
    `note: a file system hangs and holds this process, which ends itself instead of with exit code ${code}.\n`,
  );
  process.kill(process.pid, 'SIGKILL');
  // Never reached: the signal is not put off.
  return process.exit(code);
};
