import type { PipeEnd } from '../ports/pipe.js';
import { NO_PLACE, NOT_ARRIVED, type Program } from './remote-command.js';
import type { Verdict } from './states.js';

/** One host of a fan-out, and the way to run a command on it: a system program is the door. */
export interface Target {
  /** What people call it; unique within the fan-out. */
  readonly label: string;
  /** Values of the placeholders in arguments, such as `{host}`. */
  readonly values: Readonly<Record<string, string>>;
  /** Names and addresses of it that are known on this side: they are masked too. */
  readonly identities: readonly string[];
  /** The system program and its arguments that run a command there. */
  readonly reach: (remote: readonly string[]) => { readonly file: string; readonly args: readonly string[] };
}

/** What the end of the system program means when it is about the way there; `undefined` when the command itself ended so. */
export type WayFailure = (end: PipeEnd, lines: readonly string[]) => Verdict | undefined;

const last = (lines: readonly string[]): Pick<Verdict, 'detail'> => {
  const line = lines.at(-1);
  return line === undefined ? {} : { detail: line };
};

/** Exit codes with which the collector hands over a bundle. */
const withBundle: ReadonlySet<number> = new Set([0, 3, 4, 130, 143]);

/** What the single file says of an old Node, and what a still older one says of its start. */
const oldNode = /\bNode \S+ is too old\b|Cannot find module 'node:fs'/;
const noCommand = /(?:command not found|not found|No such file or directory|executable file not found)/i;

/** What the end of the command on the other side means, before its output is looked at. `undefined`: there should be a bundle. */
export const commandFailure = (
  { code }: PipeEnd,
  lines: readonly string[],
  program: Program['kind'],
): Verdict | undefined => {
  if (code !== undefined && withBundle.has(code)) return undefined;
  const refused = lines.find((line) => /^sudo: /.test(line));
  if (refused !== undefined) {
    if (noCommand.test(refused)) return { state: program === 'node' ? 'no-node' : 'no-program', detail: refused };
    return { state: 'sudo-refused', detail: refused };
  }
  const old = lines.find((line) => oldNode.test(line));
  if (old !== undefined) return { state: 'no-node', detail: old };
  if (code === 127 || code === 126) return { state: program === 'node' ? 'no-node' : 'no-program', ...last(lines) };
  if (program === 'executable' && code === NO_PLACE) return { state: 'no-program', ...last(lines) };
  if (program !== 'installed' && code === NOT_ARRIVED)
    return { state: 'remote-exit', detail: 'the program did not arrive whole' };
  return { state: 'remote-exit', ...last(lines) };
};
