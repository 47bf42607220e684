import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  mergeSummaries,
  parseByteSize,
  parseGoDuration,
  statsOf,
  timelineOf,
  windowOf,
} from '../../../analyzer/logs/index.js';
import { summarize, zapLine } from './lines.js';

const START = Date.UTC(2026, 10, 22);

function syncAt(ms: number, took = '1.5s'): string {
  return zapLine('warn', 'slow fdatasync', { took, 'expected-duration': '1s' }, new Date(ms).toISOString());
}

/** One line per second. */
function series(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => syncAt(from + i * 1000)).join('\n');
}

test('Go durations and byte sizes', () => {
  const durations: [string, number | undefined][] = [
    ['1.234567s', 1.234567],
    ['2m3s', 123],
    ['1h0m0.5s', 3600.5],
    ['100ms', 0.1],
    ['12.5µs', 0.0000125],
    ['12.5μs', 0.0000125],
    ['7ns', 7e-9],
    ['0s', 0],
    ['-5s', -5],
    ['0.25', 0.25],
    ['', undefined],
    ['1m30', undefined],
    ['3 seconds ago', undefined],
    ['1x', undefined],
  ];
  for (const [text, seconds] of durations) {
    const parsed = parseGoDuration(text);
    if (seconds === undefined) assert.equal(parsed, undefined, text);
    else assert.ok(parsed !== undefined && Math.abs(parsed - seconds) < 1e-12, `${text}: ${parsed}`);
  }
  assert.equal(parseByteSize('2.1 GB'), 2.1e9);
  assert.equal(parseByteSize('8 GiB'), 8 * 2 ** 30);
  assert.equal(parseByteSize('4096'), 4096);
  assert.equal(parseByteSize('many'), undefined);
});

test('the micro sign in a log line is read', async () => {
  const summary = await summarize(syncAt(START, '250µs'));
  assert.equal(summary.signatures.get('wal-slow-fdatasync')?.numbers.get('took')?.worst.value, 0.00025);
});

test('windows are exact near the end and bounded further back', async () => {
  const stats = (await summarize(series(START, 5000))).signatures.get('wal-slow-fdatasync');
  const end = START + 5000 * 1000;
  assert.deepEqual(windowOf(stats, end - 36_000, end), { count: 36, atLeast: 36, atMost: 36, exact: true, worst: 1.5 });
  assert.equal(windowOf(stats, end, end + 60_000).count, 0);
  assert.equal(windowOf(stats, START, end).count, 5000);
  assert.equal(windowOf(undefined, START, end).count, 0);
  const early = windowOf(stats, START + 1_000_500, START + 1_100_500);
  assert.ok(early.atLeast <= 100 && early.atMost >= 100 && early.atMost - early.atLeast <= 32);
  assert.ok(Math.abs(early.count - 100) <= 2);
});

test('worst, sum and samples', async () => {
  const text = [syncAt(START, '1s'), syncAt(START + 1, '3s'), syncAt(START + 2, '2s'), syncAt(START + 3, '1s')].join(
    '\n',
  );
  const stats = (await summarize(text)).signatures.get('wal-slow-fdatasync');
  const took = stats?.numbers.get('took');
  assert.deepEqual([took?.count, took?.sum, took?.min, took?.worst.value, took?.worst.raw], [4, 7, 1, 3, '3s']);
  assert.equal(took?.worst.sample.line, 2);
  assert.deepEqual(
    stats?.samples.map(({ line }) => line),
    [1, 2, 3, 4],
  );
  assert.equal(stats?.texts.get('expected-duration')?.last, '1s');
});

test('64-bit values keep every digit and ids have 16 digits', async () => {
  const text = [
    zapLine('info', 'finished scheduled compaction', { 'compact-revision': 0, took: '1s' }).replace(
      ':0,',
      ':9223372036854775807,',
    ),
    zapLine('warn', 'slow fdatasync', { took: '1s' }),
    zapLine('info', 'peer became active', { 'peer-id': 'e9e05c52164694d' }),
  ].join('\n');
  const { signatures } = await summarize(text);
  assert.equal(signatures.get('compaction-finished')?.texts.get('compact-revision')?.last, '9223372036854775807');
  assert.equal(signatures.get('peer-active')?.texts.get('peer-id')?.top[0]?.value, '0e9e05c52164694d');
});

test('files of one member are joined; the forms of one message too', async () => {
  const a = await summarize(series(START, 100));
  const b = await summarize(series(START + 200_000, 100));
  const text = await summarize('2026-11-22 00:10:00.000000 W | wal: sync duration of 9s, expected less than 1s');
  const merged = mergeSummaries([text, b, a]);
  assert.equal(merged.lines, 201);
  assert.equal(merged.firstTime, START);
  assert.equal(merged.lastTime, START + 600_000);
  assert.equal(merged.signatures.get('wal-slow-fdatasync')?.count, 200);
  const all = statsOf(merged, 'wal-slow-fdatasync');
  assert.equal(all?.count, 201);
  assert.equal(all.numbers.get('took')?.worst.value, 9);
  assert.equal(windowOf(all, START + 150_000, START + 250_000).count, 50);
  assert.equal(mergeSummaries([a]), a);
  assert.throws(() => mergeSummaries([]));
});

test('the timeline puts owners side by side and applies clock offsets', async () => {
  const a = await summarize(series(START, 60));
  const b = await summarize(series(START + 5000, 55));
  const timeline = timelineOf(
    [
      { owner: 'm1', summary: a },
      { owner: 'm2', summary: b, offsetMs: -5000 },
    ],
    { buckets: 6, events: ['wal-slow-fdatasync'], from: START, to: START + 60_000 },
  );
  const lanes = timeline?.lanes.map(({ owner, event, counts, total }) => [owner, event, total, counts]);
  assert.deepEqual(lanes, [
    ['m1', 'wal-slow-fdatasync', 60, [10, 10, 10, 10, 10, 10]],
    ['m1', 'warnings', 60, [10, 10, 10, 10, 10, 10]],
    ['m2', 'wal-slow-fdatasync', 55, [10, 10, 10, 10, 10, 5]],
    ['m2', 'warnings', 55, [10, 10, 10, 10, 10, 5]],
  ]);
  assert.equal(timelineOf([]), undefined);
});

test('of equal worst values the one of the latest minute is kept', async () => {
  const line = (ts: string): string =>
    `{"level":"warn","ts":"${ts}","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"150ms","expected-duration":"100ms","prefix":"read-only range ","response":"range_response_count:500 size:4096"}\n`;
  const text = ['2026-11-22T10:00:00Z', '2026-11-22T10:30:05Z', '2026-11-22T10:30:50Z'].map(line).join('');
  const summary = await summarize(text, Date.UTC(2026, 10, 23));
  const worst = summary.signatures.get('apply-took-too-long')?.numbers.get('response-size')?.worst;
  assert.equal(worst?.value, 4096);
  assert.equal(worst?.sample.time, Date.UTC(2026, 10, 22, 10, 30, 5));
});
