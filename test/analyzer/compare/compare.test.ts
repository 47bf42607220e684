import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCase } from '../../../analyzer/bundle/index.js';
import { compare, compareSnapshots, snapshotOf } from '../../../analyzer/compare/index.js';
import { withComparison } from '../../../analyzer/compare/evidence.js';
import { renderHtml, renderMarkdown } from '../../../analyzer/report/index.js';
import { renderDiff } from '../../../analyzer/report/render-diff.js';
import type { Diff, DiffChange } from '../../../schemas/index.js';
import { fakeBundle, fakeId } from '../../support/fake-case.js';
import { COMPARED_AT, compared, fixtureCase, fixtureSnapshot, threeDaysLater } from '../../support/fixture-pairs.js';

const now = COMPARED_AT;

const found = (diff: Diff, area: DiffChange['area'], id = ''): DiffChange[] =>
  diff.changes.filter((change) => change.area === area && change.id.startsWith(`${area}/${id}`));

const shifts = (diff: Diff): DiffChange[] =>
  found(diff, 'latency').filter(({ direction, significance }) => direction === 'worse' && significance !== 'info');

describe('a baseline compared with itself', () => {
  for (const id of ['healthy-3.4', 'healthy-mtls-3.7', 'slow-fsync-leader-3.5', 'quorum-lost-3.5'])
    it(`finds nothing: ${id}`, async () => {
      const diff = await compared(id, id);
      assert.deepEqual(diff.changes, []);
      assert.equal(diff.changed, false);
      assert.ok(diff.compared.some(({ unchanged }) => unchanged > 10));
      assert.match(diff.notes.join(), /compared with itself/);
    });
});

describe('healthy disks of different clusters', () => {
  // In each of these the disks of all members are sound, whatever else is wrong.
  for (const [a, b] of [
    ['healthy-3.4', 'healthy-mtls-3.7'],
    ['healthy-mtls-3.7', 'healthy-3.4'],
    ['healthy-3.4', 'paused-follower-3.5'],
    ['dead-follower-3.6', 'healthy-mtls-3.7'],
    ['paused-follower-3.5', 'dead-follower-3.6'],
    ['cert-expired-peer-3.6', 'volume-not-mounted-3.5'],
    ['volume-not-mounted-3.5', 'cert-expired-peer-3.6'],
  ] as const)
    it(`have no shift that matters: ${a}, ${b}`, async () => {
      const diff = await compared(a, b);
      assert.deepEqual(shifts(diff), []);
      assert.equal(diff.sameCluster, false);
      assert.match(diff.notes.join(), /different clusters/);
    });
});

describe('a slow disk against a healthy one', () => {
  for (const baseline of ['healthy-3.4', 'healthy-mtls-3.7', 'paused-follower-3.5'])
    it(`is found on its member, and on no other: baseline ${baseline}`, async () => {
      const diff = await compared(baseline, 'slow-fsync-leader-3.5');
      const fsync = shifts(diff).filter(({ id }) => id.startsWith('latency/walFsync/'));
      assert.deepEqual(
        fsync.map(({ subjects, significance }) => [subjects[0]?.name, significance]),
        [['m2', 'high']],
      );
      assert.match(fsync[0]?.after ?? '', /^p50 64–128/);
      assert.equal(fsync[0]?.statistics?.test, 'mann-whitney');
      assert.ok(shifts(diff).every(({ subjects }) => ['m2', 'cluster'].includes(subjects[0]?.name ?? '')));
      assert.match(diff.changes[0]?.id ?? '', /^finding\/disk-slow-device/);
      assert.equal(diff.changed, true);
    });
  it('is the good news the other way round', async () => {
    const diff = await compared('slow-fsync-leader-3.5', 'healthy-3.4');
    const [better] = found(diff, 'latency', 'walFsync/');
    assert.deepEqual([better?.direction, better?.significance], ['better', 'info']);
    assert.match(diff.notes.join(), /not known to be good/);
  });
  it('is no news when one of several baselines shows it too', async () => {
    const [good, bad] = [await fixtureSnapshot('healthy-3.4'), await fixtureSnapshot('slow-fsync-leader-3.5')];
    const diff = compareSnapshots(
      [bad, good],
      snapshotOf(await fixtureCase('slow-fsync-leader-3.5', threeDaysLater), now),
      now,
    );
    assert.deepEqual(found(diff, 'latency', 'walFsync/'), []);
    assert.equal(diff.baseline.length, 2);
  });
  it('is a CPU quota among the host facts, and a tail that few observations do not prove', async () => {
    const diff = await compared('dead-follower-3.6', 'cpu-quota-leader-3.6');
    assert.deepEqual(
      found(diff, 'host').map(({ title, after }) => [title, after]),
      [['CPU quota of the cgroup', '0.04 cores']],
    );
    assert.ok(
      diff.notCompared.some(({ what, reason }) => what.startsWith('Tail of WAL fsync') && /do not prove/.test(reason)),
    );
  });
});

/** Values of a metric replaced in every scrape. */
const metric = (name: string, value: string) => (text: string) =>
  text.replace(new RegExp(`^${name} .*$`, 'gm'), `${name} ${value}`);

describe('one cluster at two times', () => {
  it('has grown per day, its revisions with it; trouble between the two is counted by the hour', async () => {
    const grow = metric('etcd_mvcc_db_total_size_in_bytes', '1.2e+09');
    const failing = metric('etcd_server_proposals_failed_total', '9000000');
    const revision = (text: string): string => text.replace(/"revision": "\d+"/g, '"revision": "300425"');
    const diff = await compared('healthy-3.4', 'healthy-3.4', (text) => failing(revision(grow(threeDaysLater(text)))));
    assert.equal(diff.sameCluster, true);
    assert.ok(Math.abs(diff.secondsBetween - 3 * 86_400) < 60);
    assert.match(found(diff, 'size', 'db/')[0]?.text ?? '', /per day; at this rate the quota of 2.GiB is reached in/);
    assert.match(
      found(diff, 'size', 'revision')[0]?.text ?? '',
      /revisions were written since the baseline, 1\d+.\d+ per day/,
    );
    const [failed] = found(diff, 'load', 'proposals-failed/');
    assert.match(failed?.text ?? '', /since the baseline, .* per hour; 0 per hour until the baseline/);
    assert.equal(failed?.kind, 'new');
    assert.deepEqual(
      diff.members.map(({ status, process }) => [status, process]),
      Array.from({ length: 3 }, () => ['same', 'same']),
    );
  });
  it('notices data of an older state: the revision went back', async () => {
    const diff = await compared('healthy-3.4', 'healthy-3.4', (text) =>
      threeDaysLater(text).replace(/"revision": "\d+"/g, '"revision": "7"'),
    );
    const [back] = found(diff, 'size', 'revision');
    assert.deepEqual([back?.significance, back?.title], ['high', 'Revision went back']);
  });
  it('tells a restart from the same process, and does not take its counters for a fall', async () => {
    const restarted = metric('process_start_time_seconds', '1.7956e+09');
    const diff = await compared('healthy-3.4', 'healthy-3.4', (text) => restarted(threeDaysLater(text)));
    assert.ok(diff.members.every(({ process }) => process === 'restarted'));
    assert.match(
      found(diff, 'load', 'restart/')[0]?.text ?? '',
      /Restarted since the baseline: m1, m2 and m3; counters began anew/,
    );
    assert.deepEqual(
      found(diff, 'load').filter(({ direction }) => direction === 'better'),
      [],
    );
  });
  it('names a replaced member, and one that is gone', async () => {
    const other = (text: string): string => threeDaysLater(text).replaceAll('4e824606454b052e', 'feedfeedfeedfeed');
    const replaced = await compared('healthy-3.4', 'healthy-3.4', other);
    assert.deepEqual(
      found(replaced, 'membership', 'replaced/').map(({ subjects, significance }) => [subjects[0]?.name, significance]),
      [['m1', 'high']],
    );
    assert.equal(replaced.members.find(({ name }) => name === 'm1')?.status, 'replaced');
    const [big, small] = [
      buildCase([fakeBundle({ members: ['m1', 'm2', 'm3'] })]),
      buildCase([fakeBundle({ members: ['m1', 'm2'], bundleId: 'd'.repeat(32) })]),
    ];
    assert.deepEqual(
      compare(big, small, { now }).members.map(({ name, status }) => [name, status]),
      [
        ['m1', 'same'],
        ['m2', 'same'],
        ['m3', 'removed'],
      ],
    );
    assert.equal(fakeId(2).length, 16);
  });
  it('says when names are tokens of different keys, and compares none of them', async () => {
    const diff = await compared('healthy-3.4', 'healthy-3.4', (text) =>
      threeDaysLater(text)
        .replaceAll('"mode": "secrets-only"', '"mode": "standard", "keyFingerprint": "0123456789abcdef"')
        .replaceAll('"redaction": "secrets-only"', '"redaction": "standard"')
        .replaceAll('127.138.182', '10.9.9'),
    );
    assert.match(diff.notes.join(), /different series keys/);
    assert.deepEqual(found(diff, 'membership'), []);
    assert.ok(diff.members.every(({ matchedBy }) => matchedBy === 'id'));
  });
});

describe('renderings of a comparison', () => {
  it('escape what bundles bring along, and name what has changed', async () => {
    const diff = await compared('healthy-3.4', 'slow-fsync-leader-3.5', (text) =>
      text.replaceAll('"name": "m2"', '"name": "m<script>2"'),
    );
    const [html, markdown] = [renderDiff(diff, 'html'), renderDiff(diff, 'markdown')];
    assert.doesNotMatch(html, /<script/);
    assert.doesNotMatch(markdown, /<script/);
    assert.match(html, /m&lt;script&gt;2/);
    assert.match(html, /WAL fsync/);
    assert.deepEqual(JSON.parse(renderDiff(diff, 'json')), JSON.parse(JSON.stringify(diff)));
  });
  it('stand in the report with the shift as evidence, which changes no confidence', async () => {
    const [good, snapshot] = [await fixtureSnapshot('healthy-3.4'), await fixtureSnapshot('slow-fsync-leader-3.5')];
    const report = withComparison(snapshot.report, compareSnapshots([good], snapshot, now));
    const [cause] = report.diagnosis.causes;
    assert.ok(
      cause?.evidence.some(
        ({ text, observed }) => /slower than in the baseline/.test(text) && /64–128/.test(observed ?? ''),
      ),
    );
    assert.deepEqual(cause?.confidence, snapshot.report.diagnosis.causes[0]?.confidence);
    assert.match(renderHtml(report), /Compared with the baseline/);
    assert.match(renderMarkdown(report), /## Compared with the baseline/);
    assert.doesNotMatch(renderHtml(snapshot.report), /Compared with the baseline/);
  });
});
