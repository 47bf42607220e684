import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createStore, plainFile } from '../../../collector/bundle/store.js';
import { verifyArchive } from '../../../collector/bundle/verify.js';
import { writeBundle } from '../../../collector/bundle/write.js';
import { OutputError } from '../../../collector/errors.js';
import { sink, withDirectory } from '../fake-wiring.js';
import { readArchive } from '../read-archive.js';

const files = [
  plainFile('bundle.json', '{}'),
  plainFile('members/a/metrics-0.prom', Buffer.alloc(3_000_000, 'etcd 1\n')),
  plainFile('SHA256SUMS', ''),
];
const input = { root: 'root', files, createdAt: new Date(0) };

test('the same content gives the same bytes, and reads back', () =>
  withDirectory(async (directory) => {
    const one = await writeBundle(
      input,
      { kind: 'file', directory, file: join(directory, 'one.tar.gz') },
      sink().stream,
    );
    const two = await writeBundle(
      input,
      { kind: 'file', directory, file: join(directory, 'two.tar.gz') },
      sink().stream,
    );
    assert.deepEqual(await readFile(one ?? ''), await readFile(two ?? ''));
    const read = await readArchive(one ?? '');
    assert.deepEqual(
      read.map(({ path, content }) => [path, content.length]),
      files.map(({ path, bytes }) => [path, bytes]),
    );
  }));

test('a failing sink ends the write with its error instead of waiting', async () => {
  const full = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, next) => next(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  });
  await assert.rejects(
    writeBundle(input, { kind: 'stream' }, full),
    (error) => error instanceof OutputError && error.code === 'ENOSPC' && /full/.test(error.message),
  );
});

test('a device that takes nothing is given up, and nothing is left of the bundle', () =>
  withDirectory(async (directory) => {
    const held = { ...plainFile('members/a/metrics-0.prom', 'x'), read: () => new Promise<Buffer>(() => undefined) };
    const [first, , last] = files;
    assert.ok(first !== undefined && last !== undefined);
    const file = join(directory, 'x.tar.gz');
    await assert.rejects(
      writeBundle(
        { ...input, files: [first, held, last], stallMs: 100 },
        { kind: 'file', directory, file },
        sink().stream,
      ),
      (error) => error instanceof OutputError && error.path === file && error.code === 'ETIMEDOUT',
    );
    assert.deepEqual(await readdir(directory), []);
  }));

test('a write that cannot begin leaves nothing behind and names the path', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'missing', 'x.tar.gz');
    await assert.rejects(
      writeBundle(input, { kind: 'file', directory: join(directory, 'missing'), file }, sink().stream),
      (error) => error instanceof OutputError && error.path === file && error.code === 'ENOENT',
    );
    assert.deepEqual(await readdir(directory), []);
  }));

test('an existing bundle is not overwritten', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'x.tar.gz');
    await writeFile(file, 'older evidence');
    await assert.rejects(writeBundle(input, { kind: 'file', directory, file }, sink().stream), { code: 'EEXIST' });
    assert.equal(await readFile(file, 'utf8'), 'older evidence');
    assert.deepEqual(await readdir(directory), ['x.tar.gz']);
  }));

test('verification sees a changed, a missing and an additional entry, and a cut archive', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'x.tar.gz');
    await writeBundle(input, { kind: 'file', directory, file }, sink().stream);
    await verifyArchive(file, 'root', files);
    const changed = files.map((each, index) => (index === 1 ? plainFile(each.path, 'other') : each));
    await assert.rejects(verifyArchive(file, 'root', changed), {
      code: 'EVERIFY',
      message: /metrics-0.prom has changed/,
    });
    await assert.rejects(verifyArchive(file, 'root', [...files, plainFile('more', '')]), {
      message: /1 entries are missing/,
    });
    await assert.rejects(verifyArchive(file, 'root', files.slice(0, 2)), { message: /more entries/ });
    await assert.rejects(verifyArchive(file, 'other', files), { message: /unexpected entry/ });
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 20));
    await assert.rejects(verifyArchive(file, 'root', files));
  }));

test('the store keeps bytes exactly, refuses a taken path, and counts what it holds', async () => {
  const store = createStore();
  const long = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256));
  const kept = await store.add('b', long);
  await store.add('a', Buffer.from('short'));
  assert.deepEqual(await kept.read(), long);
  assert.deepEqual(
    store.files().map(({ path }) => path),
    ['a', 'b'],
  );
  assert.equal(store.bytes(), 5005);
  await assert.rejects(store.add('a', long), /two items/);
  store.remove('b');
  assert.equal(store.bytes(), 5);
});
