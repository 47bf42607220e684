import type { Report } from '../../schemas/index.js';

export const memberIds = ['8211f1d0f64f3269', '91bc3c398fb3c146', 'fd422379fda50e48'] as const;

const names = ['m1', 'm2', 'm3'] as const;
const fsyncBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, null];

const buckets = (counts: readonly number[]) => fsyncBounds.map((leMs, index) => ({ leMs, count: counts[index] ?? 0 }));

const outcome = (rule: string, title: string, category: string): Report['outcomes'][number] => ({
  rule,
  title,
  category,
  outcome: 'pass',
  coverage: { observed: 3, total: 3, unit: 'members', missing: [] },
});

/** A healthy cluster of three members: the ground from which the other samples differ. */
export const healthyReport = (): Report => ({
  schema: 'etcd-evidence/report/v1',
  generatedAt: '2026-11-22T10:06:00Z',
  tool: { name: 'etcd-analyze', version: '0.1.0' },
  verdict: {
    kind: 'healthy',
    headline: 'The cluster is healthy',
    summary:
      'All three members answer, agree on the leader and on the data, and keep up. Disk, CPU and network have room.',
    criteria: [
      { id: 'quorum', text: 'A majority of the voting members answers', met: true, decisive: true },
      { id: 'no-cause', text: 'No fault is confirmed', met: true, decisive: true },
    ],
    recovery: { justified: false, text: 'Nothing needs recovery.' },
  },
  diagnosis: { causes: [], symptoms: [], risks: [], notices: [] },
  actions: [],
  doNot: [],
  owners: [],
  outcomes: [
    outcome('disk-slow-device', 'Slow device', 'storage'),
    outcome('backend-commit-slow', 'Slow backend commit', 'storage'),
    outcome('quota-nospace-no-compaction', 'Out of quota, never compacted', 'quota'),
    outcome('cpu-cgroup-throttling', 'CPU quota throttles the etcd process', 'resources'),
    outcome('peer-rtt-high', 'Slow network between members', 'network'),
    outcome('quorum-lost', 'Quorum is lost', 'raft'),
    outcome('data-inconsistency-between-members', 'Members hold different data', 'integrity'),
    { ...outcome('cert-expired', 'Certificate expired', 'security'), outcome: 'not-applicable', reason: 'no TLS' },
    {
      ...outcome('oom-killed', 'Killed for memory', 'resources'),
      outcome: 'inconclusive',
      reason: 'kernel log not read',
      coverage: { observed: 0, total: 3, unit: 'hosts', missing: [] },
    },
  ],
  coverage: {
    planned: 68,
    states: { ok: 66, 'skipped-by-user': 2 },
    gaps: [
      {
        what: 'Key-space statistics',
        target: 'cluster',
        state: 'skipped-by-user',
        reason: 'adds load',
        command: 'etcd-collect --allow-load',
      },
    ],
    windowSeconds: 36,
    rounds: 4,
    maxSkewMs: 12,
  },
  cluster: {
    clusterIds: ['7d3f000000000001'],
    voters: 3,
    learners: 0,
    reachable: 3,
    quorum: 2,
    hasQuorum: true,
    leader: { kind: 'member', id: memberIds[0], name: 'm1' },
    term: '9',
    versions: ['3.5.30'],
    revision: '184220',
  },
  members: memberIds.map((id, index) => ({
    id,
    name: names[index] ?? '',
    endpoint: `https://10.0.0.${index + 1}:2379`,
    role: index === 0 ? 'leader' : 'follower',
    reachable: true,
    health: 'ok',
    version: '3.5.30',
    dbSizeBytes: '665845760',
    dbInUseBytes: '579862528',
    quotaBytes: '2147483648',
    raftIndex: String(201_884 - (index === 2 ? 1 : 0)),
    raftAppliedIndex: '201884',
    raftTerm: '9',
    revision: '184220',
    lag: { entries: index === 2 ? 1 : 0, error: index === 0 ? 0 : 2 },
    fsyncP99: { loMs: 2, hiMs: 4, count: 900, basis: 'window' },
    commitP99: { loMs: 4, hiMs: 8, count: 300, basis: 'window' },
    cpuStalledPercent: 1,
    startedAt: '2026-10-01T08:00:00Z',
    host: `h${index + 1}`,
    errors: [],
  })),
  timeline: {
    from: '2026-11-22T09:40:00Z',
    to: '2026-11-22T10:05:02Z',
    window: { from: '2026-11-22T10:04:26Z', to: '2026-11-22T10:05:02Z' },
    lanes: memberIds.map((member, index) => ({ member, name: names[index] ?? '', events: [], gaps: [] })),
  },
  logs: [],
  decision: {
    order: 'nothing',
    text: 'Nothing has to be decided now.',
    policy: { name: 'default', origin: 'built-in' },
    escalation: [],
  },
  charts: {
    walFsync: memberIds.map((member, index) => ({
      member,
      name: names[index] ?? '',
      basis: 'window',
      buckets: buckets([520 - index * 60, 280 + index * 40, 90, 10 * index]),
    })),
    backendCommit: memberIds.map((member, index) => ({
      member,
      name: names[index] ?? '',
      basis: 'window',
      buckets: buckets([20, 120, 110, 45 + index * 4, 4]),
    })),
    peerMatrix: memberIds.flatMap((from, i) =>
      memberIds
        .filter((to) => to !== from)
        .map((to, j) => ({ from, to, ms: 1.1 + i * 0.1 + j * 0.05, basis: 'peer RTT histogram', ok: true })),
    ),
    storage: memberIds.map((member, index) => ({
      member,
      name: names[index] ?? '',
      sizeBytes: '665845760',
      inUseBytes: '579862528',
      quotaBytes: '2147483648',
    })),
  },
  config: [
    { setting: 'heartbeat-interval', values: memberIds.map((member) => ({ member, value: '100' })), differs: false },
    {
      setting: 'quota-backend-bytes',
      values: memberIds.map((member) => ({ member, value: '2147483648' })),
      differs: false,
      note: 'default',
    },
  ],
  access: [{ what: 'Client API', target: 'cluster', access: 'granted' }],
  thresholds: [
    { id: 'wal-fsync-p99', value: '10 ms', source: 'https://etcd.io/docs/v3.5/faq/', origin: 'built-in' },
    { id: 'backend-commit-p99', value: '25 ms', source: 'https://etcd.io/docs/v3.5/faq/', origin: 'built-in' },
    { id: 'cpu-throttled-share', value: '5 %', source: 'kernel cgroup v2 documentation', origin: 'scaled' },
  ],
  provenance: {
    bundles: [
      {
        bundleId: '3f2a9c0e5b7d4e61a8c2d4f60b1e7a93',
        file: 'etcd-evidence_prod_20261122T100502Z_3f2a9c0e.tar.gz',
        createdAt: '2026-11-22T10:05:02Z',
        collector: '0.1.0',
        redaction: 'standard',
        endReason: 'finished',
        intact: true,
        problems: [],
        vantage: 'h1',
      },
    ],
    rules: 42,
    signatures: 300,
  },
});
