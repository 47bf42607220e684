import { spawnSync } from 'node:child_process';

/** Whether the reference implementation is on this machine. */
export const haveAge = (): boolean => spawnSync('age', ['--version']).status === 0;

/** Runs `age`; throws with its words when it fails. */
export const age = (args: readonly string[], input?: Uint8Array): Buffer => {
  const { status, stdout, stderr } = spawnSync('age', args, {
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`age ${args.join(' ')}: ${String(stderr)}`);
  return stdout;
};
