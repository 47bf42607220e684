import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packageRoot } from '../../../schemas/index.js';
import { type RunResult, run } from '../../support/run.js';

const tmp = mkdtempSync(join(tmpdir(), 'lab-main-'));
after(() => rmSync(tmp, { recursive: true, force: true }));

const lab = (...args: string[]): Promise<RunResult> =>
  run(process.execPath, [join(packageRoot, 'dist', 'test', 'lab', 'cli', 'main.js'), ...args], {
    env: { ...process.env, TMPDIR: tmp },
  });

test('without a lab: commands say so and leaves nothing', async () => {
  const listed = await lab('list');
  assert.deepEqual([listed.code, listed.stderr], [0, '']);
  assert.match(listed.stdout, /No lab runs. Start one/);
  for (const args of [['fault', 'pause'], ['down'], ['exec', 'm1', '--', 'true']]) {
    const ran = await lab(...args);
    assert.equal(ran.code, 2, args.join(' '));
    assert.match(ran.stderr, /no lab runs\.\nTo go on: start one/);
    assert.equal(ran.stdout, '');
  }
  assert.equal((await lab('down', '--all')).code, 0);
  assert.deepEqual(readdirSync(tmp), []);
});

test('usage errors end with 2 on stderr, help with 0 on stdout', async () => {
  const wrong = await lab('up', '--size', 'many');
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^lab: --size many.*\nTo go on: /);
  const help = await lab('fault', '--help');
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.match(help.stdout, /fault pause --on leader/);
});

test('the catalogues, as text and as JSON', async () => {
  assert.match((await lab('list', 'loads')).stdout, /^puts {2}.*\n {4}--set rate=/m);
  assert.match((await lab('list', 'scenarios')).stdout, /^ {2}paused-follower {2}/m);
  assert.match((await lab('list', 'faults', 'pause')).stdout, /verdict {3}intervene-now/);
  const all = JSON.parse((await lab('list', 'faults', '--json')).stdout) as { name: string }[];
  assert.ok(all.some(({ name }) => name === 'pause'));
  const unknown = await lab('list', 'faults', 'nothing-like-it');
  assert.equal(unknown.code, 2);
});
