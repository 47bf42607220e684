import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LabError } from './errors.js';
import { claim, filesOf, forget, keep, keeperOf, liveNames, runtimeDir } from './runtime.js';

const before = process.env.TMPDIR;
let tmp = '';

beforeEach(() => {
  tmp = mkdtempSync(join(tmpdir(), 'lab-runtime-'));
  process.env.TMPDIR = tmp;
});

afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(tmp, { recursive: true, force: true });
});

test('only its user can enter the directories', () => {
  const files = claim('a');
  assert.equal(statSync(runtimeDir()).mode & 0o777, 0o700);
  assert.equal(statSync(files.dir).mode & 0o777, 0o700);
});

test('a name is held by a living process, and free after its end', () => {
  const files = claim('a');
  keep(files);
  assert.equal(keeperOf(files), process.pid);
  assert.throws(() => claim('a'), /runs already/);
  claim('b');
  // No process has a number this large.
  writeFileSync(files.pid, '99999999');
  assert.deepEqual(liveNames(), ['b']);
  assert.equal(existsSync(files.dir), false);
  claim('a');
});

test('a claim is held until its daemon has written its number', () => {
  claim('a');
  assert.deepEqual(liveNames(), ['a']);
  assert.throws(() => claim('a'), /runs already/);
});

test('the runtime directory goes with the last lab', () => {
  const [a, b] = [claim('a'), claim('b')];
  forget(a);
  assert.equal(existsSync(runtimeDir()), true);
  forget(b);
  assert.equal(existsSync(runtimeDir()), false);
  forget(b);
});

test('a directory that others can enter is not used', () => {
  mkdirSync(runtimeDir());
  chmodSync(runtimeDir(), 0o755);
  assert.throws(() => claim('a'), LabError);
});

test('a path that no socket can have is refused', () => {
  process.env.TMPDIR = join(tmp, 'x'.repeat(100));
  assert.throws(() => claim('a'), /too long for a socket/);
  assert.ok(filesOf('a').socket.length > 107);
});
