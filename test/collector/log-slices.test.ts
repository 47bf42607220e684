import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chronological, sliceJournal } from '../../collector/journal.js';
import { gunzipTail } from '../../collector/log-gzip.js';
import { lineTime, sliceLog } from '../../collector/log-slices.js';
import { type FakeHost, fakeHost } from './fake-files.js';

const T0 = Date.parse('2026-11-20T00:00:00Z');
const line = (at: number, n: number): string =>
  `{"level":"info","ts":"${new Date(at).toISOString()}","caller":"x/y.go:1","msg":"line ${n}","pad":"${'x'.repeat(80)}"}\n`;
/** One line per second. */
const log = (lines: number): string => Array.from({ length: lines }, (_, n) => line(T0 + n * 1000, n)).join('');
const numbers = (text: Buffer): number[] =>
  [...text.toString().matchAll(/"msg":"line (\d+)"/g)].map((m) => Number(m[1]));

describe('line times', () => {
  for (const [form, text] of [
    ['zap', '{"level":"info","ts":"2026-11-20T10:00:00.500Z","msg":"x"}'],
    ['zap with an offset', '{"level":"info","ts":"2026-11-20T11:00:00.500+0100","msg":"x"}'],
    ['capnslog', '2026-11-20 10:00:00.500123 W | wal: x'],
    ['CRI', '2026-11-20T10:00:00.500999999Z stderr F {"ts":"2020-01-01T00:00:00Z"}'],
    ['docker', '{"log":"x\\n","stream":"stderr","time":"2026-11-20T10:00:00.5Z"}'],
    ['journal', '2026-11-20T10:00:00.500000+00:00 n1 etcd[1]: x'],
  ] as const) {
    it(`are read from ${form}`, () => assert.equal(lineTime(text), Date.parse('2026-11-20T10:00:00.500Z')));
  }
  it('are absent where there is none', () => assert.equal(lineTime('goroutine 1 [running]:'), undefined));
});

describe('log slices', () => {
  let host: FakeHost;
  before(() => {
    host = fakeHost();
  });
  after(() => host.remove());
  const signal = AbortSignal.timeout(60_000);
  const base = { sinceMs: 600_000, maxBytes: 1_000_000, headBytes: 1000, signal };

  it('takes a file that fits as one slice', async () => {
    host.put('/a.log', log(100));
    const slices = await sliceLog(host.files, '/a.log', base);
    assert.deepEqual(
      slices.map(({ slice }) => slice),
      ['all'],
    );
    assert.equal(slices[0]?.content.toString(), log(100));
  });

  it('takes nothing from an empty file', async () => {
    host.put('/empty.log', '');
    assert.deepEqual(await sliceLog(host.files, '/empty.log', base), []);
  });

  it('takes head and exactly the window when it fits', async () => {
    host.put('/b.log', log(20_000));
    const [head, tail, ...rest] = await sliceLog(host.files, '/b.log', base);
    assert.deepEqual(rest, []);
    assert.equal(head?.slice, 'head');
    assert.equal(numbers(head.content)[0], 0);
    assert.ok(head.content.length <= 1000 && head.content.at(-1) === 0x0a);
    assert.equal(tail?.slice, 'tail');
    const kept = numbers(tail.content);
    assert.equal(kept[0], 20_000 - 1 - 600);
    assert.equal(kept.at(-1), 19_999);
    assert.equal(kept.length, 601);
  });

  it('cuts the oldest part of a window that is too large, at a line start', async () => {
    const text = log(20_000);
    host.put('/c.log', text);
    const slices = await sliceLog(host.files, '/c.log', { ...base, sinceMs: 1e12 });
    const tail = slices.at(-1);
    assert.ok(tail !== undefined && tail.content.length <= base.maxBytes && tail.content.length > base.maxBytes - 500);
    assert.ok(text.endsWith(tail.content.toString()));
    assert.equal(tail.content[0], '{'.charCodeAt(0));
    assert.equal(numbers(tail.content).at(-1), 19_999);
    const taken = slices.reduce((sum, { content }) => sum + content.length, 0);
    assert.equal(tail.truncation?.skippedBytes, text.length - taken);
  });

  it('adds the lines of the last start when they lie between', async () => {
    host.put('/d.log', log(20_000));
    const slices = await sliceLog(host.files, '/d.log', { ...base, startedAtMs: T0 + 5_000_000 });
    assert.deepEqual(
      slices.map(({ slice }) => slice),
      ['head', 'start', 'tail'],
    );
    assert.equal(numbers(slices[1]?.content ?? Buffer.alloc(0))[0], 5000 - 2);
  });

  it('keeps the newest bytes of a file without any line end', async () => {
    host.put('/e.log', `${'a'.repeat(3_000_000)}end`);
    const tail = (await sliceLog(host.files, '/e.log', base)).at(-1);
    assert.equal(tail?.content.toString().slice(-3), 'end');
    assert.ok(tail.content.length <= base.maxBytes);
  });

  it('survives a file that shrinks while it is read', async () => {
    host.put('/f.log', log(20_000));
    const size = (await host.files.stat('/f.log')).size;
    const shrunk = {
      ...host.files,
      stat: async () => ({ ...(await host.files.stat('/f.log')), size: size * 3n }),
    };
    const slices = await sliceLog(shrunk, '/f.log', base);
    assert.ok(slices.length > 0);
  });
});

describe('rotated and journal logs', () => {
  it('unfolds the tail of a gzip file, also of a cut one', async () => {
    const text = log(5000);
    const whole = await gunzipTail(gzipSync(text), 10_000, new AbortController().signal);
    assert.equal(whole.total, text.length);
    assert.equal(numbers(whole.content).at(-1), 4999);
    assert.ok(whole.content.length <= 10_000 && whole.content[0] === 0x7b);
    const cut = gzipSync(text);
    const part = await gunzipTail(cut.subarray(0, cut.length / 2), 10_000, new AbortController().signal);
    assert.ok(part.total < text.length && part.content.length > 0);
    assert.equal((await gunzipTail(Buffer.from('no gzip'), 100, new AbortController().signal)).content.length, 0);
    const late = await gunzipTail(gzipSync(text), 10_000, AbortSignal.abort());
    assert.equal(late.late, true);
  });

  it('turns newest-first journal output around and keeps further lines behind their first', () => {
    const output = '2026-11-20T10:00:02+00:00 n e[1]: b\n   b2\n2026-11-20T10:00:01+00:00 n e[1]: a\n2026-11-20T10:0';
    assert.equal(
      chronological(Buffer.from(output)).toString(),
      '2026-11-20T10:00:01+00:00 n e[1]: a\n2026-11-20T10:00:02+00:00 n e[1]: b\n   b2\n',
    );
  });

  it('asks journalctl for the window newest first and for the start apart', async () => {
    const asked: string[][] = [];
    const slices = await sliceJournal(
      async (_, args) => {
        asked.push([...args]);
        return { stdout: Buffer.from('2026-11-20T10:00:02+00:00 n e[1]: x\n'), cut: false };
      },
      'etcd.service',
      {
        sinceMs: 3_600_000,
        maxBytes: 1000,
        headBytes: 100,
        signal: AbortSignal.timeout(60_000),
        nowMs: T0,
        timeoutMs: 1000,
        startedAtMs: T0 - 7_200_000,
        directory: '/host/var/log/journal',
      },
    );
    assert.deepEqual(
      slices.map(({ slice }) => slice),
      ['start', 'tail'],
    );
    assert.ok(asked.every((args) => args[args.indexOf('--directory') + 1] === '/host/var/log/journal'));
    assert.ok(asked[0]?.includes('--reverse') && asked[0].includes(`@${(T0 - 3_600_000) / 1000}`));
    assert.ok(!asked[1]?.includes('--reverse') && asked[1]?.includes(`@${(T0 - 7_202_000) / 1000}`));
  });
});
