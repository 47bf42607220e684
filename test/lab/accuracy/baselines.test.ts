/** The plain alternatives: their data fits the rules and signatures there are, they find what they are for, and holes do not break them. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildCase, type Case, readBundle } from '../../../analyzer/bundle/index.js';
import { isKnownSignature } from '../../../analyzer/facts/member/log.js';
import { readHistogram } from '../../../analyzer/metrics/histogram.js';
import { parseScrape } from '../../../analyzer/metrics/parse.js';
import { rules } from '../../../analyzer/rules/index.js';
import { packageRoot } from '../../../schemas/index.js';
import { type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { histogramQuantile } from './baselines/histogram-quantile.js';
import { type BaselineAnswer, baselines } from './baselines/index.js';
import { logCounting, logModes } from './baselines/log-counting.js';
import { memberChecks, memberChecksData } from './baselines/member-checks.js';
import { judgeByMixin, mixin } from './baselines/mixin.js';
import { mixinData } from './baselines/mixin-types.js';

const bundles = join(packageRoot, 'fixtures', 'bundles');
const ids = readdirSync(bundles).sort();
const cases = new Map<string, Case>();
const open = async (path: string): Promise<Case> => buildCase([await readBundle({ path })]);
const fixture = (id: string): Case => {
  const found = cases.get(id);
  assert.ok(found, id);
  return found;
};

before(async () => {
  for (const id of ids) cases.set(id, await open(join(bundles, id, 'bundle')));
});

const truthOf = (id: string) =>
  JSON.parse(readFileSync(join(bundles, id, 'truth.json'), 'utf8')) as { causes: string[]; member?: string };
const names = (answer: BaselineAnswer): string[] => answer.suspects.map(({ name }) => name);
const firstHits = (answer: BaselineAnswer, id: string): boolean =>
  answer.suspects[0]?.rules.some((rule) => truthOf(id).causes.includes(rule)) ?? false;

describe('data of the alternatives', () => {
  const known = new Set(rules.map(({ id }) => id));
  const unknown = (points: readonly string[]): string[] => points.filter((rule) => !known.has(rule));

  test('every cause they point to is a rule', () => {
    assert.deepEqual(
      mixinData().alerts.flatMap(({ points }) => unknown(points)),
      [],
    );
    assert.deepEqual(
      logModes().flatMap(({ points }) => unknown(points)),
      [],
    );
    assert.deepEqual(
      memberChecksData().findings.flatMap(({ points }) => unknown(points)),
      [],
    );
    for (const { name, points } of [...mixinData().alerts, ...memberChecksData().findings])
      assert.ok(points.length > 0, `${name} points to something`);
  });

  test('every log message is a known one, listed once', () => {
    const signatures = logModes().map(({ signature }) => signature);
    assert.deepEqual(
      signatures.filter((id) => !isKnownSignature(id)),
      [],
    );
    assert.equal(new Set(signatures).size, signatures.length);
  });

  test('both editions of the mixin are whole', () => {
    const count = (edition: '3.5' | 'main'): number =>
      mixinData()
        .alerts.flatMap(({ forms }) => forms)
        .filter(({ editions }) => editions.includes(edition)).length;
    assert.equal(count('3.5'), 14);
    assert.equal(count('main'), 15);
  });
});

describe('on captured bundles', () => {
  test('nobody is called for a healthy cluster', () => {
    for (const id of ['healthy-3.4', 'healthy-mtls-3.7'])
      for (const { id: name, judge } of baselines) {
        const answer = judge(fixture(id));
        assert.equal(answer.alarmed, false, `${name} on ${id}: ${answer.detail.join('; ')}`);
        assert.equal(answer.healthy, true, `${name} on ${id}`);
      }
  });

  test('the mixin sees members down, no leader, no quorum, a full quota and slow commits', () => {
    const expected = {
      'dead-follower-3.6': 'etcdMembersDown',
      'paused-follower-3.5': 'etcdMembersDown',
      'partitioned-follower-3.7': 'etcdNoLeader',
      'quorum-lost-3.5': 'etcdInsufficientMembers',
      'nospace-3.4': 'etcdDatabaseQuotaLowSpace',
      'slow-fsync-leader-3.5': 'etcdHighCommitDurations',
    };
    for (const [id, alert] of Object.entries(expected)) {
      const answer = mixin.judge(fixture(id));
      assert.equal(names(answer)[0], alert, `${id}: ${answer.detail.join('; ')}`);
      assert.ok(answer.alarmed && firstHits(answer, id), id);
      const { member } = truthOf(id);
      if (member !== undefined) assert.deepEqual(answer.suspects[0]?.members, [member], id);
    }
  });

  test('the mixin sees neither a CPU quota of the leader nor diverged data', () => {
    for (const id of ['cpu-quota-leader-3.6', 'diverged-3.6']) {
      const answer = mixin.judge(fixture(id));
      assert.deepEqual([answer.alarmed, answer.healthy, names(answer)], [false, true, []], id);
    }
  });

  test('member checks see who is silent, who refuses, who is cut off and who is full', () => {
    const expected = {
      'dead-follower-3.6': 'endpoint-refuses',
      'paused-follower-3.5': 'endpoint-silent',
      'partitioned-follower-3.7': 'linearizable-read-fails',
      'quorum-lost-3.5': 'no-quorum',
      'nospace-3.4': 'nospace-alarm',
    };
    for (const [id, finding] of Object.entries(expected)) {
      const answer = memberChecks.judge(fixture(id));
      assert.equal(names(answer)[0], finding, `${id}: ${answer.detail.join('; ')}`);
      assert.ok(answer.alarmed && firstHits(answer, id), id);
      const { member } = truthOf(id);
      if (member !== undefined) assert.deepEqual(answer.suspects[0]?.members, [member], id);
    }
    for (const id of ['slow-fsync-leader-3.5', 'cpu-quota-leader-3.6', 'diverged-3.6'])
      assert.deepEqual(memberChecks.judge(fixture(id)).alarmed, false, id);
  });

  test('counting finds the slow disk among look-alikes, names the member, and cannot tell a paused one', () => {
    const slow = logCounting.judge(fixture('slow-fsync-leader-3.5'));
    assert.ok(slow.alarmed && firstHits(slow, 'slow-fsync-leader-3.5'), slow.detail.join('; '));
    assert.ok((slow.suspects[0]?.rules.length ?? 0) > 1, 'other causes have as many lines');
    assert.deepEqual(slow.suspects[0]?.members, ['m2']);
    const dead = logCounting.judge(fixture('dead-follower-3.6'));
    assert.ok(firstHits(dead, 'dead-follower-3.6'));
    assert.deepEqual(dead.suspects[0]?.members, ['m1'], 'whom the lines are about, not who wrote them');
    assert.equal(firstHits(logCounting.judge(fixture('paused-follower-3.5')), 'paused-follower-3.5'), false);
  });

  test('the same answer each time', () => {
    for (const { judge } of baselines)
      assert.deepEqual(judge(fixture('quorum-lost-3.5')), judge(fixture('quorum-lost-3.5')));
  });
});

/** Scrapes of m1, one per round. */
const scrapesOf = (...texts: readonly string[]): FakeArtifact[] =>
  texts.map((value, round) => ({ kind: 'metrics', of: 'm1', round, value }));

const bucketsText = (metric: string, labels: string, counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([le, count]) => `${metric}_bucket{${labels}${labels === '' ? '' : ','}le="${le}"} ${count}\n`)
    .join('');

describe('conditions of the mixin', () => {
  const alerts = (texts: readonly string[], edition: '3.5' | 'main' = 'main'): readonly string[] =>
    judgeByMixin(fakeCase({ members: ['m1'], artifacts: scrapesOf(...texts) }), edition).detail;

  test('a quantile is linear within its bucket and ends at the last bound', () => {
    const read = (counts: Readonly<Record<string, number>>) => {
      const histogram = readHistogram(parseScrape(bucketsText('x_seconds', '', counts)), 'x_seconds');
      assert.ok(histogram);
      return histogram;
    };
    assert.equal(histogramQuantile(read({ '0.1': 0, '0.2': 100, '+Inf': 100 }), 0.5), 150);
    assert.equal(histogramQuantile(read({ '0.1': 100, '0.2': 100, '+Inf': 100 }), 0.99), 99);
    assert.equal(histogramQuantile(read({ '0.1': 0, '0.2': 1, '+Inf': 100 }), 0.99), 200);
    assert.equal(histogramQuantile(read({ '0.1': 0, '0.2': 0, '+Inf': 0 }), 0.99), null);
  });

  test('only what grew in the window counts', () => {
    const fsync = (slow: number, all: number): string =>
      bucketsText('etcd_disk_wal_fsync_duration_seconds', '', { '0.256': all - slow, '1.024': all, '+Inf': all });
    assert.deepEqual(alerts([fsync(100, 100), fsync(100, 300)]), [], 'slow before the window');
    assert.deepEqual(alerts([fsync(0, 100), fsync(50, 300)]).length, 1, 'slow in it');
    assert.deepEqual(alerts([fsync(50, 300)]), [], 'one scrape has no rate');
  });

  test('severity follows the threshold, and the graver comes first', () => {
    const fsync = (count: number): string =>
      bucketsText('etcd_disk_wal_fsync_duration_seconds', '', { '1.024': 0, '2.048': count, '+Inf': count });
    assert.deepEqual(
      alerts([fsync(0), fsync(100)]).map((text) => text.replace(/:.*/, '')),
      ['etcdHighFsyncDurations (critical)', 'etcdHighFsyncDurations (warning)'],
    );
  });

  test('calls of the collector are nobody’s alarm, and 3.5 counts every failure', () => {
    const handled = (method: string, code: string, count: number): string =>
      `grpc_server_handled_total{grpc_code="${code}",grpc_method="${method}",grpc_service="s",grpc_type="unary"} ${count}\n`;
    const grow = (method: string, code: string): string[] => [
      handled(method, code, 0) + handled(method, 'OK', 0),
      handled(method, code, 10) + handled(method, 'OK', 90),
    ];
    assert.equal(alerts(grow('Range', 'Unavailable')).length, 2, 'warning and critical');
    assert.deepEqual(alerts(grow('HashKV', 'Unavailable')), []);
    assert.deepEqual(alerts(grow('Range', 'InvalidArgument')), []);
    assert.equal(alerts(grow('Range', 'InvalidArgument'), '3.5').length, 2);
  });

  test('elections of a young process count from its first on', () => {
    const scrape = (changes: number, startedAgo: number): string =>
      `etcd_server_leader_changes_seen_total ${changes}\nprocess_start_time_seconds ${Date.UTC(2026, 0, 2, 3, 4, 5) / 1000 - startedAgo}\n`;
    assert.deepEqual(alerts([scrape(4, 60), scrape(4, 60)]), [], 'the first election is no change');
    assert.equal(alerts([scrape(4, 60), scrape(5, 60)]).length, 1);
    assert.deepEqual(alerts([scrape(40, 86_400), scrape(41, 86_400)]), [], 'long ago');
    assert.equal(alerts([scrape(40, 86_400), scrape(44, 86_400)]).length, 1);
  });

  test('a slow link names the member at the end of all slow links', () => {
    const rtt = (to: number, slow: number): string =>
      bucketsText('etcd_network_peer_round_trip_time_seconds', `To="${fakeId(to)}"`, {
        '0.1': 100 - slow,
        '0.8': 100,
        '+Inf': 100,
      });
    const none = (to: number): string => rtt(to, 0).replaceAll(/} \d+/g, '} 0');
    const of = (name: string, ...ends: readonly (readonly [number, number])[]): FakeArtifact[] => [
      { kind: 'metrics', of: name, round: 0, value: ends.map(([to]) => none(to)).join('') },
      { kind: 'metrics', of: name, round: 1, value: ends.map(([to, slow]) => rtt(to, slow)).join('') },
    ];
    const artifacts = [...of('m1', [1, 0], [2, 50]), ...of('m2', [0, 0], [2, 50]), ...of('m3', [0, 0], [1, 0])];
    const answer = mixin.judge(fakeCase({ artifacts }));
    assert.deepEqual(names(answer), ['etcdMemberCommunicationSlow']);
    assert.deepEqual(answer.suspects[0]?.members, ['m3']);
  });

  test('a prediction over four hours adds a suspect and alarms nobody', () => {
    const size = (bytes: number): string =>
      `etcd_mvcc_db_total_size_in_bytes ${bytes}\netcd_server_quota_backend_bytes 1e9\n`;
    const answer = mixin.judge(fakeCase({ members: ['m1'], artifacts: scrapesOf(size(1e6), size(5e6)) }));
    assert.deepEqual(names(answer), ['etcdExcessiveDatabaseGrowth']);
    assert.deepEqual([answer.alarmed, answer.healthy], [false, true]);
  });
});

const status = (
  of: string,
  round: number,
  more: { index?: number; revision?: string; version?: string; errors?: string[]; dbSize?: number } = {},
): FakeArtifact => ({
  kind: 'endpoint-status',
  of,
  round,
  value: {
    memberId: fakeId(Number(of.slice(1)) - 1),
    clusterId: 'cdf818194e3a8c32',
    revision: more.revision ?? String(more.index ?? 1000 + 600 * round),
    version: more.version ?? '3.6.1',
    dbSize: String(more.dbSize ?? 1e6),
    dbSizeInUse: String(more.dbSize ?? 1e6),
    leader: fakeId(0),
    raftIndex: String(more.index ?? 1000 + 600 * round),
    raftAppliedIndex: String(more.index ?? 1000 + 600 * round),
    raftTerm: '2',
    errors: more.errors ?? [],
    isLearner: false,
    elapsedMs: 1,
  },
});

describe('member checks', () => {
  const judge = (artifacts: readonly FakeArtifact[]): BaselineAnswer => memberChecks.judge(fakeCase({ artifacts }));
  const usual = (round: number): FakeArtifact[] => [status('m1', round), status('m2', round)];

  test('indexes may differ by what is committed in a second', () => {
    // 600 entries in 12 s: 50 a second.
    const near = [...usual(0), status('m3', 0, { index: 960 }), ...usual(1), status('m3', 1, { index: 1560 })];
    assert.deepEqual(names(judge(near)), []);
    const far = [...usual(0), status('m3', 0, { index: 900 }), ...usual(1), status('m3', 1, { index: 1500 })];
    assert.deepEqual(names(judge(far)), ['indexes-differ']);
    assert.deepEqual(judge(far).suspects[0]?.members, ['m3']);
    const once = [...usual(0), status('m3', 0, { index: 900 }), ...usual(1), status('m3', 1)];
    assert.deepEqual(names(judge(once)), [], 'it asks again');
  });

  test('another revision at the same index is another database', () => {
    const rounds = [0, 1].flatMap((round) => [...usual(round), status('m3', round, { revision: '7' })]);
    assert.deepEqual(names(judge(rounds)), ['revision-differs-at-equal-index']);
    assert.deepEqual(judge(rounds).suspects[0]?.rules, ['data-inconsistency-between-members']);
  });

  test('a NOSPACE alarm with room in the database is another finding than without', () => {
    const errors = ['memberID:1 alarm:NOSPACE '];
    assert.deepEqual(names(judge([status('m1', 0, { errors })])), ['nospace-alarm-with-room']);
    const full = judge([status('m1', 0, { errors, dbSize: 2.1e9 })]);
    assert.deepEqual(names(full), ['nospace-alarm', 'database-large']);
  });

  test('mixed versions are always a finding', () => {
    const rounds = [...usual(0), status('m3', 0, { version: '3.6.2' })];
    assert.deepEqual(names(judge(rounds)), ['version-differs']);
  });

  test('slow reads are printed, not judged', () => {
    const attempts = [{ ms: 900, ok: true }];
    const answer = judge([
      ...usual(0),
      { kind: 'read-latency', of: 'm1', value: { serializable: [{ ms: 1, ok: true }], linearizable: attempts } },
    ]);
    assert.deepEqual(names(answer), ['linearizable-reads-slow']);
    assert.deepEqual([answer.alarmed, answer.healthy], [false, true]);
  });
});

describe('holes and hostile input', () => {
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'etcd-evidence-baselines-'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const damagedCopy = async (name: string, damage: (path: string) => void): Promise<Case> => {
    const path = join(dir, name);
    cpSync(join(bundles, 'slow-fsync-leader-3.5', 'bundle'), path, { recursive: true });
    damage(path);
    return open(path);
  };
  const filesOf = (path: string): string[] =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file));

  test('without anything there is neither alarm nor health', () => {
    for (const { id, judge } of baselines)
      assert.deepEqual(judge(fakeCase({})), { suspects: [], alarmed: false, healthy: false, detail: [] }, id);
  });

  test('without the scrapes of the sick member the mixin is silent about it', async () => {
    const input = await damagedCopy('scrapeless', (path) => {
      for (const file of filesOf(path)) if (/50d4e3323eade85e.*\.prom$/.test(file)) unlinkSync(file);
    });
    const answer = mixin.judge(input);
    assert.deepEqual(names(answer), [], answer.detail.join('; '));
    assert.equal(answer.healthy, true, 'the others were looked at');
    assert.ok(logCounting.judge(input).alarmed, 'the logs are still there');
  });

  test('without a manifest no round has a time, so that nothing has a rate', async () => {
    const input = await damagedCopy('no-manifest', (path) => unlinkSync(join(path, 'manifest.json')));
    const answer = mixin.judge(input);
    assert.deepEqual([answer.alarmed, answer.healthy], [false, false], answer.detail.join('; '));
    assert.ok(input.artifacts('metrics').length > 0, 'the scrapes themselves are there');
    assert.equal(memberChecks.judge(input).alarmed, false);
  });

  test('one round has no rates', () => {
    const text = readFileSync(
      join(bundles, 'slow-fsync-leader-3.5', 'bundle', 'members', '50d4e3323eade85e', 'metrics-1.prom'),
      'utf8',
    );
    const answer = mixin.judge(fakeCase({ members: ['m1'], artifacts: scrapesOf(text) }));
    assert.deepEqual([answer.alarmed, answer.healthy], [false, false]);
  });

  test('what is no scrape and no log line alarms nobody', async () => {
    const input = await damagedCopy('garbage', (path) => {
      for (const file of filesOf(path)) {
        if (file.endsWith('.prom'))
          writeFileSync(file, 'etcd_server_has_leader NaN\n{{{\nx{le="y"} z\n\u0000'.repeat(99));
        if (file.endsWith('.log')) writeFileSync(file, '\u0000\u001b[31m{"msg":'.repeat(999));
      }
    });
    for (const { id, judge } of [mixin, logCounting]) assert.equal(judge(input).alarmed, false, id);
  });
});
