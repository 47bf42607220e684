import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeInWorkers } from '../../../analyzer/bundle/log-worker.js';
import { type LogSummary, summarizeLog } from '../../../analyzer/logs/index.js';
import { type GeneratedForm, generateLines } from '../../bench/generate-log.js';
import { REAL_34, REAL_36, zapLine } from './lines.js';

const SEGMENT = 100_000;
const WHOLE = { source: 'etcd.log', referenceTime: Date.UTC(2026, 10, 23), segmentBytes: Number.POSITIVE_INFINITY };
const CUT = { ...WHOLE, segmentBytes: SEGMENT };

function generated(form: GeneratedForm, bytes: number): string {
  let text = '';
  for (const line of generateLines(form, 7, 'hostile')) {
    text += `${line}\n`;
    if (text.length > bytes) break;
  }
  return text;
}

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Sums of many durations depend on their order by rounding; the lists of frequent values are bounded per segment. */
function comparable(summary: LogSummary): unknown {
  return [...summary.signatures.values()].map(({ numbers, texts, ...stats }) => ({
    ...stats,
    numbers: [...numbers].map(([name, { sum, ...number }]) => [name, Math.round(sum * 1000), number]),
    texts: [...texts].map(([name, { top, others, last }]) => [
      name,
      top.reduce((n, { count }) => n + count, others),
      last,
    ]),
  }));
}

const crash = zapLine('fatal', 'failed to open WAL', { error: 'x' });
const orderly = zapLine('info', 'received signal; shutting down', { signal: 'terminated' });
const zap = generated('zap', 1_000_000);
const cri = zap
  .split('\n')
  .map((line) => (line === '' ? '' : `2026-11-22T10:00:05.000000000Z stderr F ${line}`))
  .join('\n');
const docker = zap
  .split('\n')
  .map((line) => (line === '' ? '' : JSON.stringify({ log: `${line}\n`, stream: 'stderr' })))
  .join('\n');
const short = zap.replaceAll(/^(?=\{)/gm, 'Nov 22 10:00:05 host etcd[12]: ');
const logs: Readonly<Record<string, string>> = {
  'zap JSON': zap,
  'the text of 3.4': generated('text', 1_000_000),
  CRI: cri,
  'Docker json-file': docker,
  'journald short': short,
  'crashes and starts': `${zap.slice(0, 120_000)}\n${crash}\n${REAL_36}${zap}${orderly}\n${REAL_36}${zap}${REAL_34}`,
  'starts of 3.4': REAL_34.repeat(1200),
};

for (const [name, text] of Object.entries(logs)) {
  test(`${name}: segments joined say what the whole says`, async () => {
    const whole = await summarizeLog(inChunks(text, 65_536), WHOLE);
    const cut = await summarizeLog(inChunks(text, 65_536), CUT);
    assert.deepEqual({ ...cut, signatures: undefined }, { ...whole, signatures: undefined });
    assert.deepEqual(comparable(cut), comparable(whole));
    assert.ok(whole.lines > 1000);
  });
}

test('the outcome is the same in threads and however the bytes arrive', async () => {
  const text = logs['crashes and starts'] ?? '';
  const here = await summarizeLog(inChunks(text, 65_536), CUT);
  assert.deepEqual(await summarizeLog(inChunks(text, 4_999), CUT), here);
  assert.deepEqual(await summarizeLog(inChunks(text, text.length), CUT), here);
  assert.deepEqual(await summarizeInWorkers(inChunks(text, 30_011), CUT), here);
});

test('more lines of a signature in a segment than its ring of times holds', async () => {
  const whole = await summarizeLog(inChunks(zap, 65_536), WHOLE);
  const cut = await summarizeLog(inChunks(zap, 65_536), { ...WHOLE, segmentBytes: 500_000 });
  assert.ok((whole.signatures.get('apply-took-too-long')?.count ?? 0) > 1500);
  assert.deepEqual(comparable(cut), comparable(whole));
});

/** Lines a second apart with an hour of silence after the 300th, where the cut is looked for. */
function withSilence(): string {
  const start = Date.UTC(2026, 10, 22);
  let text = '';
  for (let n = 0; n < 600; n++) {
    const time = start + n * 1000 + (n < 300 ? 0 : 3_600_000);
    text += `${zapLine('warn', 'slow fdatasync', { took: '1.25s' }, new Date(time).toISOString())}\n`;
  }
  return text;
}

const around: Readonly<Record<string, string>> = {
  'settings of a start of 3.4': REAL_34.repeat(60),
  'lines before a start': REAL_36.repeat(40),
  'a silence': withSilence(),
};

for (const [name, text] of Object.entries(around)) {
  test(`a cut at any place around ${name}`, async () => {
    const whole = await summarizeLog(inChunks(text, 65_536), WHOLE);
    const from = name === 'a silence' ? text.indexOf('01:05:00') - 32 * 1024 - 1500 : 5000;
    for (let at = 0; at < 25; at++) {
      const cut = await summarizeLog(inChunks(text, 65_536), { ...WHOLE, segmentBytes: from + at * 90 });
      assert.deepEqual({ ...cut, signatures: undefined }, { ...whole, signatures: undefined });
    }
  });
}

test('a log whose lines hang together is not cut', async () => {
  let text = '';
  for (let n = 0; n < 3000; n++)
    text += `__CURSOR=s=${n}\n__REALTIME_TIMESTAMP=1795341605000000\nMESSAGE=line ${n}\n\n`;
  const whole = await summarizeLog(inChunks(text, 65_536), WHOLE);
  assert.equal(whole.wrappers['journald-export'], 3000);
  assert.deepEqual(await summarizeLog(inChunks(text, 65_536), { ...CUT, segmentBytes: 10_000 }), whole);
});
