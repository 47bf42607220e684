import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { constants, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { packageRoot } from '../../../schemas/index.js';
import { found, summarize, zapLine } from './lines.js';

const SYNC = zapLine('warn', 'slow fdatasync', { took: '1.25s' });
const TEXT = '2026-11-22 10:00:00.123456 W | wal: sync duration of 2.88067165s, expected less than 1s';
const DAY = Date.UTC(2026, 10, 22);

test('terminal colours anywhere in a line', async () => {
  const e = '\u001b';
  const lines = [
    `${e}[0m${SYNC}${e}[0m`,
    `2026-11-22T10:00:00.123Z\t${e}[33mWARN${e}[0m\twal/wal.go:805\tslow fdatasync\t{"took": "1.25s"}`,
    `${e}[36metcd-1  |${e}[0m ${SYNC}`,
    `2026-11-22T10:00:00.000000000Z stderr F ${e}[1;31m${TEXT}${e}[0m${e}[K`,
    `Nov 22 10:00:05 cp1 etcd[12]: ${e}[33m${TEXT}${e}[0m`,
  ];
  const summary = await summarize(lines.join('\n'), DAY + 86_400_000);
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 3, 'wal-slow-fdatasync-34': 2 });
  assert.equal(summary.forms.plain, undefined);
});

test('a line of nothing but escapes is read once', async () => {
  const summary = await summarize(`\u001b${'\u001b['.repeat(50_000)}\n\u001b[31m\u001b[0m\n${SYNC}\n`);
  assert.equal(summary.lines, 3);
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
});

const notLogs: Readonly<Record<string, () => Uint8Array>> = {
  'a program': () => readFileSync(process.execPath).subarray(0, 4 << 20),
  'a picture': () => readFileSync(join(packageRoot, 'docs', 'images', 'report.png')),
  'a page': () => Buffer.from(`<!doctype html><html><body>${'<p>etcd</p>\n'.repeat(1000)}</body></html>`),
  'a table': () => Buffer.from(`time,value\n${'2026-11-22T10:00:00Z,1.5\n'.repeat(1000)}`),
  metrics: () => Buffer.from('# TYPE etcd_server_has_leader gauge\netcd_server_has_leader 1\n'.repeat(500)),
  'zlib without gzip': () => deflateSync(SYNC.repeat(100)),
  'UTF-16': () => Buffer.from(`\ufeff${SYNC}\n`.repeat(10), 'utf16le'),
  'one line of JSON': () => Buffer.from(JSON.stringify({ a: Array.from({ length: 50_000 }, (_, i) => ({ msg: i })) })),
};

for (const [name, bytes] of Object.entries(notLogs)) {
  test(`${name} is no log: read to its end, nothing found in it`, async () => {
    const content = bytes();
    const summary = await summarize(content, DAY);
    assert.deepEqual(found(summary), {});
    assert.equal(summary.bytes, content.length);
    assert.equal(summary.starts.length + summary.fatal.length + summary.unknown.length, 0);
  });
}

test('the hour that a zone repeats in autumn is no jump where etcd prints the zone, and is one where the zone is missing', async () => {
  // 2026-10-25, 03:00 CEST becomes 02:00 CET; the journal prints local time, etcd prints UTC.
  const start = Date.UTC(2026, 9, 25, 0, 0);
  const lines = Array.from({ length: 120 }, (_, minute) => {
    const ms = start + minute * 60_000;
    const local = new Date(ms + (minute < 60 ? 2 : 1) * 3_600_000).toISOString();
    return { short: `Oct 25 ${local.slice(11, 19)} cp1 etcd[12]: `, iso: new Date(ms).toISOString() };
  });
  const zoned = lines.map(({ short, iso }) => short + zapLine('warn', 'slow fdatasync', { took: '1s' }, iso));
  const seen = await summarize(zoned.join('\n'), start + 86_400_000);
  assert.deepEqual([seen.clockJumps.length, seen.firstTime, seen.lastTime], [0, start, start + 119 * 60_000]);
  const bare = lines.map(({ short }) => `${short}sync duration of 1.5s, expected less than 1s`);
  const local = await summarize(bare.join('\n'), start + 86_400_000);
  assert.equal(local.clockJumps.length, 1);
  assert.deepEqual(local.times, { zoned: 0, assumedUtc: 120, none: 0 });
  assert.equal(local.signatures.get('wal-slow-fdatasync-34')?.count, 120);
});

test('times with an offset are one clock', async () => {
  const stamps = [
    '2026-11-22T10:00:00Z',
    '2026-11-22T11:00:01+01:00',
    '2026-11-22T05:00:02-0500',
    '2026-11-22T15:30:03+05:30',
  ];
  const lines = stamps.map((stamp) => zapLine('warn', 'slow fdatasync', { took: '1s' }, stamp));
  const { recent } = (await summarize(lines.join('\n'))).signatures.get('wal-slow-fdatasync') ?? { recent: [] };
  assert.deepEqual(
    recent.map((ms) => ms - DAY - 10 * 3_600_000),
    [0, 1000, 2000, 3000],
  );
});

test('a missing year: 29 February, klog across new year, no reference at all', async () => {
  const leap = await summarize('Feb 29 10:00:00 cp1 etcd[1]: x\n', Date.UTC(2028, 2, 3));
  assert.equal(leap.firstTime, Date.UTC(2028, 1, 29, 10));
  const error = 'etcdserver: no leader';
  const klog = await summarize(
    `E1231 23:59:59.500000       1 a.go:1] ${error}\nE0101 00:00:01.250000       1 a.go:1] ${error}\n`,
    Date.UTC(2027, 0, 1, 1),
  );
  const { first, last } = klog.signatures.get('err-no-leader') ?? {};
  assert.deepEqual([first, last], [Date.UTC(2026, 11, 31, 23, 59, 59, 500), Date.UTC(2027, 0, 1, 0, 0, 1, 250)]);
  const none = await summarize('Nov 22 10:00:00 cp1 etcd[1]: etcdserver: no leader\n');
  assert.deepEqual(none.times, { zoned: 0, assumedUtc: 0, none: 1 });
  assert.equal(none.signatures.get('err-no-leader')?.count, 1);
});

test('dates that no calendar has', async () => {
  const lines = [
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '0000-00-00T00:00:00Z',
    '2026-11-22T10:00:60Z',
    '9999-12-31T23:59:59Z',
  ];
  const summary = await summarize(lines.map((ts) => zapLine('warn', 'slow fdatasync', { took: '1s' }, ts)).join('\n'));
  assert.equal(summary.signatures.get('wal-slow-fdatasync')?.count, lines.length);
  assert.ok(summary.times.none >= 2);
});

test('parts of a CRI line without end stay bounded, and the next line is read', async () => {
  const part = `2026-11-22T10:00:00.000000000Z stderr P ${'x'.repeat(16_384)}\n`;
  async function* stream(): AsyncGenerator<Uint8Array> {
    const block = Buffer.from(part.repeat(64));
    for (let n = 0; n < 100; n++) yield block;
    yield Buffer.from(`2026-11-22T10:00:00.000000000Z stderr F end\n2026-11-22T10:00:01.000000000Z stderr F ${SYNC}\n`);
  }
  const before = process.memoryUsage().heapUsed;
  const summary = await summarizeLog(stream(), { source: 'x' });
  assert.equal(summary.lines, 6402);
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
  // 100 MB went through; what may be held is one part of 1 MiB and a few blocks.
  assert.ok(process.memoryUsage().heapUsed - before < 60e6);
});

test('streams of two pods whose parts are cut into each other are not mixed', async () => {
  const line = (pod: string, took: string): [string, string] => {
    const whole = zapLine('warn', 'slow fdatasync', { took, pod });
    return [whole.slice(0, 50), whole.slice(50)];
  };
  const [a1, a2] = line('a', '1s');
  const [b1, b2] = line('b', '2s');
  const cri = (stream: string, flag: string, part: string): string =>
    `2026-11-22T10:00:00.000000000Z ${stream} ${flag} ${part}`;
  const text = [cri('stderr', 'P', a1), cri('stdout', 'P', b1), cri('stderr', 'F', a2), cri('stdout', 'F', b2)].join(
    '\n',
  );
  const took = (await summarize(text)).signatures.get('wal-slow-fdatasync')?.numbers.get('took');
  assert.deepEqual([took?.count, took?.sum], [2, 3]);
});

test('gzip that breaks off is read to its last byte, whatever member it is in', async () => {
  const lines = (n: number): string =>
    Array.from({ length: n }, (_, i) => zapLine('warn', 'slow fdatasync', { took: `${i * 7919}ms` })).join('\n');
  const many = gzipSync(lines(20_000));
  for (const packed of [many.subarray(0, many.length >> 1), many.subarray(0, many.length - 3)]) {
    const readable = gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH })
      .toString('latin1')
      .split('slow fdatasync');
    const summary = await summarize(Buffer.concat([gzipSync(`${SYNC}\n`), packed]), undefined, 5000);
    assert.equal(found(summary)['wal-slow-fdatasync'], readable.length);
    assert.equal(summary.damage.length, 1);
  }
});

test('gzip with wrong bytes at its end costs what is packed next to them, and is said', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => zapLine('warn', 'slow fdatasync', { took: `${i * 7919}ms` }));
  const whole = gzipSync(lines.join('\n'));
  const checksum = Buffer.from(whole);
  checksum.writeUInt32LE(0, whole.length - 8);
  for (const packed of [checksum, Buffer.concat([whole, Buffer.from('not gzip')])]) {
    const summary = await summarize(packed);
    assert.ok((found(summary)['wal-slow-fdatasync'] ?? 0) > 15_000);
    assert.equal(summary.damage.length, 1);
  }
});

test('bytes that are no UTF-8 inside a known line cost neither the line nor its numbers', async () => {
  const [before = '', after = ''] = zapLine('warn', 'apply request took too long', {
    took: '1.5s',
    request: 'KEY',
    response: 'size:12',
  }).split('KEY');
  const line = Buffer.concat([
    Buffer.from(before),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x00, 0x80]),
    Buffer.from(`${after}\n`),
  ]);
  const stats = (await summarize(line)).signatures.get('apply-took-too-long');
  assert.equal(stats?.numbers.get('took')?.worst.value, 1.5);
  assert.equal(stats?.numbers.get('response-size')?.worst.value, 12);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character may reach a report
  assert.doesNotMatch(stats?.samples[0]?.text ?? '', /[\u0000-\u001f]/);
});
