/** A long recording is judged by its worst stretch; an ordinary collection and a quiet recording as a whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { focusedOn, focusOf } from '../../../analyzer/bundle/focus.js';
import { analyze } from '../../../analyzer/analyze.js';
import { FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';

const STEP_MS = 10_000;
/** Syncs of 2 ms and a hundred of them per round, unless it is bad: then 80 ms. */
const recording = (
  rounds: number,
  bad: (round: number) => boolean,
  missed: (round: number) => boolean = () => false,
) => {
  const artifacts: FakeArtifact[] = [];
  for (const [index, slow] of [bad, () => false].entries()) {
    let seconds = 0;
    let slowSyncs = 0;
    for (let round = 0; round < rounds; round += 1) {
      seconds += slow(round) ? 8 : 0.2;
      slowSyncs += slow(round) ? 100 : 0;
      if (index === 0 && missed(round)) continue;
      artifacts.push({
        kind: 'metrics',
        of: fakeId(index),
        round,
        value: [
          'process_start_time_seconds 1767000000',
          `etcd_disk_wal_fsync_duration_seconds_sum ${seconds}`,
          `etcd_disk_wal_fsync_duration_seconds_count ${(round + 1) * 100}`,
          `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} ${(round + 1) * 100 - slowSyncs}`,
          `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} ${(round + 1) * 100 - slowSyncs}`,
          `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"} ${(round + 1) * 100}`,
          `etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} ${(round + 1) * 100}`,
          'etcd_server_leader_changes_seen_total 1',
          '',
        ].join('\n'),
      });
    }
  }
  return fakeCase({
    members: ['m1', 'm2'],
    artifacts,
    rounds: Array.from({ length: rounds }, (_, i) => FAKE_START + i * STEP_MS),
  });
};
const at = (round: number): number => FAKE_START + round * STEP_MS;

test('an incident of a minute in ten: it, with a round before and after', () => {
  const input = recording(61, (round) => round > 30 && round <= 36);
  assert.deepEqual(focusOf(input), { from: at(29), to: at(37) });
  const { part, note, over } = focusedOn(input) ?? assert.fail();
  assert.equal(over, true);
  assert.equal(part.rounds, 9);
  assert.equal(part.artifacts('metrics', fakeId(1)).length, 9, 'the same rounds of every member');
  assert.deepEqual(part.window, { from: at(29), to: at(37) });
  assert.match(note, /Of 61 rounds the 9 from/);
  assert.equal(focusedOn(recording(61, (round) => round > 52 && round < 58))?.over, false);
});

test('two incidents: the longer one, of equals the later one', () => {
  assert.equal(focusOf(recording(61, (round) => [10, 11, 12, 40].includes(round)))?.from, at(8));
  assert.equal(focusOf(recording(61, (round) => [10, 40].includes(round)))?.from, at(38));
});

test('a member that misses rounds', () => {
  const focus = focusOf(
    recording(
      30,
      () => false,
      (round) => round >= 10 && round < 15,
    ),
  );
  assert.deepEqual(focus, { from: at(8), to: at(16) });
});

test('as a whole: a collection, a quiet recording, and one that is bad for most of the time', () => {
  for (const input of [
    recording(4, (round) => round === 2),
    recording(61, () => false),
    recording(61, (round) => round > 10),
  ]) {
    assert.equal(focusOf(input), undefined);
    assert.equal(focusedOn(input), undefined);
  }
});

test('the report: what the whole recording hides is found, and is past when it ended long before', () => {
  const reportOf = (bad: (round: number) => boolean) => {
    const report = analyze(recording(181, bad), { now: new Date(FAKE_START) });
    const found = [...report.diagnosis.causes, ...report.diagnosis.notices].find(
      ({ rule }) => rule === 'disk-slow-device',
    );
    return { when: found?.when, note: report.provenance.bundles[0]?.problems.join() ?? '' };
  };
  const over = reportOf((round) => round > 100 && round <= 105);
  assert.match(over.note, /Of 181 rounds the 8 from/);
  assert.equal(over.when, 'past');
  assert.equal(reportOf((round) => round > 174 && round < 179).when, 'now');
  assert.equal(reportOf(() => false).when, undefined);
});
