import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createStore } from '../../../collector/bundle/store.js';
import { diskIo, openRing, prepareDirectory, type RingLimits } from '../../../collector/record/ring.js';
import type { ManifestItem } from '../../../collector/store-item.js';
import { pathOf } from '../../../schemas/index.js';
import { memberIds, withDirectory } from '../fake-wiring.js';

const target = { kind: 'member', id: memberIds[0] } as const;
const path = pathOf('metrics', target, { round: 0 });
const wide: RingLimits = { bytes: 1 << 30, keepMs: 1e12, rawBytes: 1 << 30, files: 1e6 };

const metricsItem = (sha256: Readonly<Record<string, string>>): ManifestItem => ({
  id: `metrics@${target.id}#0`,
  probe: 'metrics',
  kind: 'metrics',
  target,
  round: 0,
  state: Object.keys(sha256).length === 0 ? 'unreachable' : 'ok',
  paths: Object.keys(sha256),
  sha256: { ...sha256 },
  sensitivity: 'internal',
  cost: 'cheap',
});

/** A round with one scrape of this content, or with a gap. */
const round = async (at: number, content?: Buffer) => {
  const store = createStore();
  const file = content === undefined ? undefined : await store.add(path, content);
  return {
    at,
    items: [metricsItem(file === undefined ? {} : { [path]: file.sha256 })],
    synchronisation: [{ round: 0, barrierAt: new Date(at).toISOString(), skewMs: { [target.id]: 1 } }],
    files: store.files(),
  };
};

const notes = () => {
  const texts: string[] = [];
  return { texts, note: (text: string) => void texts.push(text) };
};

const contents = async (ring: Awaited<ReturnType<typeof openRing>>): Promise<string[]> => {
  const { files } = await ring.rounds();
  return Promise.all(files.map(async ({ read }) => String(await read())));
};

test('rounds come back renumbered, with their gaps, hashes and barriers', () =>
  withDirectory(async (directory) => {
    const ring = await openRing(directory, wide, () => undefined);
    const long = randomBytes(5000);
    assert.ok(await ring.append(await round(1000, Buffer.from('small'))));
    assert.ok(await ring.append(await round(6000)));
    assert.ok(await ring.append(await round(11_000, long)));
    const { items, files, synchronisation, at, flaws } = await ring.rounds();
    assert.deepEqual(
      items.map(({ id, round: number, paths }) => [id, number, paths]),
      [0, 1, 2].map((k) => [`metrics@${target.id}#${k}`, k, k === 1 ? [] : [pathOf('metrics', target, { round: k })]]),
    );
    assert.deepEqual(at, [1000, 6000, 11_000]);
    assert.deepEqual(
      synchronisation.map((each) => each.round),
      [0, 1, 2],
    );
    assert.deepEqual(flaws, []);
    assert.deepEqual(await files.at(-1)?.read(), long);
    for (const { path: name, sha256 } of files)
      assert.equal(items.find(({ paths }) => paths.includes(name))?.sha256?.[name], sha256);
    for (const name of await readdir(directory)) assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600);
  }));

test('the oldest rounds go: for age until held, for bytes, for what a bundle may hold', () =>
  withDirectory(async (directory) => {
    const body = () => randomBytes(1000);
    const sub = async (name: string, limits: Partial<RingLimits>) => {
      const dir = join(directory, name);
      await prepareDirectory(dir);
      return openRing(dir, { ...wide, ...limits }, () => undefined);
    };
    const aged = await sub('age', { keepMs: 10_000 });
    for (const at of [0, 5000, 10_000, 15_000]) await aged.append(await round(at, body()));
    assert.deepEqual((await aged.rounds()).at, [5000, 10_000, 15_000]);
    aged.hold();
    await aged.append(await round(90_000, body()));
    assert.equal(aged.count(), 4);
    assert.equal(aged.givenUp(), 0);

    const small = await sub('bytes', { bytes: 6000 });
    for (let at = 0; at < 20; at += 1) await small.append(await round(at, body()));
    assert.ok(small.bytes() <= 6000 && small.count() >= 2);
    assert.equal((await small.rounds()).at.at(-1), 19);
    assert.equal(small.givenUp(), 20 - small.count());
    assert.equal((await readdir(join(directory, 'bytes'))).length, small.count());

    // 3000 bytes of the same compress to nearly nothing, but not in the reader's memory.
    const raw = await sub('raw', { rawBytes: 10_000 });
    for (let at = 0; at < 20; at += 1) await raw.append(await round(at, Buffer.alloc(3000, 'a')));
    assert.equal(raw.count(), 3);
  }));

test('a full disk: the ring shrinks, says so, goes on with the newest rounds, and stays small', () =>
  withDirectory(async (directory) => {
    const { texts, note } = notes();
    let full = false;
    const io = {
      ...diskIo,
      write: async (file: string, parts: readonly Uint8Array[]) => {
        if (full) {
          full = false;
          // What a full disk leaves: a torn file.
          await writeFile(file, 'torn');
          throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        }
        await diskIo.write(file, parts);
      },
    };
    const ring = await openRing(directory, wide, note, io);
    for (let at = 0; at < 10; at += 1) await ring.append(await round(at, randomBytes(1000)));
    const before = ring.bytes();
    full = true;
    assert.ok(await ring.append(await round(10, randomBytes(1000))));
    assert.ok(ring.bytes() <= before / 2);
    assert.equal((await ring.rounds()).at.at(-1), 10);
    assert.match(texts.join('\n'), /the ring keeps \d+ KiB from now on/);
    assert.ok(ring.givenUp() > 0);
    for (let at = 11; at < 20; at += 1) await ring.append(await round(at, randomBytes(1000)));
    assert.ok(ring.bytes() <= before / 2);
    assert.ok((await readdir(directory)).every((name) => name.endsWith('.ring')));
  }));

test('space is left free for others: nothing is written that would fill the file system', () =>
  withDirectory(async (directory) => {
    const { texts, note } = notes();
    let free = 1 << 30;
    const ring = await openRing(directory, wide, note, { ...diskIo, free: async () => free });
    for (let at = 0; at < 5; at += 1) assert.ok(await ring.append(await round(at, randomBytes(1000))));
    free = 1 << 20;
    assert.equal(await ring.append(await round(5, randomBytes(1000))), false);
    assert.match(texts.join('\n'), /little space/);
    // Another error of the disk is not taken for a full one.
    const broken = await openRing(directory, wide, note, {
      ...diskIo,
      write: () => Promise.reject(Object.assign(new Error('I/O'), { code: 'EIO' })),
    });
    await assert.rejects(broken.append(await round(6, randomBytes(10))), { code: 'EIO' });
  }));

test('after a crash: whole rounds are taken in, torn and changed ones named, foreign files left alone', () =>
  withDirectory(async (directory) => {
    const first = await openRing(directory, wide, () => undefined);
    for (let at = 0; at < 6; at += 1) await first.append(await round(at, Buffer.alloc(4000, `round ${at} `)));
    const file = (seq: number): string => join(directory, `round-000000000${seq}.ring`);
    await truncate(file(0), 10);
    await truncate(file(1), (await stat(file(1))).size - 1);
    const changed = await readFile(file(2));
    changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1;
    await writeFile(file(2), changed);
    await writeFile(file(3), Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff]), randomBytes(100)]));
    await writeFile(`${file(9)}.partial`, 'torn');
    await writeFile(join(directory, 'notes.txt'), 'mine');
    const { texts, note } = notes();
    const again = await openRing(directory, wide, note);
    assert.deepEqual((await again.rounds()).at, [4, 5]);
    assert.equal(texts.length, 4);
    assert.ok(await again.append(await round(6, Buffer.from('six'))));
    const all = await contents(again);
    assert.deepEqual(
      all.map((text) => text.slice(0, 7)),
      ['round 4', 'round 5', 'six'],
    );
    await again.remove();
    assert.deepEqual(await readdir(directory), ['notes.txt']);
  }));

test('a hostile round file costs nothing and is left out', () =>
  withDirectory(async (directory) => {
    const head = (value: unknown): Buffer => {
      const text = Buffer.from(JSON.stringify(value));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      return Buffer.concat([length, text]);
    };
    const good = { format: 'etcd-evidence/ring-round/v1', seq: 0, at: 0, items: [], synchronisation: [], pieces: [] };
    const wrong: unknown[] = [
      null,
      [],
      { ...good, items: [{}] },
      { ...good, items: [{ ...metricsItem({}), kind: '../../x' }] },
      { ...good, pieces: [{ path: 'x', bytes: 2 ** 40, stored: 0, deflated: true, sha256: '' }] },
      { ...good, pieces: [{ path: 'x', bytes: 1, stored: 2 ** 40, deflated: true, sha256: '' }] },
      { ...good, pieces: [null] },
      { ...good, seq: 77 },
    ];
    for (const [index, value] of wrong.entries())
      await writeFile(join(directory, `round-000000000${index}.ring`), head(value));
    const { texts, note } = notes();
    const ring = await openRing(directory, wide, note);
    assert.equal(ring.count(), 0);
    assert.equal(texts.length, wrong.length);
  }));

test('a directory that others may read is refused', { skip: process.getuid === undefined }, () =>
  withDirectory(async (directory) => {
    const open = join(directory, 'open');
    await mkdir(open);
    await chmod(open, 0o755);
    await assert.rejects(prepareDirectory(open), /nobody else/);
    await prepareDirectory(join(directory, 'new'));
    assert.equal((await stat(join(directory, 'new'))).mode & 0o777, 0o700);
  }),
);
