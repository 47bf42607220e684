import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { test } from 'node:test';
import {
  NO_PLACE,
  NOT_ARRIVED,
  type Program,
  remoteCommand,
  shellLine,
} from '../../../collector/fan-out/remote-command.js';
import { runPipe } from '../../../collector/ports/pipe.js';
import { onPath } from '../../support/tools.js';
import { withDirectory } from '../fake-wiring.js';

/** Runs a command as a login shell does, with standard input that ends at once after the program. */
const runThere = async (program: Program, args: readonly string[], cut = 0) => {
  const { command, input } = remoteCommand(program, args);
  const lines: string[] = [];
  const end = await runPipe('/bin/sh', ['-c', shellLine(command)], {
    input: input.subarray(0, input.length - cut),
    hangUp: AbortSignal.abort(),
    kill: new AbortController().signal,
    maxBytes: 1 << 20,
    onLine: (line) => lines.push(line),
  });
  return { ...end, text: end.stdout.toString(), lines };
};

const script =
  `process.stdin.once('end', () => console.log(JSON.stringify([process.argv.slice(1), typeof __filename, 'left it'])));
process.stdin.resume(); /* ' " \\ $HOME ! ` + '\u00e9 */';
const node = (code: string): Program => ({ kind: 'node', node: process.execPath, code: Buffer.from(code) });

test('a script runs from standard input with its arguments, and has the rest of it', async () => {
  const args = ['--a', "it's", '$HOME', 'a b', '"', '*', ';', '-'];
  const { code, text, lines } = await runThere(node(script), args);
  assert.equal(code, 0, lines.join('\n'));
  assert.deepEqual(JSON.parse(text), [['etcd-collect.cjs', ...args], 'string', 'left it']);
});

test('a script that did not arrive whole is not run', async () => {
  const { code, text } = await runThere(node(script), [], 5);
  assert.deepEqual([code, text], [NOT_ARRIVED, '']);
});

const cat = realpathSync(onPath('cat') ?? '/bin/cat');
const executable = (directory: string): Program => ({ kind: 'executable', code: readFileSync(cat), directory });

test('an executable runs without a name, and nothing of it remains', { skip: process.platform !== 'linux' }, () =>
  withDirectory(async (directory) => {
    const { code, text, lines } = await runThere(executable(directory), ['/proc/self/cmdline']);
    assert.equal(code, 0, lines.join('\n'));
    assert.match(text, /^\/proc\/self\/fd\/4\0\/proc\/self\/cmdline\0$/);
    assert.deepEqual(readdirSync(directory), []);
  }),
);

test(
  'an executable that did not arrive whole, or has no place: nothing remains',
  { skip: process.platform !== 'linux' },
  () =>
    withDirectory(async (directory) => {
      assert.equal((await runThere(executable(directory), [], 1)).code, NOT_ARRIVED);
      assert.deepEqual(readdirSync(directory), []);
      assert.equal((await runThere(executable(`${directory}/none`), [])).code, NO_PLACE);
      assert.equal(existsSync(`${directory}/none`), false);
    }),
);
