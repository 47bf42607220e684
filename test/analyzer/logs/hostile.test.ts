import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { found, summarize, zapLine } from './lines.js';

const SYNC = zapLine('warn', 'slow fdatasync', { took: '1.25s' });

async function* repeat(piece: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < times; i++) yield piece;
}

test('a line of 200 MB is survived in bounded memory and the next line is read', async () => {
  const piece = Buffer.alloc(1 << 20, 'a');
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"level":"warn","ts":"2026-11-22T10:00:00Z","msg":"');
    yield* repeat(piece, 200);
    yield Buffer.from(`"}\n${SYNC}\n`);
  }
  const before = process.memoryUsage().rss;
  const summary = await summarizeLog(stream(), { source: 'x' });
  assert.equal(summary.lines, 2);
  assert.equal(summary.oversizeLines, 1);
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
  assert.ok(process.memoryUsage().rss - before < 150e6);
});

test('200 MB of NULs without a newline before a line', async () => {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* repeat(Buffer.alloc(1 << 20), 200);
    yield Buffer.from(`${SYNC}\n`);
  }
  const summary = await summarizeLog(stream(), { source: 'x' });
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
});

test('random bytes, invalid UTF-8, lone quotes, deep nesting, broken JSON', async () => {
  const noise = Buffer.alloc(1 << 18);
  let state = 7;
  for (let i = 0; i < noise.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    noise[i] = state >>> 16;
  }
  const nasty = [
    '{"level":"warn',
    '{"level":"warn"',
    '{"level":"warn","ts":"',
    '{"level":"warn","ts":"2026-99-99T99:99:99Z","msg":"slow fdatasync","took":"9e999s"}',
    '{"level":"warn","msg":"slow fdatasync","took":{"a":[{"b":"]}"}]},"__proto__":{"x":1}}',
    '{"level":"info","msg":"starting an etcd server","__proto__":"x","etcd-version":"\\u0000"}',
    `{"a":${'['.repeat(50000)}`,
    `{"log":"${'\\\\'.repeat(20000)}`,
    '{"log":"{\\"log\\":\\"{\\\\\\"log\\\\\\":\\\\\\"x\\\\\\"}\\"}","stream":"x"}',
    '2026-11-22T10:00:00Z stderr P ',
    '__CURSOR=x',
    'MESSAGE',
    '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff',
    'a\u0000b\u001b[31mc',
  ];
  const bytes = Buffer.concat([noise, Buffer.from(`\n${nasty.join('\n')}\n`), Buffer.from([0xc3, 0x28, 0xff, 0x0a])]);
  const summary = await summarize(bytes, Date.UTC(2026, 0, 1), 4096);
  assert.equal(summary.bytes, bytes.length);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('lines made to be slow for regular expressions are read at a steady pace', async () => {
  const lines = [
    `2022-01-12 08:20:14.169194 W | etcdserver: ${'request "" with result "" took too long ('.repeat(4000)}`,
    zapLine('warn', 'x', { error: 'tls: handshake '.repeat(8000) }),
    zapLine('warn', 'x', { error: `${'lookup a '.repeat(8000)}no such host` }),
    zapLine('warn', `${'a '.repeat(30000)} above high water mark (`),
    '"'.repeat(100000),
    `{"level":"warn","msg":"slow fdatasync","took":"${'1'.repeat(100000)}`,
  ];
  const started = performance.now();
  for (const line of lines) await summarize(`${line}\n`.repeat(20));
  assert.ok(performance.now() - started < 10_000);
});

test('clock jumps and gaps are told', async () => {
  const at = (ms: number) => zapLine('info', 'x', {}, new Date(ms).toISOString());
  const start = Date.UTC(2026, 10, 22);
  const lines: string[] = [];
  for (let i = 0; i < 500; i++) lines.push(at(start + i * 1000));
  lines.push(at(start + 3_600_000), at(start + 3_601_000), at(start + 600_000));
  const summary = await summarize(lines.join('\n'));
  assert.equal(summary.gaps.length, 1);
  assert.equal(summary.gaps[0]?.line, 501);
  assert.deepEqual(
    summary.clockJumps.map(({ line, before, after }) => [line, before - start, after - start]),
    [[503, 3_601_000, 600_000]],
  );
});

test('a truncated gzip stream gives what was read and says so', async () => {
  const lines: string[] = [];
  for (let i = 0; i < 20000; i++) lines.push(zapLine('warn', 'slow fdatasync', { took: `${i * 7919}ms` }));
  const packed = gzipSync(lines.join('\n'));
  const summary = await summarize(packed.subarray(0, packed.length >> 1));
  assert.equal(summary.damage.length, 1);
  assert.ok((found(summary)['wal-slow-fdatasync'] ?? 0) > 1000);
});

test('a size limit stops a gzip bomb', async () => {
  const bomb = gzipSync(Buffer.alloc(20e6, '\n'));
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield bomb;
  }
  const summary = await summarizeLog(stream(), { source: 'x', maxBytes: 1e6 });
  assert.equal(summary.bytes, 1e6);
  assert.equal(summary.damage.length, 1);
});

test('an empty stream, an empty gzip member, one byte', async () => {
  assert.equal((await summarize('')).lines, 0);
  assert.equal((await summarize(gzipSync(''))).lines, 0);
  assert.equal((await summarize(Uint8Array.of(0x1f))).lines, 1);
});

test('an error of the stream itself is passed on', async () => {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(SYNC);
    throw new Error('read failed');
  }
  await assert.rejects(summarizeLog(stream(), { source: 'x' }), /read failed/);
});

test('distinct messages, ids and errors without end stay bounded', async () => {
  const lines: string[] = [];
  for (let i = 0; i < 20000; i++) {
    const word = i.toString(36).replace(/\d/g, (d) => 'ghijklmnop'[Number(d)] ?? '');
    lines.push(zapLine('warn', `unheard of ${word}`, { error: `fault ${word}` }));
    lines.push(zapLine('warn', 'prober detected unhealthy status', { 'remote-peer-id': i.toString(16), error: word }));
    lines.push(zapLine('info', 'starting an etcd server', { 'etcd-version': word }));
  }
  const summary = await summarize(lines.join('\n'));
  assert.equal(summary.unknown.length, 50);
  assert.equal(
    summary.unknown.reduce((sum, { count }) => sum + count, summary.unknownOthers),
    20000,
  );
  const ids = summary.signatures.get('prober-unhealthy')?.texts.get('remote-peer-id');
  assert.equal(ids?.top.length, 16);
  assert.equal(
    ids.top.reduce((sum, { count }) => sum + count, ids.others),
    20000,
  );
  assert.equal(summary.starts.length + summary.startsOmitted, 20000);
  assert.ok(summary.starts.length <= 64);
});
