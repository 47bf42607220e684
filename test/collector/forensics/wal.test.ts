import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ByteSource, bytesOf, createMeter } from '../../../collector/forensics/bytes.js';
import { crc32c, crcText } from '../../../collector/forensics/crc32c.js';
import { idText } from '../../../collector/forensics/raft-records.js';
import { parseWalName, summariseWal } from '../../../collector/forensics/wal.js';
import { scanSegment } from '../../../collector/forensics/wal-segment.js';
import { clusterId, message, nodeId, preallocated, walSegment } from './wal-bytes.js';

const SIZE = 64 * 1024;
const whole = { tailBytes: Number.POSITIVE_INFINITY };
const scan = (bytes: Buffer) => scanSegment(bytesOf(bytes), whole);
const name = (sequence: number, index: number): string =>
  `${sequence.toString(16).padStart(16, '0')}-${index.toString(16).padStart(16, '0')}.wal`;

const summarise = async (parts: readonly Buffer[], live = false) =>
  summariseWal(
    await Promise.all(
      parts.map(async (bytes, n) => ({ name: name(n, n * 10), size: bytes.length, scan: await scan(bytes) })),
    ),
    live,
  );

const flipped = (bytes: Buffer, at: number, mask = 0x10): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
};

/** Deterministic numbers for mutations. */
const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

test('CRC-32C has the check value of the standard, at every alignment, in one go or in parts', () => {
  const text = Buffer.from('123456789');
  assert.equal(crcText(crc32c(0, text)), 'e3069283');
  const long = Buffer.from(Array.from({ length: 1000 }, (_, n) => (n * 37) & 0xff));
  for (const cut of [0, 1, 7, 8, 9, 500, 1000])
    assert.equal(crc32c(crc32c(0, long, 0, cut), long, cut), crc32c(0, long), `cut at ${cut}`);
});

test('names of segments', () => {
  assert.deepEqual(parseWalName('0000000000000002-00000000000186a1.wal'), { sequence: 2, index: 100001 });
  for (const wrong of [
    '0.tmp',
    '0000000000000002-00000000000186a1.wal.broken',
    'ffffffffffffffff-0000000000000000.wal',
  ])
    assert.equal(parseWalName(wrong), undefined, wrong);
});

describe('a sound segment', () => {
  const segment = walSegment()
    .snapshot(0, 0)
    .entry(1, 1)
    .entry(2, 1)
    .state(2, nodeId, 2)
    .entry(3, 2, Buffer.from('SECRET-VALUE'));
  const change = message([
    [1, 99],
    [2, 3],
    [3, 0x1234n],
    [4, Buffer.from('{"name":"SECRET-NAME"}')],
  ]);
  segment.entry(4, 2, change, 1).state(2, nodeId, 3);

  test('gives counts, state, log and membership changes, and nothing of the entries', async () => {
    const found = await scan(preallocated(segment.bytes(), SIZE));
    assert.deepEqual(found.records, { metadata: 1, entry: 4, state: 2, crc: 1, snapshot: 1 });
    assert.deepEqual(found.entries, { normal: 3, confChange: 1, confChangeV2: 0, unknown: 0 });
    assert.deepEqual(found.metadata, { nodeId: idText(nodeId), clusterId: idText(clusterId) });
    assert.deepEqual(found.hardState, { term: '2', vote: idText(nodeId), commit: '3' });
    assert.deepEqual(found.log.runs, [
      { term: 1, first: 1, last: 2 },
      { term: 2, first: 3, last: 4 },
    ]);
    assert.deepEqual(found.confChanges, [{ index: 4, term: 2, type: 'add-learner', memberId: '0000000000001234' }]);
    assert.deepEqual([found.end, found.dataEnd, found.problem], ['zero', segment.length(), undefined]);
    assert.equal(found.finalCrc, crcText(segment.crc()));
    assert.deepEqual(found.tail, { checked: SIZE - segment.length() });
    assert.ok(!JSON.stringify(found).includes('SECRET'));
  });

  test('that fills its file exactly ends with it', async () => {
    const found = await scan(segment.bytes());
    assert.deepEqual([found.end, found.dataEnd], ['end-of-file', segment.length()]);
  });

  test('with bytes behind its end: where the first is', async () => {
    const bytes = preallocated(segment.bytes(), SIZE);
    bytes[40_000] = 7;
    const found = await scan(bytes);
    assert.equal(found.tail?.nonZeroAt, 40_000);
    assert.equal(found.problem, undefined);
  });

  test('is read across the pieces it is read in, with records larger than a piece', async () => {
    const large = walSegment();
    for (let index = 1; index <= 40; index += 1) large.entry(index, 1, Buffer.alloc(index * 37_123, index));
    const found = await scan(large.bytes());
    assert.deepEqual([found.records.entry, found.problem, found.end], [40, undefined, 'end-of-file']);
    assert.deepEqual(found.log.runs, [{ term: 1, first: 1, last: 40 }]);
  });
});

describe('problems', () => {
  const head = walSegment().entry(1, 1).state(1, nodeId, 1);
  const before = head.length();
  head.entry(2, 1, Buffer.alloc(2000, 'x'));
  const damaged = head.length();
  head.entry(3, 1).state(5, nodeId, 3).entry(4, 5);
  const bytes = preallocated(head.bytes(), SIZE);

  test('a flipped byte of an entry: where, both checksums, and what is sound behind it', async () => {
    const found = await scan(flipped(bytes, before + 1000));
    assert.deepEqual(
      [found.problem?.kind, found.problem?.offset, found.problem?.zeroSector],
      ['crc-mismatch', before, false],
    );
    assert.match(found.problem?.recordedCrc ?? '', /^[0-9a-f]{8}$/);
    assert.notEqual(found.problem?.recordedCrc, found.problem?.computedCrc);
    assert.deepEqual(found.log.runs, [{ term: 1, first: 1, last: 1 }], 'the log before it');
    assert.deepEqual(found.hardState?.commit, '1');
    assert.deepEqual(found.beyond, {
      records: 4,
      mismatches: 0,
      lastEntry: { index: 4, term: 5 },
      hardState: { term: '5', vote: idText(nodeId), commit: '3' },
    });
    assert.equal(found.dataEnd, before);
  });

  test('a flipped byte of the checksum itself spoils one record, too', async () => {
    // Length (8), tag and value of the type (2), tag of the checksum (1).
    const found = await scan(flipped(bytes, before + 8 + 3, 0x01));
    assert.deepEqual([found.problem?.kind, found.beyond?.records, found.beyond?.mismatches], ['crc-mismatch', 4, 0]);
  });

  test('a zero sector in the last frame of the last segment is torn, elsewhere it is corruption', async () => {
    const torn = preallocated(Buffer.from(head.bytes().subarray(0, damaged)), SIZE);
    torn.fill(0, Math.ceil(before / 512) * 512 + 512, SIZE);
    const last = await summarise([torn]);
    assert.deepEqual(
      last.problems.map((problem) => [problem.kind, problem.class, problem.zeroSector, problem.offset]),
      [['crc-mismatch', 'torn-tail', true, before]],
    );
    assert.deepEqual(last.lastEntry, { index: 1, term: 1 });
    const inner = await summarise([torn, walSegment(0).bytes()]);
    assert.equal(inner.problems[0]?.class, 'corruption');
  });

  test('a flip without a zero sector at the very end is corruption, as for etcd', async () => {
    const short = preallocated(Buffer.from(head.bytes().subarray(0, damaged)), SIZE);
    const found = await summarise([flipped(short, before + 1000)]);
    assert.deepEqual([found.problems[0]?.kind, found.problems[0]?.class], ['crc-mismatch', 'corruption']);
  });

  test('a file cut inside a frame or a length is torn', async () => {
    for (const [at, kind] of [
      [before + 500, 'frame-beyond-file'],
      [before + 4, 'truncated-length'],
    ] as const) {
      const found = await summarise([Buffer.from(bytes.subarray(0, at))]);
      assert.deepEqual(
        [found.problems[0]?.kind, found.problems[0]?.class, found.problems[0]?.offset],
        [kind, 'torn-tail', before],
      );
      assert.equal(found.complete, true, 'it was read to its end');
    }
  });

  test('an absurd length is no reason to allocate it', async () => {
    const found = await scan(flipped(bytes, before + 5, 0x7f));
    assert.equal(found.problem?.kind, 'frame-beyond-file');
  });

  test('another member in the head, an unknown record, a broken record', async () => {
    const other = Buffer.from([8, 1, 16, 2]);
    assert.equal((await scan(walSegment().record(1, other).bytes())).problem?.kind, 'metadata-conflict');
    assert.equal((await scan(walSegment().record(9, Buffer.alloc(4)).bytes())).problem?.kind, 'unknown-record');
    assert.equal(
      (
        await scan(
          walSegment()
            .record(2, Buffer.from([0xff]))
            .bytes(),
        )
      ).problem?.kind,
      'malformed-record',
    );
  });

  test('a device that fails is a problem at the place, and what came before stays', async () => {
    const big = walSegment();
    for (let index = 1; index <= 30; index += 1) big.entry(index, 1, Buffer.alloc(50_000, 1));
    const all = big.bytes();
    const source: ByteSource = {
      size: all.length,
      read: async (offset, length) => {
        if (offset + length > 1_200_000) throw new Error('EIO');
        return all.subarray(offset, offset + length);
      },
    };
    const found = await scanSegment(source, whole);
    assert.equal(found.problem?.kind, 'read-error');
    assert.ok(found.records.entry >= 5 && found.records.entry < 30);
    const summary = summariseWal([{ name: name(0, 0), size: all.length, scan: found }], false);
    assert.equal(summary.problems[0]?.class, 'unreadable');
  });

  test('a spent budget is an end, not a problem', async () => {
    const meter = createMeter({ maxBytes: 600_000, maxMs: 60_000, monotonic: () => 0 });
    const big = walSegment();
    for (let index = 1; index <= 30; index += 1) big.entry(index, 1, Buffer.alloc(50_000, 1));
    const found = await scanSegment(meter.on(bytesOf(big.bytes())), whole);
    assert.deepEqual([found.end, found.limit, found.problem], ['budget', 'bytes', undefined]);
    assert.ok(found.records.entry > 0 && found.records.entry < 30);
  });
});

describe('several segments', () => {
  const first = walSegment().entry(1, 1).entry(2, 1).state(1, nodeId, 2);
  const second = walSegment(first.crc()).state(1, nodeId, 2).entry(3, 1).state(2, nodeId, 3);

  test('continue each other', async () => {
    const found = await summarise([first.bytes(), preallocated(second.bytes(), SIZE)]);
    assert.deepEqual(found.problems, []);
    assert.deepEqual(
      [found.firstEntry, found.lastEntry],
      [
        { index: 1, term: 1 },
        { index: 3, term: 1 },
      ],
    );
    assert.deepEqual([found.hardState?.commit, found.complete], ['3', true]);
  });

  test('that do not: a broken chain at the start of the second', async () => {
    const found = await summarise([first.bytes(), walSegment(123).entry(3, 1).bytes()]);
    assert.deepEqual(
      found.problems.map((problem) => [problem.kind, problem.segment, problem.class, problem.recordedCrc]),
      [['crc-chain', name(1, 10), 'corruption', crcText(123)]],
    );
    assert.deepEqual(found.lastEntry, { index: 2, term: 1 }, 'what etcd would not read is not the state of the member');
  });

  test('a segment whose end was lost to zeros breaks the chain to the next', async () => {
    const cut = Buffer.from(first.bytes());
    cut.fill(0, cut.length - 24);
    const found = await summarise([cut, second.bytes()]);
    assert.equal(found.problems.at(-1)?.class, 'corruption');
  });

  test('a missing one', async () => {
    const parts = [first.bytes(), second.bytes()];
    const scans = await Promise.all(parts.map(scan));
    const found = summariseWal(
      scans.map((each, n) => ({ name: name(n * 3, n), size: 1, scan: each })),
      false,
    );
    assert.deepEqual(found.sequenceGaps, [{ after: 0, before: 3 }]);
  });

  test('of another cluster', async () => {
    const found = await summarise([first.bytes(), walSegment(first.crc(), nodeId, 77n).bytes()]);
    assert.equal(found.problems[0]?.kind, 'metadata-conflict');
  });

  test('entries that a new leader replaced, a gap, and a gap that a snapshot explains', async () => {
    const replaced = walSegment().entry(1, 1).entry(2, 1).entry(3, 1).entry(2, 2).entry(3, 2);
    const found = await summarise([replaced.bytes()]);
    assert.deepEqual(found.log.runs, [
      { term: 1, first: 1, last: 1 },
      { term: 2, first: 2, last: 3 },
    ]);
    assert.equal(found.log.replaced, 2);
    const gap = await summarise([walSegment().entry(1, 1).entry(9, 1).bytes()]);
    assert.deepEqual(gap.entryGaps, [{ after: 1, before: 9 }]);
    const jumped = await summarise([walSegment().entry(1, 1).snapshot(8, 1).entry(9, 1).bytes()]);
    assert.deepEqual(jumped.entryGaps, []);
  });
});

describe('a segment that is written meanwhile', () => {
  const writer = walSegment().entry(1, 1).state(1, nodeId, 1);
  const before = writer.length();
  writer.entry(2, 1, Buffer.alloc(3000, 'y'));
  const done = preallocated(writer.bytes(), SIZE);
  const half = Buffer.from(done);
  half.fill(0, before + 1500);

  test('half a frame is looked at again, and whole the next time', async () => {
    let bytes: Buffer = half;
    const source: ByteSource = { size: SIZE, read: async (at, length) => bytes.subarray(at, at + length) };
    let looks = 0;
    const found = await scanSegment(source, {
      tailBytes: 1024,
      again: async () => {
        looks += 1;
        bytes = done;
      },
    });
    assert.deepEqual([looks, found.problem, found.beyond, found.end], [1, undefined, undefined, 'zero']);
    assert.deepEqual([found.records.entry, found.finalCrc], [2, crcText(writer.crc())]);
  });

  test('what stays half is in flight when the member runs, and torn when it does not', async () => {
    const found = await scanSegment(bytesOf(half), { tailBytes: 0, again: async () => undefined });
    const segments = [{ name: name(0, 0), size: SIZE, scan: found }];
    assert.equal(summariseWal(segments, true).problems[0]?.class, 'in-flight');
    assert.equal(summariseWal(segments, false).problems[0]?.class, 'torn-tail');
  });

  test('a flip with sound records behind it is no write under way', async () => {
    const damaged = flipped(done, 30);
    const found = await scanSegment(bytesOf(damaged), { tailBytes: 0, again: async () => undefined });
    assert.equal(summariseWal([{ name: name(0, 0), size: SIZE, scan: found }], true).problems[0]?.class, 'corruption');
  });
});

test('whatever the bytes are, the reader ends with a result that is no larger for it', async () => {
  const writer = walSegment().snapshot(3, 1);
  for (let index = 4; index < 60; index += 1)
    writer.entry(index, 1, Buffer.alloc(index * 3, index)).state(1, nodeId, index);
  const good = preallocated(writer.bytes(), 32 * 1024);
  const next = random(7);
  let problems = 0;
  for (let run = 0; run < 400; run += 1) {
    const bytes = Buffer.from(good);
    for (let n = 0; n <= run % 5; n += 1) bytes[Math.floor(next() * writer.length())] = Math.floor(next() * 256);
    const cut = run % 3 === 0 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes;
    const found = await scan(cut);
    if (found.problem !== undefined) problems += 1;
    const summary = summariseWal([{ name: name(0, 0), size: cut.length, scan: found }], false);
    assert.ok(JSON.stringify(summary).length < 20_000);
  }
  assert.ok(problems > 250, `${problems} of 400 were noticed`);
});
