import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { headOf, newestSegment } from './wal-file.js';

/** A data dir with segments of these contents. */
const dataDir = (t: TestContext, segments: Readonly<Record<string, Buffer>>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'wal-file-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'member', 'wal'), { recursive: true });
  for (const [name, bytes] of Object.entries(segments)) writeFileSync(join(dir, 'member', 'wal', name), bytes);
  return dir;
};

test('the head of a record says how long it is, and how many bytes of padding follow', () => {
  assert.equal(headOf(16).toString('hex'), '1000000000000000');
  assert.equal(headOf(13).toString('hex'), '0d00000000000083');
});

test('records are found up to the reserve of zeros, in the newest segment', (t) => {
  const bytes = Buffer.concat([headOf(16), Buffer.alloc(16, 1), headOf(13), Buffer.alloc(16, 2), Buffer.alloc(64)]);
  const dir = dataDir(t, { '1-1.wal': bytes, '0-0.wal': Buffer.alloc(64), '2-2.tmp': Buffer.alloc(64) });
  const segment = newestSegment({ name: 'm1', dataDir: dir });
  assert.equal(segment.path, join(dir, 'member', 'wal', '1-1.wal'));
  assert.deepEqual(segment.records, [
    { offset: 0, dataBytes: 16, end: 24 },
    { offset: 24, dataBytes: 13, end: 48 },
  ]);
  assert.equal(segment.end, 48);
});

test('a record that reaches beyond the file is no record', (t) => {
  const dir = dataDir(t, { '0-0.wal': Buffer.concat([headOf(8), Buffer.alloc(8, 1), headOf(400), Buffer.alloc(40)]) });
  assert.equal(newestSegment({ name: 'm1', dataDir: dir }).records.length, 1);
});

test('a log without records is refused', (t) => {
  const dir = dataDir(t, { '0-0.wal': Buffer.alloc(64) });
  assert.throws(() => newestSegment({ name: 'm1', dataDir: dir }), /no records/);
});
