import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import { isKnownSignature } from '../../../analyzer/facts/member/log.js';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, status, valueIn } from './helpers.js';

const m1 = fakeId(0);
const window = [FAKE_START + 1000, FAKE_START + 11_000] as const;
const rounds: FakeArtifact[] = window.map((_, round) => ({
  kind: 'endpoint-status',
  of: 'm1',
  round,
  value: status(0),
}));

const slow = (at: number): string =>
  `{"level":"warn","ts":"${new Date(at).toISOString()}","caller":"wal/wal.go:1","msg":"slow fdatasync","took":"${(at % 7) + 1}s","expected-duration":"1s"}\n`;
const summary = (source: string, times: readonly number[]) =>
  summarizeLog(Readable.from([Buffer.from(times.map(slow).join(''))]), { source });

test('lines of overlapping slices count once, of separate slices each; window and before are told apart', async () => {
  const head = [FAKE_START - 9_000_000, FAKE_START - 8_000_000];
  const recent = [FAKE_START - 1000, FAKE_START + 2000, FAKE_START + 5000];
  const facts = createFacts(
    fakeCase({
      members: ['m1'],
      rounds: window,
      artifacts: rounds,
      logs: [
        { member: 'm1', instance: 'head', summary: await summary('head', head) },
        { member: 'm1', instance: 'window', summary: await summary('window', recent) },
        { member: 'm1', instance: 'tail', summary: await summary('tail', recent.slice(1)) },
      ],
    }),
  );
  const log = valueIn(facts.member(m1, 'log'));
  const count = log.count('wal-slow-fdatasync');
  assert.deepEqual([count?.total, count?.inWindow, count?.before, count?.elsewhere], [5, 2, 3, 0]);
  assert.equal(count?.paths.length, 3);
  assert.ok((count?.worstSeconds ?? 0) >= 1);
  assert.equal(log.count('prober-clock-drift'), null);
  assert.equal(log.count('__proto__'), null);
  assert.ok(isKnownSignature('prober-clock-drift') && !isKnownSignature('no-such-signature'));
});

test('a member whose clock is ahead: its window is where its own clock puts it', async () => {
  const offset = 600_000;
  const facts = createFacts(
    fakeCase({
      members: ['m1'],
      rounds: window,
      endpoints: [{ id: '10.0.0.1_2379', endpoint: '10.0.0.1:2379' }],
      artifacts: [
        ...rounds,
        {
          kind: 'clock-offset',
          of: '10.0.0.1_2379',
          value: { samples: [], offsetMs: { min: offset, max: offset + 900 } },
        },
      ],
      logs: [{ member: 'm1', summary: await summary('window', [FAKE_START + 4000, FAKE_START + 4000 + offset]) }],
    }),
  );
  const count = valueIn(facts.member(m1, 'log')).count('wal-slow-fdatasync');
  assert.deepEqual([count?.inWindow, count?.before], [1, 1]);
  assert.equal(valueIn(facts.cluster('clockOffsets')).provenSpreadMs, offset);
});

test('an empty log is a gap', async () => {
  const empty = await summary('window', []);
  assert.match(
    reasonOf(createFacts(fakeCase({ members: ['m1'], logs: [{ member: 'm1', summary: empty }] })).member(m1, 'log')),
    /server-log of m1: no line/,
  );
});
