import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { expandDirectories } from '../../../analyzer/bundle/expand.js';
import { bundleFiles, unpackBundle } from '../../support/bundle-archive.js';

test('a directory of bundles is the bundles in it, and nothing else that is there', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'expand-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const several = join(directory, 'several');
  await mkdir(join(several, 'private'), { recursive: true });
  await mkdir(join(several, 'directory.tar'));
  for (const name of [
    'b.tar.gz',
    'a.tar.gz.age',
    'c.tar',
    '.d.tar.gz.1234.partial',
    'a.map.json',
    'e.tar.gz.quarantine',
    'e.tar.gz.sig',
  ])
    await writeFile(join(several, name), '');
  await writeFile(join(several, 'private', 'fan-out.json'), '{}');
  const named = join(directory, 'named');
  await mkdir(named);
  await writeFile(join(named, 'etcd-evidence_x_20260101T000000Z_0.tar.gz'), '');
  const foreign = join(directory, 'foreign');
  await mkdir(foreign);
  await writeFile(join(foreign, 'previous-logs.tar.gz'), gzipSync('2026-01-01 a line of a log\n'));
  await symlink('b.tar.gz', join(several, 'link.tar.gz'));
  const unpacked = join(directory, 'unpacked');
  await unpackBundle(bundleFiles(), unpacked);
  await writeFile(join(unpacked, 'inside.tar.gz'), '');
  const empty = join(directory, 'empty');
  await mkdir(empty);
  const none = join(directory, 'none');
  const file = join(several, 'b.tar.gz');
  assert.deepEqual(await expandDirectories([several, named, '-', unpacked, empty, none, foreign, file]), [
    ...['a.tar.gz.age', 'b.tar.gz', 'c.tar'].map((name) => join(several, name)),
    join(named, 'etcd-evidence_x_20260101T000000Z_0.tar.gz'),
    ...['-', unpacked, empty, none, foreign, file],
  ]);
});
