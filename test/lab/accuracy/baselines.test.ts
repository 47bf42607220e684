/** The plain alternatives: their data fits the rules and signatures there are, they find what they are for, and holes do not break them. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { buildCase, type Case, readBundle } from '../../../analyzer/bundle/index.js';
import { isKnownSignature } from '../../../analyzer/facts/member/log.js';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { readHistogram } from '../../../analyzer/metrics/histogram.js';
import { parseScrape } from '../../../analyzer/metrics/parse.js';
import { rules } from '../../../analyzer/rules/index.js';
import { packageRoot } from '../../../schemas/index.js';
import type { GroundTruth } from '../../golden/fixture.js';
import { FAKE_START, type FakeArtifact, fakeBundle, fakeCase, fakeId } from '../../support/fake-case.js';
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
const truthOf = (id: string): GroundTruth =>
  JSON.parse(readFileSync(join(bundles, id, 'truth.json'), 'utf8')) as GroundTruth;
const withCause = (cause: string): string[] => ids.filter((id) => truthOf(id).truth.causes.includes(cause));

before(async () => {
  for (const id of ids) cases.set(id, await open(join(bundles, id, 'bundle')));
});

const names = (answer: BaselineAnswer): string[] => answer.suspects.map(({ name }) => name);

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
    const healthy = ids.filter((id) => truthOf(id).truth.verdict.every((kind) => kind === 'healthy'));
    assert.ok(healthy.length > 0);
    for (const id of healthy)
      for (const { id: name, judge } of [mixin, memberChecks]) {
        const answer = judge(fixture(id));
        assert.equal(answer.alarmed, false, `${name} on ${id}: ${answer.detail.join('; ')}`);
        assert.equal(answer.healthy, true, `${name} on ${id}`);
      }
  });

  test('what they are made for is found, on the right member', () => {
    const expected: Readonly<Record<string, readonly [typeof mixin, string]>> = {
      'dead-member-in-list': [mixin, 'etcdMembersDown'],
      'vm-pause-or-steal': [mixin, 'etcdMembersDown'],
      'quorum-lost': [mixin, 'etcdInsufficientMembers'],
      'quota-nospace-live-data': [mixin, 'etcdDatabaseQuotaLowSpace'],
      'quota-nospace-no-compaction': [mixin, 'etcdDatabaseQuotaLowSpace'],
    };
    const checks: Readonly<Record<string, string>> = {
      'dead-member-in-list': 'endpoint-refuses',
      'vm-pause-or-steal': 'endpoint-silent',
      'quorum-lost': 'no-quorum',
      'quota-nospace-live-data': 'nospace-alarm',
      'quota-nospace-no-compaction': 'nospace-alarm',
      'quota-alarm-stale': 'nospace-alarm-with-room',
    };
    const all = [
      ...Object.entries(expected).map(([cause, [baseline, name]]) => ({ cause, baseline, name })),
      ...Object.entries(checks).map(([cause, name]) => ({ cause, baseline: memberChecks, name })),
    ];
    let found = 0;
    for (const { cause, baseline, name } of all)
      for (const id of withCause(cause)) {
        const answer = baseline.judge(fixture(id));
        const suspect = answer.suspects.find((each) => each.name === name);
        assert.ok(suspect !== undefined && answer.alarmed, `${name} on ${id}: ${answer.detail.join('; ')}`);
        assert.ok(suspect.rules.includes(cause), `${name} points to ${cause}`);
        const { targets, truth } = truthOf(id);
        if (targets.length > 0 && truth.subject !== 'any') assert.deepEqual(suspect.members, targets, id);
        found += 1;
      }
    assert.ok(found >= 6, 'the fixtures have such cases');
  });

  test('what they do not look at is not found', () => {
    for (const id of withCause('data-inconsistency-between-members'))
      for (const { id: name, judge } of [mixin, memberChecks])
        assert.ok(
          judge(fixture(id)).suspects.every(({ rules: own }) => !own.includes('data-inconsistency-between-members')),
          `${name} on ${id}`,
        );
  });

  test('the same answer each time, on any of them', () => {
    for (const id of ids)
      for (const { id: name, judge } of baselines)
        assert.deepEqual(judge(fixture(id)), judge(fixture(id)), `${name} on ${id}`);
  });
});

const zap = (at: number, level: string, msg: string, more: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({ level, ts: new Date(FAKE_START + at * 1000).toISOString(), caller: 'x.go:1', msg, ...more });
const times = (count: number, line: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => line(2 + (8 * i) / count));

/** A case with a window of 12 s from second 1 on, and these logs. */
const caseWithLogs = async (logs: Readonly<Record<string, readonly string[]>>, dead: readonly string[] = []) =>
  fakeCase({
    members: ['m1', 'm2', 'm3'].map((name) => ({ name, reachable: !dead.includes(name) })),
    artifacts: [0, 1].map((round): FakeArtifact => ({ kind: 'metrics', of: 'm1', round, value: 'up 1\n' })),
    logs: await Promise.all(
      Object.entries(logs).map(async ([member, lines]) => ({
        member,
        summary: await summarizeLog(Readable.from([Buffer.from(`${lines.join('\n')}\n`)]), {
          source: `${member}.log`,
          referenceTime: FAKE_START,
        }),
      })),
    ),
  });

describe('counting log messages', () => {
  const refused = (at: number): string =>
    zap(at, 'warn', 'prober detected unhealthy status', {
      'remote-peer-id': fakeId(2),
      rtt: '0s',
      error: 'dial tcp 10.0.0.3:2380: connect: connection refused',
    });
  const slow = (at: number): string => zap(at, 'warn', 'apply request took too long', { took: '200ms' });

  test('names whom the lines are about, not who wrote them', async () => {
    const answer = logCounting.judge(await caseWithLogs({ m1: times(4, refused), m2: times(4, refused) }));
    assert.ok(answer.alarmed && answer.suspects[0]?.rules.includes('dead-member-in-list'), answer.detail.join('; '));
    assert.deepEqual(answer.suspects[0]?.members, ['m3']);
  });

  test('leaves open what counting cannot tell apart', async () => {
    const answer = logCounting.judge(await caseWithLogs({ m1: [], m2: times(40, slow) }));
    assert.equal(answer.suspects.length, 1);
    for (const rule of ['disk-slow-device', 'cpu-starvation-host', 'large-range-reads'])
      assert.ok(answer.suspects[0]?.rules.includes(rule), rule);
    assert.deepEqual(answer.suspects[0]?.members, ['m2']);
  });

  test('a flood of a vague message does not drown a telling one', async () => {
    const answer = logCounting.judge(await caseWithLogs({ m1: times(400, slow), m2: times(6, refused) }));
    assert.ok(answer.suspects[0]?.rules.includes('dead-member-in-list'), answer.detail.join('; '));
  });

  test('a few warnings call nobody, an error does', async () => {
    const few = logCounting.judge(await caseWithLogs({ m1: times(4, slow) }));
    assert.deepEqual([few.alarmed, few.healthy], [false, true]);
    const error = (at: number): string => zap(at, 'fatal', 'failed to commit tx', { error: 'no space left on device' });
    assert.equal(logCounting.judge(await caseWithLogs({ m1: times(1, error) })).alarmed, true);
  });

  test('what was before the window adds suspects and calls nobody', async () => {
    const before = (at: number): string => slow(at - 20);
    const answer = logCounting.judge(await caseWithLogs({ m1: times(40, before) }));
    assert.deepEqual([answer.alarmed, answer.healthy, answer.suspects.length], [false, true, 1]);
    const long = (at: number): string => slow(at - 200);
    assert.deepEqual(logCounting.judge(await caseWithLogs({ m1: times(40, long) })).suspects, []);
  });

  test('the last words of a member that is gone count', async () => {
    const last = (at: number): string =>
      zap(at - 90, 'fatal', 'failed to commit tx', { error: 'no space left on device' });
    const alive = logCounting.judge(await caseWithLogs({ m3: times(2, last) }));
    const gone = logCounting.judge(await caseWithLogs({ m3: times(2, last) }, ['m3']));
    assert.deepEqual([alive.alarmed, gone.alarmed], [false, true]);
    assert.ok(gone.suspects[0]?.rules.includes('disk-full-enospc'), gone.detail.join('; '));
    assert.deepEqual(gone.suspects[0]?.members, ['m3']);
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

  test('causes before symptoms, hints last, whatever their severity', () => {
    const scrape = (size: number, slow: number): string =>
      `etcd_mvcc_db_total_size_in_bytes ${size}\netcd_server_quota_backend_bytes 1e9\netcd_server_has_leader 0\n${bucketsText(
        'etcd_disk_wal_fsync_duration_seconds',
        '',
        { '0.512': 0, '0.8': slow, '+Inf': slow },
      )}`;
    const answer = mixin.judge(fakeCase({ members: ['m1'], artifacts: scrapesOf(scrape(1e6, 0), scrape(5e6, 100)) }));
    assert.deepEqual(names(answer), ['etcdHighFsyncDurations', 'etcdNoLeader', 'etcdExcessiveDatabaseGrowth']);
  });

  test('a member that only its own node can reach is down', () => {
    const seenFrom = (vantage: string, reached: readonly string[]) =>
      fakeBundle({
        bundleId: `00000000-0000-4000-8000-00000000000${vantage.slice(1)}`,
        vantageHost: `host-${vantage}`,
        artifacts: reached.flatMap((of) =>
          [0, 1].map((round): FakeArtifact => ({ kind: 'metrics', of, round, value: 'up 1\n' })),
        ),
        gaps: ['m1', 'm2', 'm3']
          .filter((of) => !reached.includes(of))
          .flatMap((of) =>
            [0, 1].map((round) => ({ kind: 'metrics' as const, of, round, state: 'unreachable' as const })),
          ),
      });
    const outside = [seenFrom('m1', ['m1', 'm2']), seenFrom('m2', ['m1', 'm2'])];
    const answer = mixin.judge(buildCase([...outside, seenFrom('m3', ['m3'])]));
    assert.deepEqual(names(answer), ['etcdMembersDown'], answer.detail.join('; '));
    assert.deepEqual(answer.suspects[0]?.members, ['m3']);
    assert.deepEqual(names(mixin.judge(buildCase([seenFrom('m3', ['m3'])]))), [
      'etcdInsufficientMembers',
      'etcdMembersDown',
    ]);
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

  /** Of a slow disk; its sick member's name and id. */
  const sick = (): { id: string; member: string; name: string } => {
    const [id = ''] = withCause('disk-slow-device');
    const [name = ''] = truthOf(id).targets;
    return { id, name, member: fixture(id).members.find((member) => member.name === name)?.id ?? '' };
  };
  const damagedCopy = async (name: string, damage: (path: string) => void): Promise<Case> => {
    const path = join(dir, name);
    cpSync(join(bundles, sick().id, 'bundle'), path, { recursive: true });
    damage(path);
    return open(path);
  };
  const filesOf = (path: string): string[] =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file));

  test('without anything there is neither alarm nor health', () => {
    for (const { id, judge } of baselines)
      assert.deepEqual(judge(fakeCase({})), { suspects: [], alarmed: false, healthy: false, detail: [] }, id);
  });

  test('without the scrapes of the sick member the mixin is silent about it, and the logs say what they said', async () => {
    const { id, member, name } = sick();
    let removed = 0;
    const input = await damagedCopy('scrapeless', (path) => {
      for (const file of filesOf(path))
        if (file.includes(member) && file.endsWith('.prom')) {
          unlinkSync(file);
          removed += 1;
        }
    });
    assert.ok(removed > 1);
    assert.ok(mixin.judge(fixture(id)).suspects.some(({ members }) => members.includes(name)));
    assert.ok(mixin.judge(input).suspects.every(({ members }) => !members.includes(name)));
    assert.deepEqual(logCounting.judge(input), logCounting.judge(fixture(id)));
  });

  test('without a manifest no round has a time, so that nothing has a rate', async () => {
    const input = await damagedCopy('no-manifest', (path) => unlinkSync(join(path, 'manifest.json')));
    const answer = mixin.judge(input);
    assert.deepEqual([answer.alarmed, answer.healthy], [false, false], answer.detail.join('; '));
    assert.ok(input.artifacts('metrics').length > 0, 'the scrapes themselves are there');
    assert.equal(memberChecks.judge(input).alarmed, false);
  });

  test('one round has no rates', () => {
    const { id, member } = sick();
    const text = fixture(id).artifacts('metrics', member).at(-1)?.value ?? '';
    assert.ok(text.length > 0);
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
