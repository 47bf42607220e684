import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PipeOptions, runPipe } from '../../../collector/ports/pipe.js';

const never = new AbortController().signal;

const run = (script: string, over: Partial<PipeOptions> = {}, file = '/bin/sh') =>
  runPipe(file, ['-c', script], { input: Buffer.alloc(0), hangUp: never, kill: never, maxBytes: 1000, ...over });

test('what is written, said and returned', async () => {
  const lines: string[] = [];
  const end = await run('head -c 3; echo one >&2; printf two >&2; exit 7', {
    input: Buffer.from('abcdef'),
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(
    { ...end, stdout: end.stdout.toString() },
    { started: 'yes', code: 7, stdout: 'abc', tooLarge: false },
  );
  assert.deepEqual(
    lines.filter((line) => line !== ''),
    ['one', 'two'],
  );
});

test('standard input stays open until it is hung up', async () => {
  const hangUp = new AbortController();
  const { stdout } = await run('echo begun; cat; echo ended', {
    hangUp: hangUp.signal,
    onOutput: () => hangUp.abort(),
  });
  assert.equal(stdout.toString(), 'begun\nended\n');
});

test('ended with everything it started; output so far is kept', async () => {
  const kill = new AbortController();
  const { code, stdout } = await run('sleep 60 & echo begun; wait', {
    kill: kill.signal,
    onOutput: () => kill.abort(),
  });
  assert.deepEqual([code, stdout.toString()], [undefined, 'begun\n']);
});

test('more output than allowed, a missing program', async () => {
  const large = await run('yes');
  assert.deepEqual([large.tooLarge, large.stdout.length], [true, 0]);
  assert.equal((await run('', {}, '/no/such/program')).started, 'missing');
});

test('a child that keeps the pipes is neither waited for nor left behind', { timeout: 30_000 }, async () => {
  const { code, stdout } = await run('sleep 1000 & echo $!; exit 3');
  assert.equal(code, 3);
  const child = Number(stdout.toString());
  while (existsSync(`/proc/${child}/fd/0`)) await sleep(20);
});
