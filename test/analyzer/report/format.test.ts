import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bytes,
  count,
  glued,
  instant,
  lag,
  listed,
  milliseconds,
  percent,
  percentile,
  range,
  seconds,
  shortId,
} from '../../../analyzer/report/format.js';
import { chartLimits, parseMs } from '../../../analyzer/report/limits.js';
import { namesOf } from '../../../analyzer/report/names.js';
import { fiveMembersReport, healthyReport } from '../../support/sample-reports.js';

const plain = (text: string): string => text.replaceAll('\u202f', '_').replaceAll('\u00a0', ' ');

describe('format', () => {
  it('groups digits of any length without losing one', () => {
    assert.equal(plain(count('18446744073709551615')), '18_446_744_073_709_551_615');
    assert.equal(plain(count(201884)), '201_884');
    assert.equal(count('1234'), '1234');
    assert.equal(plain(count('-12345')), '−12_345');
    assert.equal(count('not a number'), 'not a number');
  });
  it('writes bytes in binary units', () => {
    assert.equal(plain(bytes('2147483648')), '2 GiB');
    assert.equal(plain(bytes('665845760')), '635 MiB');
    assert.equal(plain(bytes('0')), '0 B');
    assert.equal(plain(bytes('1073741823')), '1 GiB');
    assert.equal(plain(bytes('9223372036854775807')), '8 EiB');
    assert.equal(bytes(undefined), '—');
    assert.equal(bytes('12x'), '12x');
  });
  it('writes durations in the unit that fits', () => {
    assert.equal(plain(milliseconds(0.4)), '0.4 ms');
    assert.equal(plain(milliseconds(2300)), '2.3 s');
    assert.equal(plain(seconds(36)), '36 s');
    assert.equal(plain(seconds(1500)), '25 min');
    assert.equal(plain(seconds(864_000)), '10 d');
    assert.equal(milliseconds(Number.POSITIVE_INFINITY), '—');
  });
  it('gives a percentile as its bucket, never as a point', () => {
    assert.equal(plain(range(64, 128)), '64–128 ms');
    assert.equal(plain(range(0, 1)), '< 1 ms');
    assert.equal(plain(range(8192, null)), '> 8.2 s');
    assert.equal(plain(range(512, 1024)), '512–1_024 ms'.replace('_', ''));
    assert.equal(plain(range(1024, 2048)), '1–2 s');
    assert.equal(percentile({ loMs: 2, hiMs: 4, count: 0, basis: 'window' }), '—');
    assert.equal(percentile(undefined), '—');
  });
  it('gives a lag with its error', () => {
    assert.equal(plain(lag({ entries: 1, error: 2 })), '1 ± 2');
    assert.equal(lag({ entries: 0, error: 0 }), '0');
    assert.equal(lag(undefined), '—');
  });
  it('holds numbers and units of a text together, and nothing else', () => {
    assert.equal(
      glued('97 % of 3 members, 16 ms, 1.5 GiB, 7 max').replaceAll('\u00a0', '~'),
      '97~% of 3 members, 16~ms, 1.5~GiB, 7 max',
    );
    assert.equal(glued('0 of 14 reads').replaceAll('\u00a0', '~'), '0~of~14 reads');
  });
  it('shortens and lists', () => {
    assert.equal(shortId('8211f1d0f64f3269'), '8211…3269');
    assert.equal(shortId('m1'), 'm1');
    assert.equal(listed(['a', 'b', 'c']), 'a, b and c');
    assert.equal(listed([]), '');
    assert.equal(instant('2026-11-22T10:05:02.123+01:00'), '2026-11-22 09:05:02Z');
    assert.equal(instant('yesterday'), 'yesterday');
    assert.equal(plain(percent(97.04)), '97 %');
    assert.equal(plain(percent(0.00095)), '< 0.1 %');
    assert.equal(percent(Number.NaN), '—');
  });
});

describe('limits', () => {
  it('reads durations with their unit and nothing else', () => {
    assert.equal(parseMs('10 ms'), 10);
    assert.equal(parseMs('0.5 s'), 500);
    assert.equal(parseMs('100us'), 0.1);
    assert.equal(parseMs('5 %'), null);
    assert.equal(parseMs('10'), null);
    assert.equal(parseMs('0 ms'), null);
  });
  it('draws only limits that the report applied', () => {
    const report = healthyReport();
    assert.deepEqual(chartLimits(report), { walFsyncMs: 10, backendCommitMs: 25 });
    assert.deepEqual(chartLimits({ ...report, thresholds: [] }), { walFsyncMs: null, backendCommitMs: null });
  });
});

describe('names', () => {
  it('tells members of one name apart and keeps the whole identity', () => {
    const report = healthyReport();
    const members = report.members.map((member) => ({ ...member, name: 'etcd' }));
    const bare = {
      ...report,
      members,
      timeline: { ...report.timeline, lanes: [] },
      charts: { walFsync: [], backendCommit: [], peerMatrix: [], storage: [] },
    };
    const names = namesOf(bare);
    const labels = members.map((member) => names.of(member.id).label);
    assert.equal(new Set(labels).size, members.length);
    assert.equal(names.of(members[0]?.id ?? '').full, `etcd ${members[0]?.id}`);
  });
  it('shortens long names so that they stay apart', () => {
    const report = fiveMembersReport();
    const names = namesOf(report);
    const labels = report.members.map((member) => names.of(member.id).label);
    assert.equal(new Set(labels).size, labels.length);
    for (const label of labels) assert.ok(label.length <= 24, label);
  });
  it('puts names in place of ids in a path, and gives the real path beside', () => {
    const report = healthyReport();
    const id = report.members[1]?.id ?? '';
    const source = namesOf(report).source({ path: `members/${id}/metrics-3.prom`, pointer: 'up' });
    assert.deepEqual(source, { label: 'm2/metrics-3', pointer: 'up', full: `members/${id}/metrics-3.prom · up` });
  });
  it('gives each member its own hue everywhere', () => {
    const report = healthyReport();
    const names = namesOf(report);
    assert.deepEqual(
      report.members.map((member) => names.of(member.id).hue),
      [0, 1, 2],
    );
    assert.equal(names.of('unheard-of').hue, -1);
  });
});
