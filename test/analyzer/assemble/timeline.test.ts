import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { timeline } from '../../../analyzer/assemble/timeline.js';
import { createFacts } from '../../../analyzer/facts/index.js';
import { type LogSummary, summarizeLog } from '../../../analyzer/logs/index.js';
import { type FakeBundle, FAKE_START, fakeCase } from '../../support/fake-case.js';
import { zapLine } from '../logs/lines.js';

const rounds = [FAKE_START + 1000, FAKE_START + 11_000];
const read = (lines: readonly string[]): Promise<LogSummary> =>
  summarizeLog(Readable.from([Buffer.from(lines.join('\n'))]), { source: 'log' });
const line = (at: number, msg: string, level = 'warn'): string => zapLine(level, msg, {}, new Date(at).toISOString());
const lanesOf = (fake: FakeBundle) => timeline(createFacts(fakeCase({ rounds, ...fake }))).lanes;
const near = (at: string | undefined, ms: number): boolean => Math.abs(Date.parse(at ?? '') - ms) <= 1000;

test('an event that two members log at one moment stands at one place although a clock is ten minutes ahead', async () => {
  const ahead = 600_000;
  const moment = FAKE_START + 5000;
  const election = '8e9e05c52164694d is starting a new election at term 7';
  const log = (offset: number): Promise<LogSummary> =>
    read([line(FAKE_START + 2000 + offset, 'slow fdatasync'), line(moment + offset, election, 'info')]);
  const lanes = lanesOf({
    members: ['m1', 'm2'],
    endpoints: [{ id: '10.0.0.2_2379', endpoint: '10.0.0.2:2379' }],
    artifacts: [
      { kind: 'clock-offset', of: '10.0.0.2_2379', value: { samples: [], offsetMs: { min: ahead, max: ahead + 900 } } },
    ],
    logs: [
      { member: 'm1', summary: await log(0) },
      { member: 'm2', summary: await log(ahead) },
    ],
  });
  for (const { name, events, gaps } of lanes) {
    const seen = events.filter(({ kind }) => kind === 'raft-new-election');
    assert.equal(seen.length, 1, name);
    assert.ok(near(seen[0]?.at, moment), `${name}: ${seen[0]?.at}`);
    assert.deepEqual(gaps, [], name);
  }
});

test('a start after a crash is told from one after a stop', async () => {
  const start = (at: number): string => line(at, 'starting an etcd server', 'info');
  const summary = await read([
    start(FAKE_START - 50_000),
    line(FAKE_START - 40_000, 'failed to commit tx', 'fatal'),
    start(FAKE_START - 30_000),
    line(FAKE_START - 20_000, 'received signal; shutting down', 'info'),
    start(FAKE_START - 10_000),
  ]);
  const logs = ['head', 'window'].map((instance) => ({ member: 'm1', instance, summary }));
  const [lane] = lanesOf({ members: ['m1'], logs });
  const crashes = lane?.events.filter(({ kind }) => kind === 'starts-after-crash');
  assert.deepEqual(
    crashes?.map(({ at, count, tone }) => [at, count, tone]),
    [[new Date(FAKE_START - 30_000).toISOString(), 1, 'error']],
  );
  assert.equal(lane?.events.filter(({ kind }) => kind === 'starts').length, 3);
});

test('a silence is a gap unless another slice of the log fills it, and a start some moments later is none', async () => {
  const minutes = (from: number, to: number): string[] =>
    Array.from({ length: (to - from) * 6 }, (_, n) =>
      line(FAKE_START - 3_600_000 + from * 60_000 + n * 10_000, 'slow fdatasync'),
    );
  const silent = await read([...minutes(0, 10), ...minutes(45, 61)]);
  const gapsOf = async (more: readonly LogSummary[]): Promise<number[][]> => {
    const logs = [silent, ...more].map((summary, n) => ({
      member: 'm1',
      instance: ['window', 'head'][n] ?? '',
      summary,
    }));
    const other = {
      member: 'm2',
      summary: await read([line(FAKE_START - 3_600_500, 'slow fdatasync'), ...minutes(0, 61)]),
    };
    const lanes = lanesOf({ members: ['m1', 'm2'], logs: [...logs, other] });
    return (lanes[0]?.gaps ?? []).map(({ from, to }) =>
      [from, to].map((at) => Math.round((Date.parse(at) - FAKE_START) / 60_000)),
    );
  };
  assert.deepEqual(await gapsOf([]), [[-50, -15]]);
  assert.deepEqual(await gapsOf([await read(minutes(5, 50))]), []);
});
