import type { Report, ReportEvidence, ReportFinding } from '../../schemas/index.js';
import { healthyReport, memberIds } from './sample-reports-base.js';

/** Invented reports of every sort a rendering must cope with; each is valid against the report schema. */

const [m1, m2, m3] = memberIds;
const subject = (id: string, name: string) => ({ kind: 'member' as const, id, name });

const evidence = (
  text: string,
  observed: string,
  limit: string,
  path: string,
  more: Partial<ReportEvidence> = {},
): ReportEvidence => ({
  weight: 'supporting',
  state: 'present',
  text,
  observed,
  limit,
  limitSource: 'etcd tuning guide',
  source: [{ artifact: 'metrics', path, pointer: 'etcd_disk_wal_fsync_duration_seconds' }],
  ...more,
});

export const finding = (rule: string, title: string, more: Partial<ReportFinding> = {}): ReportFinding => ({
  rule,
  title,
  message: `${title}.`,
  category: 'resources',
  role: 'cause',
  when: 'now',
  severity: 'high',
  confidence: { level: 'high', score: 0.93 },
  subjects: [subject(m1, 'm1')],
  evidence: [],
  contradictedBy: [],
  explains: [],
  alternatives: [],
  wouldDisprove: [],
  nextEvidence: [],
  remedy: [],
  doNot: [],
  owner: 'operator',
  why: 'a member that gets no CPU time answers late and looks dead to the others',
  ...more,
});

const lanes = (): Report['timeline']['lanes'] => {
  const at = (minute: number, second: number) =>
    `2026-11-22T09:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`;
  const late = [46, 48, 49, 51, 53, 54, 56, 57, 58].flatMap((minute) =>
    [3, 11, 19, 40].map((second) => ({
      at: at(minute, second),
      kind: 'late-heartbeat',
      label: 'late heartbeat',
      count: 1 + (second % 5),
      tone: 'warning' as const,
    })),
  );
  return [
    {
      member: m1,
      name: 'm1',
      events: [
        ...late,
        { at: at(57, 30), kind: 'apply-slow', label: 'apply took too long', count: 12, tone: 'error' as const },
      ],
      gaps: [],
    },
    {
      member: m2,
      name: 'm2',
      events: [
        {
          at: at(48, 5),
          kind: 'election-won',
          label: 'm2 became leader at term 8',
          count: 1,
          tone: 'election' as const,
        },
        { at: at(41, 20), kind: 'lost-leader', label: 'lost leader', count: 1, tone: 'warning' as const },
      ],
      gaps: [],
    },
    {
      member: m3,
      name: 'm3',
      events: [
        {
          at: at(55, 9),
          kind: 'election-won',
          label: 'm1 became leader at term 9',
          count: 1,
          tone: 'election' as const,
        },
        { at: at(44, 2), kind: 'slow-request', label: 'slow read-only request', count: 3, tone: 'info' as const },
      ],
      gaps: [{ from: at(50, 30), to: at(52, 45) }],
    },
  ];
};

/** The leader starved by its cgroup, as in the sketch of the report. */
export const throttledReport = (): Report => {
  const report = healthyReport();
  const cause = finding('cpu-cgroup-throttling', 'CPU quota throttles the etcd process', {
    message: 'The cgroup of m1 may use 0.04 of a core and was throttled in 97 % of its periods.',
    owner: 'platform',
    evidence: [
      evidence('Throttled periods of the cgroup in the window', '97 %', '5 %', 'hosts/h1/cgroup-3.json', {
        weight: 'necessary',
        source: [{ artifact: 'cgroup', path: 'hosts/h1/cgroup-3.json', pointer: '/cpu/stat' }],
      }),
      evidence('Late heartbeats in 36 s, to all followers alike', '38', '0', `members/${m1}/metrics-3.prom`),
      evidence('Round trip inflated to every peer, from m1 only', '61 ms', '50 ms', `members/${m1}/metrics-3.prom`),
      evidence('Device idle while fsync was slow', '3 % busy', '60 %', 'hosts/h1/diskstats-3.txt'),
      evidence('CPU steal of the virtual machine', '0 %', '10 %', 'hosts/h1/vmstat-3.txt', { state: 'absent' }),
      evidence('Kernel log of the host', '', '', '', { state: 'unknown', source: [] }),
    ],
    contradictedBy: [
      evidence('WAL fsync p99 looks like a slow disk', '64–128 ms', '10 ms', `members/${m1}/metrics-3.prom`, {
        weight: 'contradicting',
        answer: 'the device was 3 % busy and a flush took 0.4 ms: the time was lost waiting for the CPU',
      }),
    ],
    explains: [
      {
        rule: 'leader-flapping',
        title: 'Leader changes',
        message: 'Leadership was lost twice in 25 minutes.',
        subjects: [subject(m1, 'm1')],
        severity: 'high',
      },
      {
        rule: 'wal-fsync-slow',
        title: 'Slow WAL fsync',
        message: 'p99 of WAL fsync lies in 64–128 ms.',
        subjects: [subject(m1, 'm1')],
        severity: 'high',
      },
    ],
    alternatives: [
      { rule: 'disk-slow-device', title: 'slow device', why: 'idle in the window' },
      { rule: 'peer-rtt-high', title: 'slow network to one peer', why: 'all peers alike' },
      { rule: 'vm-pause-or-steal', title: 'pause of the virtual machine', why: 'no steal, no clock jump' },
    ],
    wouldDisprove: ['the same lateness with the CPU limit lifted'],
    nextEvidence: [{ what: 'Kernel log of m1’s host', command: 'sudo etcd-collect --local --series case-4711' }],
    remedy: [{ text: 'Raise the CPU limit of etcd on m1.', tag: 'restarts' }],
  });
  return {
    ...report,
    verdict: {
      kind: 'investigate',
      headline: 'Member m1 starves for CPU; its disk is healthy',
      summary:
        'The leader m1 runs in a cgroup that may use 0.04 of a core and was throttled in 97 % of its periods. Its heartbeats came up to 2.3 s late and it lost leadership twice in 25 minutes. Quorum holds (3 of 3 answer), data agree at revision 184220.',
      criteria: [
        { id: 'quorum', text: 'A majority of the voting members answers', met: true, decisive: false },
        { id: 'confirmed-cause', text: 'A cause is confirmed and acts now', met: true, decisive: true },
        { id: 'data-agree', text: 'The hashes of all members agree', met: true, decisive: false },
        { id: 'kernel-clean', text: 'No kernel message of a failing device', met: null, decisive: false },
      ],
      recovery: { justified: false, text: 'Recovery is not justified: quorum holds and no data are lost.' },
    },
    diagnosis: {
      causes: [
        cause,
        finding('heartbeat-election-mistuned', 'Timers leave no slack for this host', {
          category: 'config',
          severity: 'warning',
          confidence: { level: 'low', score: 0.3 },
          message: 'An election timeout of 1 s is below ten times the round trip that m1 shows.',
          evidence: [
            evidence(
              'Election timeout against the round trip',
              '1000 ms',
              '610 ms',
              `members/${m1}/server/config.json`,
            ),
          ],
        }),
      ],
      symptoms: [],
      risks: [
        finding('fd-exhaustion', 'Few file descriptors left on m2', {
          role: 'risk',
          severity: 'warning',
          subjects: [subject(m2, 'm2')],
        }),
      ],
      notices: [
        finding('eol-version', 'End of life of the running version in 5 months', {
          role: 'notice',
          severity: 'info',
          category: 'version',
        }),
      ],
    },
    actions: [
      {
        text: 'Move leadership away from m1.',
        tag: 'brief-interruption',
        command: 'etcdctl move-leader 91bc3c398fb3c146',
      },
      { text: 'Raise the CPU limit of etcd on m1 to at least 2 cores, or remove it.', tag: 'restarts' },
      { text: 'Collect again and compare.', tag: 'read-only', command: 'etcd-collect --series case-4711' },
    ],
    doNot: [
      'replace the disk or the member: data and device are sound',
      'restore a backup: quorum holds',
      'raise the election timeout as the cure',
    ],
    owners: [
      { owner: 'platform team', for: 'the CPU limit of the pod' },
      { owner: 'infrastructure team', for: 'the kernel log of m2 and m3, not readable from here' },
    ],
    members: report.members.map((member) =>
      member.id === m1
        ? {
            ...member,
            health: 'degraded',
            fsyncP99: { loMs: 64, hiMs: 128, count: 812, basis: 'window' },
            commitP99: { loMs: 256, hiMs: 512, count: 240, basis: 'window' },
            cpuStalledPercent: 97,
          }
        : member,
    ),
    timeline: {
      from: '2026-11-22T09:40:00Z',
      to: '2026-11-22T10:05:02Z',
      window: { from: '2026-11-22T10:04:26Z', to: '2026-11-22T10:05:02Z' },
      lanes: lanes(),
    },
    charts: {
      ...report.charts,
      walFsync: report.charts.walFsync.map((item) =>
        item.member === m1
          ? {
              ...item,
              buckets: item.buckets.map((bucket, index) => ({
                ...bucket,
                count: [2, 6, 14, 40, 98, 180, 260, 150, 48, 14, 0, 0, 0, 0, 0][index] ?? 0,
              })),
            }
          : item,
      ),
    },
    outcomes: report.outcomes.map((outcome) =>
      outcome.rule === 'cpu-cgroup-throttling'
        ? {
            ...outcome,
            outcome: 'fail',
            coverage: { ...outcome.coverage, observed: 2, missing: [{ subject: m3, reason: 'denied' }] },
          }
        : outcome,
    ),
    coverage: {
      ...report.coverage,
      planned: 68,
      states: { ok: 61, denied: 4, 'skipped-by-user': 3 },
      gaps: [
        {
          what: 'Kernel log',
          target: `${m2}, ${m3}`,
          state: 'denied',
          reason: 'needs root on the node',
          who: 'infrastructure team',
          command: 'sudo etcd-collect --local',
        },
        {
          what: 'Key-space statistics',
          target: 'cluster',
          state: 'skipped-by-user',
          reason: 'adds load',
          command: 'etcd-collect --allow-load',
        },
      ],
    },
    config: [
      ...report.config,
      {
        setting: 'election-timeout',
        values: [
          { member: m1, value: '1000' },
          { member: m2, value: '1000' },
          { member: m3, value: '5000' },
        ],
        differs: true,
        note: 'members should agree',
      },
    ],
    access: [
      {
        what: 'Kernel log',
        target: m2,
        access: 'denied',
        deniedBy: 'file permission',
        whoCanSupply: 'infrastructure team',
        command: 'sudo etcd-collect --local',
      },
      { what: 'Client API', target: 'cluster', access: 'granted' },
    ],
  };
};

/** Two of three members gone: one still answers. */
export const quorumLostReport = (): Report => {
  const report = healthyReport();
  return {
    ...report,
    verdict: {
      kind: 'intervene-now',
      headline: 'Quorum is lost: one of three members answers',
      summary:
        'Only m3 answers; m1 and m2 refuse connections. No write and no linearizable read succeeds. The data of m3 are whole up to revision 184220.',
      criteria: [{ id: 'quorum', text: 'A majority of the voting members answers', met: false, decisive: true }],
      recovery: {
        justified: null,
        text: 'First find out whether m1 or m2 can be started again; only then think of recovery.',
      },
    },
    diagnosis: {
      causes: [
        finding('quorum-lost', 'Quorum is lost', {
          category: 'raft',
          severity: 'critical',
          subjects: [subject(m1, 'm1'), subject(m2, 'm2')],
          message: 'm1 and m2 refuse connections on the client and the peer port.',
          evidence: [
            evidence(
              'TCP connect to the client port',
              'refused',
              'accepted',
              'vantage/10.0.0.1_2379/tcp-connect.json',
              { weight: 'necessary', subject: subject(m1, 'm1') },
            ),
            evidence(
              'TCP connect to the client port',
              'refused',
              'accepted',
              'vantage/10.0.0.2_2379/tcp-connect.json',
              { weight: 'necessary', subject: subject(m2, 'm2') },
            ),
          ],
          nextEvidence: [{ what: 'Whether the processes run on m1 and m2', command: 'systemctl status etcd' }],
        }),
      ],
      symptoms: [],
      risks: [],
      notices: [],
    },
    actions: [
      { text: 'Start etcd on m1 or m2 as it was.', tag: 'restarts', command: 'systemctl start etcd' },
      { text: 'Keep a copy of every data directory before anything else.', tag: 'read-only' },
      { text: 'Only if both are lost for good: rebuild the cluster from m3.', tag: 'destructive' },
    ],
    doNot: [
      'run member remove: it needs quorum',
      'wipe a data directory',
      'start with force-new-cluster before copies exist',
    ],
    owners: [{ owner: 'you, the etcd operator', for: 'starting the members' }],
    cluster: { ...report.cluster, reachable: 1, hasQuorum: false, leader: null },
    members: report.members.map((member) =>
      member.id === m3
        ? { ...member, role: 'follower', health: 'failing', errors: ['etcdserver: no leader'] }
        : { id: member.id, name: member.name, role: 'unknown', reachable: false, health: 'unreachable', errors: [] },
    ),
    timeline: { ...report.timeline, lanes: [] },
    charts: {
      ...report.charts,
      walFsync: report.charts.walFsync.filter((item) => item.member === m3),
      backendCommit: [],
      peerMatrix: [
        { from: 'vantage', to: m1, ms: null, basis: 'TCP connect', ok: false },
        { from: 'vantage', to: m2, ms: null, basis: 'TCP connect', ok: false },
        { from: 'vantage', to: m3, ms: 0.9, basis: 'TCP connect', ok: true },
      ],
    },
    coverage: {
      ...report.coverage,
      planned: 60,
      states: { ok: 20, unreachable: 40 },
      gaps: [
        {
          what: 'Everything',
          target: `${m1}, ${m2}`,
          state: 'unreachable',
          reason: 'connection refused',
          command: 'etcd-collect --local',
        },
      ],
    },
  };
};

/** Hardly any evidence: no member answered and no log was read. */
export const inconclusiveReport = (): Report => {
  const report = emptyReport();
  return {
    ...report,
    cluster: { ...report.cluster, voters: 3, quorum: 2 },
    verdict: {
      kind: 'inconclusive',
      headline: 'Too little evidence for a diagnosis',
      summary:
        'No endpoint answered from where the collector ran, and no log was readable. Whether the cluster or only the way to it is broken cannot be told.',
      criteria: [{ id: 'quorum', text: 'A majority of the voting members answers', met: null, decisive: true }],
      recovery: { justified: null, text: 'Do nothing to the cluster before the evidence below is in.' },
    },
    members: memberIds.map((id, index) => ({
      id,
      name: `m${index + 1}`,
      role: 'unknown',
      reachable: false,
      health: 'unreachable',
      errors: [],
    })),
    outcomes: healthyReport().outcomes.map((outcome) => ({
      ...outcome,
      outcome: 'inconclusive',
      coverage: { ...outcome.coverage, observed: 0 },
      reason: 'no member answered',
    })),
    coverage: {
      planned: 48,
      states: { ok: 3, timeout: 45 },
      gaps: [
        {
          what: 'Logs of the members',
          target: memberIds.join(', '),
          state: 'denied',
          reason: 'journal not readable by this user',
          who: 'infrastructure team',
          command: 'sudo etcd-collect --local',
        },
        {
          what: 'Status and metrics',
          target: 'cluster',
          state: 'timeout',
          reason: 'no answer in 5 s',
          command: 'etcd-collect --endpoints https://10.0.0.1:2379',
        },
      ],
      windowSeconds: 36,
      rounds: 4,
      maxSkewMs: 0,
    },
  };
};

/** A bundle that says nothing: no member, no bundle, no rule. */
export const emptyReport = (): Report => ({
  ...healthyReport(),
  verdict: {
    kind: 'inconclusive',
    headline: 'The bundle holds no evidence',
    summary: 'Nothing was collected.',
    criteria: [],
    recovery: { justified: null, text: 'Undecided.' },
  },
  diagnosis: { causes: [], symptoms: [], risks: [], notices: [] },
  outcomes: [],
  coverage: { planned: 0, states: {}, gaps: [], windowSeconds: 0, rounds: 0, maxSkewMs: 0 },
  cluster: {
    clusterIds: [],
    voters: 0,
    learners: 0,
    reachable: 0,
    quorum: 0,
    hasQuorum: null,
    leader: null,
    versions: [],
    revision: null,
  },
  members: [],
  timeline: { from: '', to: '', window: { from: '', to: '' }, lanes: [] },
  charts: { walFsync: [], backendCommit: [], peerMatrix: [], storage: [] },
  config: [],
  access: [],
  thresholds: [],
  provenance: { bundles: [], rules: 0, signatures: 0 },
});

/** Five members with long names, one learner, one unnamed, ids above 2^53. */
export const fiveMembersReport = (): Report => {
  const report = throttledReport();
  const ids = ['ffffffffffffff01', 'ffffffffffffff02', 'ffffffffffffff03', 'ffffffffffffff04', 'ffffffffffffff05'];
  const nameOf = (index: number): string =>
    index === 4 ? '' : `etcd-control-plane-node-${index + 1}.europe-north.example.internal`;
  const member = report.members[1];
  const storage = report.charts.storage[0];
  const fsync = report.charts.walFsync;
  if (member === undefined || storage === undefined) throw new Error('the sample lost its members');
  return {
    ...report,
    members: ids.map((id, index) => ({
      ...member,
      id,
      name: nameOf(index),
      role: index === 0 ? 'leader' : index === 4 ? 'learner' : 'follower',
      raftIndex: '18446744073709551615',
      revision: '9223372036854775807',
    })),
    charts: {
      walFsync: ids.map((id, index) => ({
        ...(fsync[index % 3] ?? { basis: 'window', buckets: [] }),
        member: id,
        name: nameOf(index),
        basis: index === 3 ? 'since-start' : 'window',
      })),
      backendCommit: [],
      peerMatrix: ids.flatMap((from) =>
        ids
          .filter((to) => to !== from)
          .map((to) => ({ from, to, ms: to === ids[3] ? null : 1.25, basis: 'peer RTT histogram', ok: to !== ids[3] })),
      ),
      storage: ids.map((id, index) => ({ ...storage, member: id, name: nameOf(index) })),
    },
    timeline: {
      ...report.timeline,
      lanes: ids.map((id, index) => ({
        member: id,
        name: nameOf(index),
        events: report.timeline.lanes[index % 3]?.events ?? [],
        gaps: [],
      })),
    },
    cluster: {
      ...report.cluster,
      voters: 4,
      learners: 1,
      reachable: 5,
      quorum: 3,
      revision: '9223372036854775807',
      leader: subject(ids[0] ?? '', nameOf(0)),
    },
  };
};

/** Puts `text` wherever the schema takes a free string. */
export const hostileReport = (text: string): Report => {
  const fixed = new Set([
    'schema',
    'generatedAt',
    'kind',
    'role',
    'when',
    'severity',
    'level',
    'health',
    'outcome',
    'tag',
    'owner',
    'weight',
    'state',
    'tone',
    'origin',
    'basis',
  ]);
  const times = new Set(['at', 'from', 'to', 'createdAt', 'startedAt']);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return fixed.has(key) || times.has(key) ? value : text;
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]));
  };
  const report = walk(throttledReport(), '') as Report;
  return {
    ...report,
    owners: [{ owner: text, for: text }],
    coverage: { ...report.coverage, states: { ok: 1, [text]: 2 } },
    kubernetes: {
      apiServers: [{ server: text, version: text, dbSizeBytes: '4096', failing: [text, text] }],
      pods: [{ component: 'etcd', node: text, ready: false, restarts: 3, lastExit: text }],
      ailingNodes: [text],
      objects: [{ name: text, count: 7, share: 0.5 }],
    },
    verdict: { ...report.verdict, criteria: [{ id: text, text, met: null, decisive: true }] },
    members: report.members.map((member) => ({ ...member, errors: [text] })),
  };
};
export { healthyReport };
