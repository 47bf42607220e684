import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import type { CrashMarkersArtifact } from '../../../schemas/index.js';
import { fakeCase, fakeId } from '../../support/fake-case.js';

const crashesOf = (value: Partial<CrashMarkersArtifact>) => {
  const whole: CrashMarkersArtifact = {
    markers: [],
    logs: [],
    containers: [],
    units: [],
    coreFiles: [],
    asked: [],
    ...value,
  };
  const facts = createFacts(fakeCase({ artifacts: [{ kind: 'crash-markers', of: 'm1', value: whole }] }));
  const found = facts.member(fakeId(0), 'crashes');
  assert.ok(found.ok);
  return found.value;
};

const marker = (line: string, more: Partial<CrashMarkersArtifact['markers'][number]> = {}) => ({
  kind: 'fatal' as const,
  line,
  log: '/var/log/etcd.log',
  generation: 0,
  ...more,
});

test('last words: zap lines, cut ones too, dumps of the runtime, and the newest of all', () => {
  const { lastMarker, markers, saying } = crashesOf({
    markers: [
      marker('panic: assertion failed: Page expected to be: 7, but self identifies as 0', {
        kind: 'panic',
        notAfter: '2026-11-22T09:00:00Z',
      }),
      marker(
        '{"level":"fatal","ts":"2026-11-22T10:00:00Z","caller":"etcdserver/raft.go:1","msg":"failed to save Raft hard state and entries","error":"write /d/0.wal: no space left on dev',
        { at: '2026-11-22T10:00:00Z' },
      ),
      marker('{"level":"fatal","msg":"discovery failed","error":"walpb: crc mismatch: expected: a computed: b"}', {
        at: '2026-11-22T10:05:00Z',
      }),
    ],
  });
  assert.equal(markers.length, 3);
  assert.equal(saying(['bbolt-page-self-id']).length, 1);
  assert.equal(saying(['walpb-crc'])[0], lastMarker);
  assert.equal(lastMarker?.at, Date.parse('2026-11-22T10:05:00Z'));
  // A line that is cut in the middle of the words is of no kind.
  assert.equal(saying(['enospc']).length, 0);
});

test('how containers and units ended: the newest container counts', () => {
  const ended = (reason: string, exitCode: number) => ({
    id: '0123456789ab',
    state: 'CONTAINER_EXITED',
    reason,
    exitCode,
    finishedAt: '2026-11-22T10:00:00Z',
  });
  const killed = crashesOf({ containers: [{ id: 'a', state: 'CONTAINER_RUNNING' }, ended('OOMKilled', 137)] });
  assert.deepEqual([killed.outOfMemory, killed.outOfMemoryAt], [true, Date.parse('2026-11-22T10:00:00Z')]);
  assert.match(killed.exits.join(), /OOMKilled, exit code 137/);
  const later = crashesOf({ containers: [ended('Error', 2), ended('OOMKilled', 137)] });
  assert.deepEqual([later.outOfMemory, later.outOfMemoryAt], [false, null]);
  const unit = { name: 'etcd.service', properties: { ActiveState: 'failed', Result: 'oom-kill' } };
  assert.equal(crashesOf({ units: [unit] }).outOfMemory, true);
  assert.equal(crashesOf({}).outOfMemory, null, 'nobody was asked');
});
