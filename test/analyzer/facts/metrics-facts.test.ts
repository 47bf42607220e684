import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import type { ScrapeRound, Scrapes } from '../../../analyzer/facts/values/index.js';
import { counterOf } from '../../../analyzer/facts/views.js';
import { shareAbove } from '../../../analyzer/metrics/histogram.js';
import { parseScrape } from '../../../analyzer/metrics/parse.js';
import { FAKE_START, fakeCase, fakeId } from '../../support/fake-case.js';
import { scrape35ApartMs, scrape35At, scrape35Round0, scrape35Round1 } from './excerpts.js';
import { prom, reasonOf, valueIn } from './helpers.js';

const m1 = fakeId(0);

const factsOf = (...scrapes: readonly { text: string; at?: number }[]) =>
  createFacts(
    fakeCase({
      members: ['m1'],
      artifacts: scrapes.map(({ text, at }, round) => ({
        kind: 'metrics' as const,
        of: 'm1',
        round,
        value: text,
        ...(at === undefined ? {} : { at }),
      })),
    }),
  );

test('two real scrapes: what was done between them is what the facts say', () => {
  const facts = factsOf(
    { text: scrape35Round0, at: scrape35At },
    { text: scrape35Round1, at: scrape35At + scrape35ApartMs },
  );
  const puts = valueIn(facts.member(m1, 'puts'));
  assert.equal(puts.puts?.delta, 60);
  assert.equal(puts.puts?.perSecond, 60 / (scrape35ApartMs / 1000));
  assert.equal(puts.bytesPerPut, (362 - 20) / 60);
  const fsync = valueIn(facts.member(m1, 'walFsync'));
  assert.equal(fsync.window?.count, fsync.sinceStart.count - 13);
  assert.equal(fsync.best.basis, 'window');
  assert.ok(fsync.window?.p99 !== null && (fsync.window?.p99.hiMs ?? 0) <= 16);
  const above = shareAbove(fsync.sinceStart.histogram, 10);
  assert.ok(above !== null && above.atLeast < above.atMost, '10 ms lies inside a bucket');
  const storage = valueIn(facts.member(m1, 'storage'));
  assert.deepEqual([storage.quotaBytes, storage.quotaOrigin], ['2147483648', 'metric']);
  assert.deepEqual([storage.compactRevision, storage.compactGap], ['0', '66'], '-1 means never compacted');
  assert.equal(storage.compactedInWindow, false);
  assert.equal(valueIn(facts.member(m1, 'proposals')).gap?.last, 0);
  const requests = valueIn(facts.member(m1, 'requests'));
  assert.equal(requests.byMethod.find((rate) => rate.method === 'Put')?.counter.delta, 60);
  assert.equal(requests.errorShare, 0);
  const rtt = valueIn(facts.member(m1, 'rtt'));
  assert.deepEqual(
    rtt.peers.map((peer) => peer.to),
    ['245208469a6e0ef5', 'c42fe195bbee9c8c'],
  );
  assert.ok(rtt.peers.every((peer) => peer.latency.window?.count === 2));
  const source = facts.member(m1, 'walFsync');
  assert.ok(
    source.ok && source.source.length === 2 && source.source[0]?.pointer === 'etcd_disk_wal_fsync_duration_seconds',
  );
});

test('a restarted process: deltas cover the last process only and say so', () => {
  const facts = factsOf(
    { text: prom({ etcd_mvcc_put_total: 1000 }, 1_700_000_000) },
    { text: prom({ etcd_mvcc_put_total: 5 }, 1_767_323_050) },
    { text: prom({ etcd_mvcc_put_total: 29 }, 1_767_323_050.5) },
  );
  const scrapes = valueIn(facts.member(m1, 'scrapes'));
  assert.equal(scrapes.rounds.length, 2);
  assert.equal(scrapes.restarted, true);
  assert.equal(valueIn(facts.member(m1, 'puts')).puts?.delta, 24);
  const process = valueIn(facts.member(m1, 'process'));
  assert.equal(process.restartedInWindow, true);
  assert.equal(process.starts.length, 2, 'half a second of clock adjustment is no restart');
});

test('one scrape only: since-start values, no window', () => {
  const facts = factsOf({ text: scrape35Round1 });
  assert.equal(valueIn(facts.member(m1, 'scrapes')).window, null);
  const fsync = valueIn(facts.member(m1, 'walFsync'));
  assert.equal(fsync.window, null);
  assert.equal(fsync.best.basis, 'since-start');
  const puts = valueIn(facts.member(m1, 'puts'));
  assert.deepEqual([puts.puts?.delta, puts.puts?.perSecond, puts.puts?.sinceStart], [null, null, 65]);
});

test('a counter that goes down without a restart gives no delta', () => {
  const facts = factsOf(
    { text: prom({ etcd_server_leader_changes_seen_total: 9 }) },
    { text: prom({ etcd_server_leader_changes_seen_total: 3 }) },
  );
  const changes = valueIn(facts.member(m1, 'leaderChanges'));
  assert.deepEqual([changes.delta, changes.reset, changes.sinceStart], [null, true, 3]);
});

test('scrapes of two collectors whose clocks differ: what looks like going down is their order', () => {
  const round = (bundleId: string, at: number, value: number | undefined): ScrapeRound => ({
    at,
    durationMs: 5,
    round: 0,
    path: `${bundleId}-${at}`,
    bundleId,
    scrape: parseScrape(prom(value === undefined ? {} : { sent_total: value })),
    startedAt: 1_700_000_000_000,
  });
  const over = (...rounds: readonly [ScrapeRound, ...ScrapeRound[]]): Scrapes => ({
    all: rounds,
    rounds,
    first: rounds[0],
    last: rounds.at(-1) as ScrapeRound,
    window: { from: 0, to: 40_000, seconds: 40 },
    restarted: false,
    uptimeSeconds: 1000,
  });
  const both = over(round('a', 0, 110), round('b', 10, 100), round('a', 40_000, 900), round('b', 40_010, 890));
  assert.deepEqual([counterOf(both, 'sent_total')?.delta, counterOf(both, 'sent_total')?.reset], [800, false]);
  const down = over(round('a', 0, 110), round('b', 10, 112), round('a', 20_000, 4), round('b', 20_010, 8));
  assert.deepEqual([counterOf(down, 'sent_total')?.delta, counterOf(down, 'sent_total')?.reset], [null, true]);
  const late = over(
    round('a', 0, undefined),
    round('b', 10, undefined),
    round('a', 40_000, 30),
    round('b', 40_010, 31),
  );
  assert.equal(counterOf(late, 'sent_total')?.delta, 31, 'a series that appears began at 0');
  const gone = over(round('a', 0, 110), round('b', 10, undefined), round('a', 40_000, 150));
  assert.equal(counterOf(gone, 'sent_total')?.delta, 40, 'a page without it says nothing');
});

test('a labelled series that appears in the window started at 0', () => {
  const handled =
    'grpc_server_handled_total{grpc_code="Unavailable",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"}';
  const ok =
    'grpc_server_handled_total{grpc_code="OK",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"}';
  const requests = valueIn(
    factsOf({ text: prom({ [ok]: 10 }) }, { text: prom({ [ok]: 40, [handled]: 10 }) }).member(m1, 'requests'),
  );
  assert.equal(requests.errors.delta, 10);
  assert.equal(requests.total.delta, 40);
  assert.equal(requests.errorShare, 0.25);
});

test('NaN and missing metrics are gaps, not numbers', () => {
  const facts = factsOf({ text: prom({ etcd_server_proposals_pending: 'NaN' }) });
  assert.match(
    reasonOf(facts.member(m1, 'proposals')),
    /^metrics of m1: etcd_server_proposals_pending is not among them/,
  );
  assert.match(reasonOf(facts.member(m1, 'walWrite')), /etcd_disk_wal_write_duration_seconds/);
});

test('scrapes of two collections hours apart are not one window', () => {
  const facts = factsOf(
    { text: prom({ etcd_mvcc_put_total: 0 }), at: FAKE_START - 6 * 3_600_000 },
    { text: prom({ etcd_mvcc_put_total: 1_000_000 }), at: FAKE_START },
    { text: prom({ etcd_mvcc_put_total: 1_000_010 }), at: FAKE_START + 10_000 },
  );
  assert.equal(valueIn(facts.member(m1, 'puts')).puts?.perSecond, 1);
});

test('a page that is no scrape, and a member without any: reasons name the member and why', () => {
  assert.match(
    reasonOf(factsOf({ text: '<html>nothing here</html>' }).member(m1, 'walFsync')),
    /metrics of m1: no sample/,
  );
  const facts = createFacts(
    fakeCase({
      members: ['m1', 'm2', 'm3'],
      gaps: [{ kind: 'metrics', of: 'm3', round: 0, state: 'timeout', reason: 'not-answering' }],
    }),
  );
  const fact = facts.member(fakeId(2), 'walFsync');
  assert.equal(reasonOf(fact), 'metrics of m3: timeout (not-answering)');
  assert.ok(!fact.ok && fact.missing.kind === 'metrics' && fact.missing.state === 'timeout');
  assert.equal(reasonOf(facts.member(m1, 'walFsync')), 'metrics of m1: not collected');
});

test('sizes above 2^53 stay exact', () => {
  const storage = valueIn(
    factsOf({
      text: prom({
        etcd_mvcc_db_total_size_in_bytes: '9007199254740993',
        etcd_mvcc_db_total_size_in_use_in_bytes: '9007199254740992',
        etcd_server_quota_backend_bytes: '9007199254740994',
      }),
    }).member(m1, 'storage'),
  );
  assert.deepEqual(
    [storage.sizeBytes, storage.inUseBytes, storage.quotaBytes],
    ['9007199254740993', '9007199254740992', '9007199254740994'],
  );
});

test('handling: unary requests by method, and a gap without --metrics=extensive', () => {
  const lines = (count: number): Record<string, number> =>
    Object.fromEntries(
      ['0.1', '0.25', '+Inf'].map((le, i) => [
        `grpc_server_handling_seconds_bucket{grpc_method="Put",grpc_type="unary",le="${le}"}`,
        i === 0 ? 10 : count,
      ]),
    );
  const facts = createFacts(
    fakeCase({
      members: ['m1', 'm2'],
      artifacts: [
        { kind: 'metrics', of: fakeId(0), round: 0, value: prom({ ...lines(10), ...sums('Put', 10) }) },
        { kind: 'metrics', of: fakeId(0), round: 1, value: prom({ ...lines(30), ...sums('Put', 30) }) },
        { kind: 'metrics', of: fakeId(1), round: 0, value: prom({ etcd_server_has_leader: 1 }) },
      ],
    }),
  );
  const { byMethod } = valueIn(facts.member(fakeId(0), 'handling'));
  assert.equal(byMethod[0]?.method, 'Put');
  assert.equal(byMethod[0].latency.window?.count, 20);
  assert.match(reasonOf(facts.member(fakeId(1), 'handling')), /grpc_server_handling_seconds is not among them/);
});

const sums = (method: string, count: number): Record<string, number> => ({
  [`grpc_server_handling_seconds_sum{grpc_method="${method}",grpc_type="unary"}`]: count / 5,
  [`grpc_server_handling_seconds_count{grpc_method="${method}",grpc_type="unary"}`]: count,
});
