import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fnv1a64 } from '../../../collector/forensics/bbolt-file.js';
import { type ByteSource, bytesOf, createMeter } from '../../../collector/forensics/bytes.js';
import { type DbOptions, readDb } from '../../../collector/forensics/db.js';
import {
  branch,
  bucket,
  type Element,
  file,
  freelist,
  leaf,
  meta,
  PAGE_SIZE,
  revision,
  text,
  uint64,
} from './bbolt-bytes.js';
import { message } from './wal-bytes.js';

const options: DbOptions = { live: false, remainingBytes: () => 1e9, pause: async () => undefined };
const value = (length: number): Buffer =>
  Buffer.from('SECRET-VALUE '.repeat(Math.ceil(length / 13))).subarray(0, length);
const A = 'aaaaaaaaaaaaaaaa';

/** Pages: 2 root, 3 branch of `key`, 4 and 5 its leaves, 6 and 7 a leaf with one large value, 8 free list, 9 free. */
const build = (change: Partial<Record<number, Buffer>> = {}, highWater = 10, size = highWater): Buffer => {
  const small: Element[] = [
    bucket('alarm', [
      {
        key: message([
          [1, 0x1234n],
          [2, 1],
        ]),
        value: Buffer.alloc(0),
      },
    ]),
    bucket('auth', [text('authEnabled', Buffer.from([1])), text('authRevision', uint64(9))]),
    bucket('authUsers', [text('SECRET-USER', 'SECRET-HASH')]),
    bucket('cluster', [
      text('clusterVersion', '3.5.0'),
      text('downgrade', '{"target-version":"3.4.0","enabled":true}'),
    ]),
    bucket('key', 3),
    bucket('members', [
      text(
        A.slice(1),
        '{"id":18446744073709551615,"peerURLs":["https://10.0.0.1:2380"],"name":"m1","clientURLs":[],"isLearner":true}',
      ),
    ]),
    bucket('members_removed', [text('1f', 'removed')]),
    bucket('meta', [
      text('confState', '{"voters":[13803658152347727308,1],"learners":[2],"auto_leave":false}'),
      text('consistent_index', uint64(4711)),
      text('finishedCompactRev', revision(3)),
      text('scheduledCompactRev', revision(5)),
      text('storageVersion', '3.6.0'),
      text('term', uint64(7)),
    ]),
  ];
  const first = [revision(10), revision(11, 1), revision(12, 0, true)].map((key) => ({ key, value: value(100) }));
  const second = [revision(20), revision(21)].map((key) => ({ key, value: value(50) }));
  const pages: Record<number, Buffer> = {
    0: meta(0, { root: 2, highWater, txid: 100, freelist: 8 }),
    1: meta(1, { root: 2, highWater, txid: 99, freelist: 8 }),
    2: leaf(2, small),
    3: branch(3, [
      { key: revision(10), page: 4 },
      { key: revision(20), page: 5 },
      { key: revision(30), page: 6 },
    ]),
    4: leaf(4, first),
    5: leaf(5, second),
    6: leaf(6, [{ key: revision(30, 2), value: value(5000) }]),
    8: freelist(8, [9]),
  };
  return file({ ...pages, ...(change as Record<number, Buffer>) }, size);
};

const read = (bytes: Buffer, over: Partial<DbOptions> = {}) => readDb(bytesOf(bytes), { ...options, ...over });
const kinds = (found: Awaited<ReturnType<typeof read>>) => found.problems.list.map(({ kind, page }) => [kind, page]);

test('FNV-1a has the values of its authors', () => {
  assert.equal(fnv1a64(Buffer.from('')), 0xcbf29ce484222325n);
  assert.equal(fnv1a64(Buffer.from('foobar')), 0x85944171f73967e8n);
});

describe('a sound database', () => {
  test('gives what etcd keeps about itself, and figures of everything', async () => {
    const found = await read(build());
    assert.deepEqual(found.state, {
      members: [
        { id: `0${A.slice(1)}`, name: 'm1', peerUrls: ['https://10.0.0.1:2380'], clientUrls: [], isLearner: true },
      ],
      removedMembers: ['000000000000001f'],
      alarms: [{ memberId: '0000000000001234', alarm: 'NOSPACE' }],
      malformed: [],
      auth: { enabled: true, revision: '9' },
      clusterVersion: '3.5.0',
      downgrade: { enabled: true, targetVersion: '3.4.0' },
      confState: { voters: ['bf9071f4639c75cc', '0000000000000001'], learners: ['0000000000000002'] },
      consistentIndex: '4711',
      finishedCompactRevision: '3',
      scheduledCompactRevision: '5',
      storageVersion: '3.6.0',
      term: '7',
      lowestRevision: { main: '10', sub: '0', tombstone: false },
      highestRevision: { main: '30', sub: '2', tombstone: false },
    });
    assert.deepEqual(
      [found.metas.inForce?.page, found.complete, found.truncated, found.tombstones],
      [0, true, false, 1],
    );
    assert.deepEqual(found.problems, { list: [], count: 0 });
    assert.deepEqual(found.freelist, { state: 'read', pages: 1 });
    // Pages 2 to 8: root, branch, two leaves, a leaf of two pages, free list.
    assert.equal(found.reachedPages, 7);
    const key = found.buckets.find(({ name }) => name === 'key');
    assert.deepEqual(
      [
        key?.depth,
        key?.branchPages,
        key?.leafPages,
        key?.leafPagesRead,
        key?.overflowPages,
        key?.keys,
        key?.valueBytes,
      ],
      [2, 1, 3, 3, 1, 6, 300 + 100 + 5000],
    );
    assert.equal(found.buckets.find(({ name }) => name === 'authUsers')?.keys, 1);
  });

  test('gives no value, user or hash', async () => {
    const found = JSON.stringify(await read(build()), (_, each: unknown) =>
      typeof each === 'bigint' ? `${each}` : each,
    );
    assert.ok(!found.includes('SECRET'));
  });

  test('in the other byte order is told, not misread', async () => {
    const bytes = build();
    // Magic, version and page size of both meta pages the other way round, with a checksum that fits.
    for (const at of [16, PAGE_SIZE + 16]) {
      const body = bytes.subarray(at, at + 64);
      body.subarray(0, 16).swap32();
      body.subarray(16, 56).swap64();
      body.writeBigUInt64BE(fnv1a64(body.subarray(0, 56)), 56);
    }
    const { metas } = await read(bytes);
    assert.deepEqual([metas.littleEndian, metas.inForce?.txid, metas.inForce?.root], [false, 100, 2]);
  });
});

describe('meta pages', () => {
  test('without the first, the second counts; without both, none', async () => {
    const bytes = build();
    bytes.fill(0, 0, PAGE_SIZE);
    const found = await read(bytes);
    assert.deepEqual(
      [found.metas.metas[0].problem, found.metas.inForce?.page, found.state.consistentIndex],
      ['magic', 1, '4711'],
    );
    bytes.fill(0, PAGE_SIZE, 2 * PAGE_SIZE);
    const dead = await read(bytes);
    assert.deepEqual([dead.metas.inForce, dead.complete, dead.buckets], [undefined, false, []]);
  });

  test('a flipped bit is a wrong checksum', async () => {
    const bytes = build();
    bytes[16 + 48] = (bytes[16 + 48] as number) ^ 1;
    const found = await read(bytes);
    assert.deepEqual([found.metas.metas[0].problem, found.metas.inForce?.txid], ['checksum', 99]);
  });

  test('of a file with large pages and no first meta page are found', async () => {
    const bytes = file({ 1: meta(1, { root: 2, highWater: 3, txid: 5, pageSize: 16384 }), 2: leaf(2, []) }, 3, 16384);
    const { metas } = await read(bytes);
    assert.deepEqual([metas.pageSize, metas.inForce?.page], [16384, 1]);
  });

  test('an empty and a tiny file', async () => {
    for (const size of [0, 10, 80, 5000]) assert.equal((await read(Buffer.alloc(size))).metas.inForce, undefined);
  });
});

describe('pages', () => {
  test('a zeroed page is another page than the one that was wanted', async () => {
    const found = await read(build({ 5: Buffer.alloc(0) }));
    assert.deepEqual(kinds(found), [['wrong-id', 5]]);
    assert.deepEqual([found.complete, found.reachedPages], [false, undefined]);
    assert.equal(found.buckets.find(({ name }) => name === 'key')?.keys, 4, 'the others are read');
  });

  test('a leaf page with keys of another place: a lost write', async () => {
    const stale = leaf(
      5,
      [revision(14), revision(15)].map((key) => ({ key, value: value(10) })),
    );
    assert.deepEqual(kinds(await read(build({ 5: stale }))), [['key-outside-range', 5]]);
  });

  test('keys out of order', async () => {
    const wrong = leaf(
      5,
      [revision(22), revision(21)].map((key) => ({ key, value: value(10) })),
    );
    assert.deepEqual(kinds(await read(build({ 5: wrong }))), [['keys-out-of-order', 5]]);
  });

  test('an element that points outside its page', async () => {
    const wrong = leaf(5, [{ key: revision(20), value: value(10) }]);
    wrong.writeUInt32LE(90_000, 16 + 8);
    assert.deepEqual(kinds(await read(build({ 5: wrong }))), [['element-outside-page', 5]]);
  });

  test('a child behind the high-water mark, one named twice, a loop', async () => {
    const children = (pages: readonly number[]) =>
      branch(
        3,
        pages.map((page, n) => ({ key: revision(10 * (n + 1)), page })),
      );
    assert.deepEqual(kinds(await read(build({ 3: children([4, 5, 700]) }))), [['out-of-range', 700]]);
    assert.deepEqual(kinds(await read(build({ 3: children([4, 5, 5]) }))).slice(0, 1), [['referenced-twice', 5]]);
    assert.equal((await read(build({ 3: children([3]) }))).problems.list[0]?.kind, 'referenced-twice');
  });

  test('a file cut short', async () => {
    const found = await read(build().subarray(0, 6 * PAGE_SIZE));
    assert.equal(found.truncated, true);
    assert.deepEqual(kinds(found), [['beyond-file', 6]]);
    assert.deepEqual(found.freelist, { state: 'broken' });
    assert.equal(found.state.consistentIndex, '4711');
  });

  test('a file that has grown since it was opened is not cut short', async () => {
    const bytes = build();
    const source: ByteSource = { size: 6 * PAGE_SIZE, read: bytesOf(bytes).read };
    const found = await readDb(source, { ...options, live: true });
    assert.deepEqual([found.truncated, kinds(found)], [false, []]);
  });

  test('a free list that is none, or that lists pages there cannot be', async () => {
    assert.equal((await read(build({ 8: leaf(8, []) }))).freelist.state, 'broken');
    assert.equal((await read(build({ 8: freelist(8, [9, 900]) }))).freelist.state, 'broken');
  });

  test('a sector that cannot be read spoils its page only', async () => {
    const bytes = build();
    const source: ByteSource = {
      size: bytes.length,
      read: async (offset, length) => {
        if (offset <= 4 * PAGE_SIZE && offset + length > 4 * PAGE_SIZE) throw new Error('EIO');
        return bytes.subarray(offset, offset + length);
      },
    };
    const found = await readDb(source, options);
    assert.deepEqual(kinds(found), [['unreadable', 4]]);
    assert.equal(found.state.consistentIndex, '4711');
    assert.equal(found.buckets.find(({ name }) => name === 'key')?.keys, 3);
  });

  test('records of etcd that make no sense are named, and nothing of them', async () => {
    const root = leaf(2, [
      bucket('members', [text('no-id', '{}'), text('1f', 'SECRET')]),
      bucket('meta', [text('consistent_index', 'SECRET')]),
      bucket('tenant-SECRET', [text('a', 'b')]),
    ]);
    const found = await read(build({ 2: root }));
    assert.deepEqual(
      [...found.state.malformed].sort((a, b) => (a < b ? -1 : 1)),
      ['members', 'members', 'meta/consistent_index'],
    );
    assert.deepEqual([found.unknownBuckets, found.buckets.map(({ name }) => name)], [1, ['members', 'meta', 'other']]);
  });
});

describe('a database that is written meanwhile', () => {
  test('what belongs together is read again until nothing moved', async () => {
    const bytes = build();
    let reads = 0;
    let commits = 0;
    const source: ByteSource = {
      size: bytes.length,
      read: async (offset, length) => {
        reads += 1;
        // Two commits, each in the middle of an attempt.
        if (commits < 2 && reads > 3 + commits * 12) {
          commits += 1;
          meta(commits === 1 ? 1 : 0, { root: 2, highWater: 10, txid: 100 + commits, freelist: 8 }).copy(
            bytes,
            commits === 1 ? PAGE_SIZE : 0,
          );
        }
        return Buffer.from(bytes.subarray(offset, offset + length));
      },
    };
    let pauses = 0;
    const found = await readDb(source, {
      ...options,
      live: true,
      pause: async () => {
        pauses += 1;
      },
    });
    assert.equal(commits, 2);
    assert.ok(pauses > 0);
    assert.deepEqual([found.stateMoved, found.metas.inForce?.txid], [false, 102]);
  });

  test('that never rests is said to have moved', async () => {
    const bytes = build();
    let txid = 100;
    const source: ByteSource = {
      size: bytes.length,
      read: async (offset, length) => {
        txid += 1;
        meta(0, { root: 2, highWater: 10, txid, freelist: 8 }).copy(bytes, 0);
        return Buffer.from(bytes.subarray(offset, offset + length));
      },
    };
    const found = await readDb(source, { ...options, live: true });
    assert.deepEqual([found.stateMoved, found.moved], [true, true]);
  });
});

describe('a budget', () => {
  /** A bucket of 100 leaf pages under one branch page. */
  const large = (): Buffer => {
    const leaves = Array.from({ length: 100 }, (_, n) => n);
    const pages: Record<number, Buffer> = Object.fromEntries(
      leaves.map((n) => [
        4 + n,
        leaf(
          4 + n,
          Array.from({ length: 30 }, (__, k) => ({ key: revision(n * 100 + k), value: value(80) })),
        ),
      ]),
    );
    const top = branch(
      3,
      leaves.map((n) => ({ key: revision(n * 100), page: 4 + n })),
    );
    const root = leaf(2, [bucket('key', 3), bucket('meta', [text('consistent_index', uint64(5))])]);
    const metas = { root: 2, highWater: 104, txid: 4 };
    return file({ ...pages, 0: meta(0, metas), 1: meta(1, { ...metas, txid: 3 }), 2: root, 3: top }, 104);
  };

  test('reads the ends, the branch pages and a spread of the leaves', async () => {
    const meter = createMeter({ maxBytes: 300_000, maxMs: 60_000, monotonic: () => 0 });
    const found = await readDb(meter.on(bytesOf(large())), { ...options, remainingBytes: meter.remainingBytes });
    const key = found.buckets.find(({ name }) => name === 'key');
    assert.deepEqual([found.limit, found.complete, key?.complete, key?.leafPages], ['bytes', false, false, 100]);
    assert.ok((key?.leafPagesRead ?? 0) > 30 && (key?.leafPagesRead ?? 0) < 80, `${key?.leafPagesRead}`);
    assert.deepEqual([found.state.lowestRevision?.main, found.state.highestRevision?.main], ['0', '9929']);
    assert.equal(found.state.consistentIndex, '5');
  });

  test('that is enough reads all', async () => {
    const found = await read(large());
    const key = found.buckets.find(({ name }) => name === 'key');
    assert.deepEqual([key?.keys, key?.complete, found.complete, found.problems.count], [3000, true, true, 0]);
    assert.deepEqual(found.freelist, { state: 'absent' });
  });
});

test('whatever the bytes are, the reader ends with a bounded result', async () => {
  const good = build();
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let noticed = 0;
  for (let run = 0; run < 400; run += 1) {
    const bytes = Buffer.from(good);
    // Headers and elements are at the front of the pages.
    for (let n = 0; n <= run % 4; n += 1) bytes[(2 + next(7)) * PAGE_SIZE + next(120)] = next(256);
    const found = await read(run % 5 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes);
    if (!found.complete) noticed += 1;
    assert.ok(found.problems.list.length <= 50);
  }
  assert.ok(noticed > 150, `${noticed} of 400 were noticed`);
});
