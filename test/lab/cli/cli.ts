import { clear, collect, down, exec, fault, list, load, type Output, up } from './commands.js';
import { exitCodes, labErrorOf } from './errors.js';
import { paintFor } from './paint.js';
import { type Command, parseArguments } from './parse.js';
import { Interrupted } from './start.js';
import { createSteps } from './steps.js';

type Env = Readonly<Record<string, string | undefined>>;

const run = (command: Exclude<Command, { command: 'text' }>, output: Output): Promise<number> | number => {
  switch (command.command) {
    case 'up':
      return up(command, output);
    case 'fault':
      return fault(command, output);
    case 'load':
      return load(command, output);
    case 'clear':
      return clear(command, output);
    case 'down':
      return down(command, output);
    case 'list':
      return list(command, output);
    case 'collect':
      return collect(command, output);
    case 'exec':
      return exec(command);
  }
};

const report = (error: unknown): number => {
  if (error instanceof Interrupted) {
    const rest = error.killed ? 'what is left of it is being removed' : 'nothing of it is left';
    process.stderr.write(`Interrupted; ${rest}.\n`);
    return error.signal === 'SIGINT' ? 130 : 143;
  }
  if (error instanceof TypeError || error instanceof ReferenceError) {
    process.stderr.write(`lab: internal error: ${error.stack ?? error.message}\n`);
    return 1;
  }
  const { failure, message, advice } = labErrorOf(error);
  process.stderr.write(`lab: ${message}${/[.:]$/.test(message) ? '' : '.'}\n`);
  if (advice !== undefined) process.stderr.write(`To go on: ${advice}.\n`);
  return exitCodes[failure];
};

/** Flags to exit code; results on stdout, everything else on stderr. Never rejects. */
export const main = async (args: readonly string[], env: Env): Promise<number> => {
  const steps = createSteps(process.stderr);
  try {
    const command = await parseArguments(args);
    if (command.command === 'text') {
      process.stdout.write(`${command.text}\n`);
      return 0;
    }
    const asJson = 'json' in command && command.json;
    const output: Output = {
      say: steps.step,
      print: (text, value) => {
        steps.close();
        process.stdout.write(`${asJson ? JSON.stringify(value, null, 2) : text}\n`);
      },
      paint: paintFor(process.stdout, env),
    };
    return await run(command, output);
  } catch (error) {
    steps.close();
    return report(error);
  } finally {
    steps.close();
  }
};
