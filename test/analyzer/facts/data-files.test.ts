import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import { FAKE_START, fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, valueIn } from './helpers.js';

const mtime = new Date(FAKE_START).toISOString();
const file = (path: string, size: string) => ({ path, type: 'file' as const, size, mtime, mode: '600' });

test('files of the data dir and of a WAL dir of its own are counted by kind, sizes exactly', () => {
  const facts = createFacts(
    fakeCase({
      artifacts: [
        {
          kind: 'datadir-listing',
          of: 'm1',
          value: {
            dataDir: '/var/lib/etcd',
            walDir: '/wal',
            entries: [
              { ...file('member/snap', '4096'), type: 'directory' },
              file('member/snap/db', '9007199254740993'),
              file('member/snap/00000000000000aa.snap.db', '500'),
              file('member/snap/0000000000000002-0000000000000064.snap', '10'),
              file('member/snap/0000000000000002-0000000000000063.snap.broken', '7'),
              file('member/snap/db.tmp.123', '9007199254740993'),
              file('wal:0000000000000000-0000000000000000.wal', '64000000'),
              file('wal:0000000000000001-0000000000000064.wal', '64000000'),
              file('wal:0.tmp', '64000000'),
            ],
            truncated: false,
          },
        },
      ],
    }),
  );
  const files = valueIn(facts.member(fakeId(0), 'dataFiles'));
  assert.equal(files.walFiles, 2);
  assert.equal(files.walBytes, '128000000');
  assert.equal(files.snapDbFiles, 1);
  assert.equal(files.snapDbBytes, '500');
  assert.equal(files.leftoverFiles, 2);
  assert.equal(files.leftoverBytes, '9007199254741000');
  assert.equal(files.defragTmpAt, FAKE_START);
  assert.equal(files.dbBytes, '9007199254740993');
  assert.match(reasonOf(facts.member(fakeId(1), 'dataFiles')), /datadir-listing/);
});
