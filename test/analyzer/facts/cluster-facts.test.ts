import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesHost } from '../../../analyzer/facts/cluster/certificates.js';
import { createFacts } from '../../../analyzer/facts/index.js';
import { FAKE_CLUSTER_ID, FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { prom, reasonOf, status, valueIn } from './helpers.js';

const [m1, m2, m3] = [fakeId(0), fakeId(1), fakeId(2)];

const statusOf = (
  index: number,
  round: number,
  more: Parameters<typeof status>[1] = {},
  at?: number,
): FakeArtifact => ({
  kind: 'endpoint-status',
  of: `m${index + 1}`,
  round,
  value: status(index, more),
  ...(at === undefined ? {} : { at }),
});

test('a busy healthy cluster: the sampling skew explains the lag', () => {
  const at = (round: number): number => FAKE_START + 1000 + round * 10_000;
  // 5000 entries per second; the follower is read 40 ms earlier: 200 entries behind are no lag.
  const facts = createFacts(
    fakeCase({
      artifacts: [0, 1].flatMap((round) => [
        statusOf(
          0,
          round,
          { raftIndex: String(100_000 + round * 50_000), revision: String(90_000 + round * 50_000) },
          at(round),
        ),
        statusOf(
          1,
          round,
          { raftIndex: String(99_800 + round * 50_000), revision: String(89_800 + round * 50_000) },
          at(round) - 40,
        ),
        statusOf(2, round, { raftIndex: '20000', revision: '10000' }, at(round) + 5),
      ]),
    }),
  );
  const lag = valueIn(facts.cluster('raftLag'));
  assert.equal(lag.leader, m1);
  assert.equal(lag.leaderEntriesPerSecond, 5000);
  const near = lag.members.find((each) => each.member === m2);
  assert.equal(near?.last.entries, 200);
  assert.ok((near.last.error ?? 0) >= 200);
  assert.equal(near.maxProven, 0);
  const far = lag.members.find((each) => each.member === m3);
  assert.ok((far?.minProven ?? 0) > 78_000, 'a real lag stays proven');
  assert.equal(far?.rounds, 2);
  const spread = valueIn(facts.cluster('revisions')).spread;
  assert.deepEqual([spread?.lowest, spread?.highest], [m3, m1]);
});

test('indexes above 2^53 are subtracted exactly; one round gives no error bar and proves nothing', () => {
  const facts = createFacts(
    fakeCase({
      artifacts: [
        statusOf(0, 0, { raftIndex: '9007199254740995' }),
        statusOf(1, 0, { raftIndex: '9007199254740992', raftAppliedIndex: '9007199254740991' }),
      ],
    }),
  );
  const member = valueIn(facts.cluster('raftLag')).members[0];
  assert.deepEqual(
    [member?.last.entries, member?.last.error, member?.last.applyGap, member?.minProven],
    [3, null, 1, 0],
  );
});

test('leader view: disagreement, members without a leader, changes between rounds', () => {
  const none = '0000000000000000';
  const facts = createFacts(
    fakeCase({
      artifacts: [
        statusOf(0, 0),
        statusOf(1, 0),
        statusOf(2, 0, { leader: none, raftTerm: '2' }),
        statusOf(0, 1, { leader: m2, raftTerm: '3' }),
        statusOf(1, 1, { leader: m2, raftTerm: '3' }),
        statusOf(2, 1, { leader: m1, raftTerm: '2' }),
      ],
    }),
  );
  const view = valueIn(facts.cluster('leaderView'));
  assert.deepEqual([view.leader, view.agree, view.highestTerm, view.termDelta], [m2, false, '3', '1']);
  assert.deepEqual(view.named, [m1, m2]);
  assert.deepEqual(view.dissenting, [m3]);
  assert.deepEqual([view.withoutLeader, view.everWithoutLeader], [[], [m3]]);
  assert.equal(view.changes.length, 3);
});

const reads = (of: string, ok: boolean): FakeArtifact => ({
  kind: 'read-latency',
  of,
  value: {
    connectMs: 1,
    serializable: [{ ms: 1, ok: true }],
    linearizable: [ok ? { ms: 2, ok: true } : { ms: 5000, ok: false, code: 'DEADLINE_EXCEEDED' }],
  },
});

test('quorum: proven, refuted, undecided', () => {
  const none = '0000000000000000';
  const held = valueIn(
    createFacts(fakeCase({ artifacts: [statusOf(0, 0), statusOf(1, 0), reads('m1', true)] })).cluster('quorum'),
  );
  assert.deepEqual([held.hasQuorum, held.needed, held.spare], [true, 2, 1]);
  const lost = valueIn(
    createFacts(
      fakeCase({
        members: ['m1', { name: 'm2', reachable: false }, { name: 'm3', reachable: false }],
        artifacts: [statusOf(0, 0, { leader: none }), statusOf(0, 1, { leader: none }), reads('m1', false)],
        gaps: ['m2', 'm3'].map((of) => ({
          kind: 'endpoint-status' as const,
          of,
          round: 0,
          state: 'unreachable' as const,
          reason: 'connection-refused',
        })),
      }),
    ).cluster('quorum'),
  );
  assert.deepEqual([lost.hasQuorum, lost.reachable, lost.spare, lost.commitsAdvanced], [false, [m1], -1, false]);
  const standing = valueIn(
    createFacts(fakeCase({ artifacts: [statusOf(0, 0), statusOf(0, 1), reads('m1', false)] })).cluster('quorum'),
  );
  assert.equal(standing.hasQuorum, null, 'a leader that commits nothing and answers no read proves neither');
  const moving = valueIn(
    createFacts(fakeCase({ artifacts: [statusOf(0, 0), statusOf(0, 1, { raftIndex: '1010' })] })).cluster('quorum'),
  );
  assert.equal(moving.hasQuorum, true);
});

test('a refused login and a learner tell nothing about quorum', () => {
  const refused: FakeArtifact = {
    kind: 'read-latency',
    of: 'm1',
    value: {
      serializable: [{ ms: 1, ok: false, code: 'PERMISSION_DENIED' }],
      linearizable: [{ ms: 1, ok: false, code: 'PERMISSION_DENIED' }],
    },
  };
  const facts = createFacts(
    fakeCase({
      members: ['m1', { name: 'm2', isLearner: true }],
      artifacts: [statusOf(0, 0), refused, reads('m2', false)],
    }),
  );
  assert.deepEqual(valueIn(facts.cluster('quorum')).linearizableFailed, []);
});

const hashed = (
  of: string,
  memberId: string,
  hash: string,
  compactRevision = '5',
  requestedRevision = '90',
): FakeArtifact => ({
  kind: 'hashkv',
  of,
  value: {
    memberId,
    samples: [
      { requestedRevision, headerRevision: '100', hash, compactRevision, at: '2026-01-02T03:04:05.000Z', elapsedMs: 3 },
    ],
  },
});

test('hashes compare at equal revision and equal compact revision only', () => {
  const differ = valueIn(
    createFacts(fakeCase({ artifacts: [hashed('m1', m1, '1'), hashed('m2', m2, '1'), hashed('m3', m3, '2')] })).cluster(
      'hashes',
    ),
  );
  assert.deepEqual([differ.comparable, differ.equal], [true, false]);
  assert.deepEqual(differ.mismatches[0]?.odd, [m3]);
  const tie = valueIn(
    createFacts(fakeCase({ artifacts: [hashed('m1', m1, '1'), hashed('m2', m2, '2')] })).cluster('hashes'),
  );
  assert.deepEqual(tie.mismatches[0]?.odd, [m1, m2], 'two against each other: no majority says which is odd');
  const apart = valueIn(
    createFacts(fakeCase({ artifacts: [hashed('m1', m1, '1'), hashed('m2', m2, '2', '6')] })).cluster('hashes'),
  );
  assert.deepEqual([apart.comparable, apart.equal], [false, null]);
  assert.match(apart.notCompared[0]?.reason ?? '', /compact revision 5/);
  const latest = valueIn(
    createFacts(fakeCase({ artifacts: [hashed('m1', m1, '1', '5', '0'), hashed('m2', m2, '1', '5', '100')] })).cluster(
      'hashes',
    ),
  );
  assert.equal(latest.equal, true, 'revision 0 means the one in the header');
});

const listOf = (of: string, memberId: string, ids: readonly string[], raftTerm = '2'): FakeArtifact => ({
  kind: 'member-list',
  of,
  value: {
    memberId,
    clusterId: FAKE_CLUSTER_ID,
    raftTerm,
    linearizable: false,
    elapsedMs: 1,
    members: ids.map((id, i) => ({
      id,
      name: id === 'aa'.repeat(8) ? '' : `m${i + 1}`,
      peerURLs: [`http://10.0.0.${i + 1}:2380`],
      clientURLs: id === 'aa'.repeat(8) ? [] : [`http://10.0.0.${i + 1}:2379`],
      isLearner: false,
    })),
  },
});

test('membership: union of the views, who does not see whom, members that never started', () => {
  const added = 'aa'.repeat(8);
  const membership = valueIn(
    createFacts(
      fakeCase({
        artifacts: [listOf('m1', m1, [m1, m2, m3, added], '3'), listOf('m2', m2, [m1, m2, m3]), statusOf(2, 0)],
      }),
    ).cluster('membership'),
  );
  assert.deepEqual(membership.unstarted, [added]);
  assert.equal(membership.voters.length, 4);
  assert.equal(membership.agree, false);
  assert.deepEqual(
    membership.differences.map(({ member, field }) => [member, field]),
    [[added, 'presence']],
  );
  assert.deepEqual(membership.members.find((member) => member.id === added)?.notSeenBy, [m2]);
  assert.deepEqual(membership.strangers, []);
});

test('alarms: list, status text and metric name the same alarm; CORRUPT of nobody stays nobody', () => {
  const id = BigInt(`0x${m1}`).toString();
  const facts = createFacts(
    fakeCase({
      artifacts: [
        { kind: 'alarm-list', value: { askedMember: m1, alarms: [{ memberId: m1, alarm: 'NOSPACE' }], elapsedMs: 1 } },
        statusOf(1, 0, { errors: [`memberID:${id} alarm:NOSPACE `, 'memberID:0 alarm:CORRUPT '] }),
        {
          kind: 'metrics',
          of: 'm1',
          round: 0,
          value: prom({ [`etcd_debugging_server_alarms{server_id="${m1}",alarm_type="NOSPACE"}`]: 1 }),
        },
      ],
    }),
  );
  const { armed } = valueIn(facts.cluster('alarms'));
  assert.deepEqual(armed, [
    { alarm: 'CORRUPT', members: ['0000000000000000'], by: ['status'] },
    { alarm: 'NOSPACE', members: [m1], by: ['alarm-list', 'status', 'metrics'] },
  ]);
  assert.match(
    reasonOf(
      createFacts(fakeCase({ gaps: [{ kind: 'alarm-list', state: 'timeout', reason: 'no-quorum' }] })).cluster(
        'alarms',
      ),
    ),
    /timeout \(no-quorum\)/,
  );
});

test('config: precedence, names of old flags, defaults by version, differences in meaning only', () => {
  const config = (
    of: string,
    more: {
      flags?: Record<string, string>;
      env?: Record<string, string>;
      configFileValues?: Record<string, string>;
      configFile?: string;
    },
  ): FakeArtifact => ({
    kind: 'server-config',
    of,
    value: {
      pid: 1,
      executable: 'etcd',
      discoveredBy: 'name',
      flags: {},
      env: {},
      configFileValues: {},
      omitted: [],
      ...more,
    },
  });
  const facts = createFacts(
    fakeCase({
      artifacts: [
        statusOf(0, 0, { version: '3.4.30' }),
        statusOf(1, 0, { version: '3.6.14' }),
        config('m1', {
          flags: {
            'heartbeat-interval': '200',
            'experimental-initial-corrupt-check': '',
            'auto-compaction-retention': '1',
          },
          env: { ETCD_HEARTBEAT_INTERVAL: '300', ETCD_ELECTION_TIMEOUT: '2000' },
        }),
        config('m2', {
          configFile: '/etc/etcd.yaml',
          configFileValues: { 'election-timeout': '2000', 'auto-compaction-retention': '1h0m0s' },
          flags: { 'election-timeout': '9000' },
        }),
      ],
    }),
  );
  const value = valueIn(facts.cluster('config'));
  assert.deepEqual(value.members[m1]?.['heartbeat-interval'], { value: '200', origin: 'flag' });
  assert.deepEqual(value.members[m1]?.['election-timeout'], { value: '2000', origin: 'environment' });
  assert.deepEqual(value.members[m1]?.['initial-corrupt-check'], { value: 'true', origin: 'flag' });
  assert.deepEqual(
    value.members[m2]?.['election-timeout'],
    { value: '2000', origin: 'config-file' },
    'a config file makes etcd ignore flags',
  );
  assert.deepEqual([value.members[m1]?.['pre-vote']?.value, value.members[m2]?.['pre-vote']?.value], ['false', 'true']);
  assert.deepEqual(
    [value.members[m1]?.['snapshot-count']?.value, value.members[m2]?.['snapshot-count']?.value],
    ['100000', '10000'],
  );
  assert.equal(value.members[m3]?.['pre-vote'], undefined, 'no version, no default that depends on it');
  assert.deepEqual(value.known, [m1, m2]);
  const settings = value.differences.map(({ setting }) => setting);
  assert.ok(settings.includes('heartbeat-interval') && settings.includes('initial-corrupt-check'));
  assert.ok(!settings.includes('auto-compaction-retention'), '1 hour in two spellings');
  assert.deepEqual(value.timing[m1], { heartbeatMs: 200, electionMs: 2000, origin: 'flag' });
});

test('peer matrix: one inflated member against one inflated link', () => {
  const rtt = 'etcd_network_peer_round_trip_time_seconds';
  const peers = (to: Readonly<Record<string, number>>): string =>
    prom(
      Object.fromEntries(
        Object.entries(to).flatMap(([id, ms]) => [
          [`${rtt}_bucket{To="${id}",le="3.2768"}`, 10],
          [`${rtt}_bucket{To="${id}",le="+Inf"}`, 10],
          [`${rtt}_sum{To="${id}"}`, (ms / 1000) * 10],
          [`${rtt}_count{To="${id}"}`, 10],
          [`etcd_network_active_peers{Local="x",Remote="${id}"}`, 1],
        ]),
      ),
    );
  const facts = createFacts(
    fakeCase({
      artifacts: [
        { kind: 'metrics', of: 'm1', round: 0, value: peers({ [m2]: 80, [m3]: 82 }) },
        { kind: 'metrics', of: 'm2', round: 0, value: peers({ [m1]: 2, [m3]: 1 }) },
        {
          kind: 'metrics',
          of: 'm3',
          round: 0,
          value: `${peers({ [m1]: 2, [m2]: 1 })}etcd_network_peer_received_failures_total{From="10.0.0.9:41234"} 4\n`,
        },
      ],
    }),
  );
  const matrix = valueIn(facts.cluster('peerMatrix'));
  assert.equal(matrix.links.length, 6);
  const own = matrix.members.find((each) => each.member === m1);
  assert.ok(
    Math.abs((own?.toOthersMs ?? 0) - 81) < 1e-6 &&
      Math.abs((own?.fromOthersMs ?? 0) - 2) < 1e-6 &&
      Math.abs((own?.amongOthersMs ?? 0) - 1) < 1e-6,
  );
  assert.deepEqual([own?.activePeers, own?.expectedPeers], [2, 2]);
  assert.equal(matrix.unattributedReceiveFailures[0]?.counter.sinceStart, 4);
});

test('reachability: hung, refused, answering and never asked are told apart', () => {
  const gap = (of: string, reason: string, state: 'timeout' | 'unreachable' | 'denied' = 'timeout') => ({
    kind: 'endpoint-status' as const,
    of,
    round: 0,
    state,
    reason,
  });
  const facts = createFacts(
    fakeCase({
      members: ['m1', 'm2', 'm3', 'm4'],
      artifacts: [statusOf(0, 0)],
      gaps: [
        gap('m2', 'not-answering'),
        gap('m3', 'connection-refused', 'unreachable'),
        { kind: 'hashkv', of: 'm1', state: 'denied', reason: 'permission-denied' },
        { kind: 'version', of: 'm2', state: 'unreachable', reason: 'target-unreachable' },
      ],
    }),
  );
  assert.equal(valueIn(facts.member(m1, 'reachability')).kind, 'answering', 'a refusal is an answer');
  const hung = valueIn(facts.member(m2, 'reachability'));
  assert.deepEqual(
    [hung.kind, hung.answered, hung.failedRounds, hung.reasons],
    ['hung', false, [0], { 'not-answering': 1 }],
  );
  assert.equal(hung.http.asked, 0, 'a read that was given up beforehand is no question');
  assert.equal(valueIn(facts.member(m3, 'reachability')).kind, 'refused');
  assert.match(reasonOf(facts.member(fakeId(3), 'reachability')), /no network read of m4/);
});

test('certificate names: addresses, case, wildcards of one label, tokens', () => {
  const leaf = { dnsNames: ['etcd-1.Example.com', '*.pods.example.com'], ipAddresses: ['10.0.0.1', 'FD00::1'] };
  assert.equal(namesHost(leaf, '10.0.0.1', false), true);
  assert.equal(namesHost(leaf, 'fd00::1', false), true);
  assert.equal(namesHost(leaf, 'ETCD-1.example.com.', false), true);
  assert.equal(namesHost(leaf, 'a.pods.example.com', false), true);
  assert.equal(namesHost(leaf, 'a.b.pods.example.com', false), false);
  assert.equal(namesHost(leaf, '10.0.0.2', false), false);
  assert.equal(namesHost(leaf, 'host-12ab', true), null);
});
