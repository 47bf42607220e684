/** For each failure mode the facts that lead to it, and the modes with the same symptoms that they must not lead to. */
import type { LeaderState } from '../../../analyzer/facts/values/member.js';
import { counter, gauge, latency, log, WINDOW } from '../../support/fake-facts.js';
import { memberId } from '../../support/rule-tester.js';
import { fsyncProbe, netConfig, routes, sockets } from '../../support/surroundings.js';
import { logAt, membership as joined, reachability as reachable } from '../../support/consensus-facts.js';
import { certificate, certificates, handshake, stats } from '../rules/integrity/fakes.js';
import { answering, connects, leaderView, matrix, quorum, reads, said, scope } from '../rules/network/links.js';
import { alarms, full, spacious } from '../rules/quota/facts.js';
import {
  cgroup,
  hostCpu,
  leases,
  pressure,
  process,
  proposals,
  puts,
  reach,
  sched,
  slowOps,
  traffic,
} from '../rules/resources/values.js';
import { cgroup as limited, disk, filesystem, writers } from '../rules/storage/facts.js';
import type { Changes } from './base.js';

export interface Mode {
  readonly mode: string;
  readonly facts: Changes;
  /** Neighbours: modes with the same symptoms. */
  readonly not: readonly string[];
}

const MIB = 1024 * 1024;
const late = { heartbeatFailures: counter(12) };
const slowSyncs = { walFsync: latency({ 128: 480, 256: 20 }), ...late };
const tail = { walFsync: latency({ 1: 400, 2: 50, 128: 20 }), heartbeatFailures: counter(8) };
const busyDisk = disk({
  utilisation: 0.99,
  queue: 9,
  writeAwaitMs: 60,
  writesPerSecond: 900,
  writeBytesPerSecond: 4e7,
});

const disks: readonly Mode[] = [
  {
    mode: 'disk-slow-device',
    facts: {
      m1: { ...slowSyncs, fsyncProbe: fsyncProbe(70, 140) },
      h1: { diskActivity: disk({ utilisation: 0.3, queue: 0.5, writeAwaitMs: 60, flushAwaitMs: 80 }) },
    },
    not: [
      'disk-contention-other-io',
      'disk-saturated-by-etcd',
      'disk-stall-intermittent',
      'disk-iops-throttled',
      'cpu-starvation-host',
      'cpu-cgroup-throttling',
      'peer-rtt-high',
      'write-rate-overload',
    ],
  },
  {
    mode: 'disk-contention-other-io',
    facts: { m1: slowSyncs, h1: { diskActivity: busyDisk, writers: writers(0.05, { rsync: 90_000_000 }) } },
    not: ['disk-slow-device', 'disk-saturated-by-etcd', 'disk-iops-throttled', 'cpu-starvation-host'],
  },
  {
    mode: 'disk-saturated-by-etcd',
    facts: {
      m1: { ...slowSyncs, proposals: proposals(20_000, { pending: gauge(40, 50, 45) }), puts: puts(20_000, 40_000) },
      h1: { diskActivity: busyDisk, writers: writers(0.95) },
    },
    not: ['disk-slow-device', 'disk-contention-other-io', 'disk-iops-throttled', 'cpu-starvation-host'],
  },
  {
    mode: 'disk-iops-throttled',
    facts: {
      m1: {
        walFsync: latency({ 1024: 200 }),
        heartbeatFailures: counter(30),
        cgroup: limited(null, '8:0 rbps=max wbps=max riops=max wiops=8'),
        fsyncProbe: fsyncProbe(1, 3),
      },
    },
    not: ['disk-slow-device', 'disk-contention-other-io', 'disk-saturated-by-etcd', 'cpu-cgroup-throttling'],
  },
  {
    mode: 'disk-stall-intermittent',
    facts: { m1: { walFsync: latency({ 2: 500, 4096: 3 }) } },
    not: ['disk-slow-device', 'vm-pause-or-steal', 'cpu-starvation-host', 'disk-contention-other-io'],
  },
  {
    mode: 'filesystem-readonly-or-eio',
    facts: { h1: { filesystems: filesystem({ readOnly: true, options: ['ro'] }) } },
    not: ['disk-full-enospc', 'disk-slow-device', 'quota-nospace-live-data'],
  },
  {
    mode: 'disk-full-enospc',
    facts: { h1: { filesystems: filesystem({ availableBytes: '0', usedShare: 1 }) } },
    not: ['filesystem-readonly-or-eio', 'quota-nospace-live-data', 'quota-nospace-no-compaction'],
  },
];

const cpus: readonly Mode[] = [
  {
    mode: 'cpu-starvation-host',
    facts: {
      m1: { ...tail, processSched: sched({ runQueueWaitShare: 1.8 }), hostPressure: pressure({ cpu: 92 }) },
      h1: { cpu: hostCpu({ busyPercent: 99 }) },
    },
    not: [
      'disk-slow-device',
      'disk-stall-intermittent',
      'cpu-cgroup-throttling',
      'cpu-steal',
      'peer-rtt-high',
      'peer-packet-loss',
      'vm-pause-or-steal',
    ],
  },
  {
    mode: 'cpu-cgroup-throttling',
    facts: { m1: { ...tail, cgroup: cgroup(0.5), process: process({ cpuCores: 0.45 }) } },
    not: ['disk-slow-device', 'cpu-starvation-host', 'cpu-steal', 'disk-stall-intermittent', 'peer-rtt-high'],
  },
  {
    mode: 'cpu-steal',
    facts: { m1: late, h1: { cpu: hostCpu({ stealPercent: 33 }) } },
    not: ['cpu-starvation-host', 'cpu-cgroup-throttling', 'disk-slow-device', 'vm-pause-or-steal'],
  },
];

const far = { rtt: { '102.4': 4 }, received: 20_000 };
const jump = { rtt: { '0.8': 2, '204.8': 2 }, received: 9000 };
const dead = { rtt: 'failed' as const, received: 0 };
const fed = (received: number) => ({ rtt: { '0.8': 3 }, received });
const waits = { rtt: { '102.4': 3 }, received: 4_000_000 };

const networks: readonly Mode[] = [
  {
    mode: 'peer-rtt-high',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '1>2': far, '2>1': far, '1>3': far, '3>1': far },
          { tcp: [connects(1, [80, 81, 82], 'h2')] },
        ),
      },
      each: { readLatency: reads([80, 82, 90]) },
      m1: { readLatency: reads([80, 82, 90]), sockets: sockets(1, { 2: { rttMs: 81 }, 3: { rttMs: 80 } }) },
      m2: { sockets: sockets(2, { 1: { rttMs: 82 } }) },
      m3: { sockets: sockets(3, { 1: { rttMs: 80 } }) },
    },
    not: ['peer-packet-loss', 'peer-bandwidth-saturated', 'cpu-starvation-host', 'mtu-blackhole', 'disk-slow-device'],
  },
  {
    mode: 'peer-packet-loss',
    facts: {
      cluster: { peerMatrix: matrix({ '1>2': jump, '2>1': jump, '2>3': jump, '3>2': jump }) },
      m1: { sockets: sockets(1, { 2: { resent: 60, timeouts: 1 } }) },
      m2: { sockets: sockets(2, { 1: { resent: 70, timeouts: 2 }, 3: { resent: 30 } }) },
      h1: { network: { scopes: [scope('host', 900, 0.02, 12)] } },
      h2: { network: { scopes: [scope('host', 1900, 0.06, 40)] } },
    },
    not: [
      'peer-rtt-high',
      'mtu-blackhole',
      'member-partitioned',
      'peer-port-blocked-asymmetric',
      'cpu-starvation-host',
    ],
  },
  {
    mode: 'mtu-blackhole',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '2>1': fed(1500), '3>1': fed(3_000_000) },
          { tcp: [connects(1, [1, 1, 2], 'h2'), connects(2, [1, 1, 1], 'h1')] },
        ),
      },
      m1: { log: log({ 'raft-drop-send': said(800) }) },
      h1: {
        network: { scopes: [scope('host', 240, 0.01, 120)] },
        netConfig: netConfig({ routes: routes({ 2: 9000, 3: 9000 }) }),
      },
      h2: {
        network: { scopes: [scope('host', 90, 0.01, 46)] },
        netConfig: netConfig({ routes: routes({ 1: 1500, 3: 1500 }) }),
      },
    },
    not: ['peer-packet-loss', 'member-partitioned', 'peer-bandwidth-saturated', 'cpu-starvation-host'],
  },
  {
    mode: 'peer-bandwidth-saturated',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '2>1': waits, '1>2': waits, '3>1': fed(30_000_000) },
          {
            tcp: [
              connects(2, [90, 95, 130], 'h1'),
              connects(1, [85, 92, 120], 'h2'),
              connects(3, [0.4, 0.5, 0.6], 'h1'),
            ],
          },
        ),
      },
      m1: { sockets: sockets(1, { 2: { rttMs: 95, unackedBytes: 90_000 } }) },
      m2: { sockets: sockets(2, { 1: { rttMs: 93 } }) },
    },
    not: ['peer-packet-loss', 'mtu-blackhole', 'member-partitioned', 'disk-slow-device'],
  },
  {
    mode: 'member-partitioned',
    facts: {
      cluster: {
        peerMatrix: matrix({ '1>2': dead, '2>1': dead, '2>3': dead, '3>2': dead }),
        quorum: quorum([2]),
        leaderView: leaderView([2]),
      },
      m2: {
        log: log({
          'prober-unhealthy': said(8, { 'remote-peer-id': [memberId(1), memberId(3)] }),
          'raft-new-election': said(5),
        }),
        sockets: sockets(2, { 1: { diallingRounds: 4, established: 0 }, 3: { diallingRounds: 4, established: 0 } }),
      },
    },
    not: [
      'dead-member-in-list',
      'vm-pause-or-steal',
      'peer-port-blocked-asymmetric',
      'peer-packet-loss',
      'tls-san-mismatch',
      'mtu-blackhole',
    ],
  },
  {
    mode: 'peer-port-blocked-asymmetric',
    facts: {
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }) },
      m1: { sockets: sockets(1, { 2: { receivedOverOwnCalls: 0 } }) },
      m3: { sockets: sockets(3, { 2: { receivedOverOwnCalls: 0 } }) },
      m2: {
        log: log({ 'readindex-slow': said(20) }),
        proposals: { pending: gauge(1, 1), failed: counter(4), committed: null, applied: null, gap: null },
      },
    },
    not: ['member-partitioned', 'dead-member-in-list', 'peer-packet-loss', 'tls-san-mismatch', 'vm-pause-or-steal'],
  },
];

const tcpTo = (n: number, ok: boolean) => {
  const made = connects(n, ok ? [0.1, 0.1, 0.2, 0.1] : [], 'h1');
  return ok ? made : { ...made, stats: { ...made.stats, attempts: 4, failed: 4, codes: { ECONNREFUSED: 4 } } };
};
const lost = { ...dead, active: 0 };
const gone = matrix({ '1>3': lost, '2>3': lost }, { tcp: [tcpTo(3, false)] });
const nothing = {
  walFsync: undefined,
  heartbeatFailures: undefined,
  leaderChanges: undefined,
  slowOperations: undefined,
  proposals: undefined,
  process: undefined,
  storage: undefined,
  sockets: undefined,
} as unknown as Changes['m3'];
const probing = log({ 'prober-unhealthy': said(8, { 'remote-peer-id': [memberId(3)] }) });

const deadOrHung: readonly Mode[] = [
  {
    mode: 'dead-member-in-list',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m1: { log: probing },
      m2: { log: probing },
      m3: { ...nothing, reachability: reachable('refused') },
    },
    not: ['vm-pause-or-steal', 'member-partitioned', 'quorum-lost', 'crash-loop', 'peer-port-blocked-asymmetric'],
  },
  {
    mode: 'vm-pause-or-steal',
    facts: {
      cluster: {
        membership: joined(3),
        peerMatrix: matrix({ '1>3': dead, '2>3': dead }, { tcp: [tcpTo(3, true)] }),
        quorum: quorum([], [3]),
      },
      m1: { log: probing },
      m2: { log: probing },
      m3: {
        ...nothing,
        reachability: reach('hung', 'not-answering'),
        sockets: sockets(3, {}, { unreadBytes: 4000, waiting: 3 }),
      },
    },
    not: ['dead-member-in-list', 'member-partitioned', 'cpu-starvation-host', 'disk-stall-intermittent', 'crash-loop'],
  },
  {
    mode: 'quorum-lost',
    facts: {
      cluster: {
        membership: joined(3),
        peerMatrix: matrix({ '1>2': dead, '1>3': dead }, { tcp: [tcpTo(2, false), tcpTo(3, false)] }),
        quorum: quorum([1], [2, 3]),
        leaderView: { ...leaderView([1]), leader: null, rounds: [] },
      },
      m1: { log: logAt({ 'raft-new-election': { at: [-5, 2, 8] } }) },
      m2: { ...nothing, reachability: reachable('refused') },
      m3: { ...nothing, reachability: reachable('refused') },
    },
    not: ['member-partitioned', 'leader-flapping', 'peer-port-blocked-asymmetric'],
  },
  {
    mode: 'crash-loop',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: {
        ...nothing,
        reachability: reachable('refused'),
        log: logAt({}, [
          { at: -400 },
          ...[-300, -200, -100].map((at) => ({ at, orderly: false, words: '{"level":"fatal","msg":"?"}' })),
        ]),
      },
    },
    not: ['vm-pause-or-steal', 'member-partitioned', 'oom-killed', 'liveness-probe-kill-loop'],
  },
];

const spaces = [
  'quota-nospace-live-data',
  'quota-nospace-no-compaction',
  'quota-nospace-fragmentation',
  'quota-alarm-stale',
];
const space = (mode: string, storage: typeof spacious): Mode => ({
  mode,
  facts: { cluster: { alarms: alarms(1, 2, 3) }, each: { storage } },
  not: [...spaces.filter((other) => other !== mode), 'disk-full-enospc'],
});
const quotas: readonly Mode[] = [
  space('quota-nospace-live-data', full.live),
  space('quota-nospace-no-compaction', full.history),
  space('quota-nospace-fragmentation', full.fragmented),
  space('quota-alarm-stale', spacious),
];

const refusal = (group: string, error: string) => ({
  log: log({
    [group]: {
      inWindow: 60,
      stats: [
        stats(group, [
          `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(3)}","error":"${error}"}`,
        ]),
      ],
    },
  }),
});
const refused = (mode: string, group: string, error: string): Mode => ({
  mode,
  facts: {
    cluster: {
      peerMatrix: matrix({ '1>3': dead, '2>3': dead }),
      certificates: certificates([certificate({ daysLeft: 90 })], [handshake(1), handshake(2), handshake(3)]),
    },
    m1: refusal(group, error),
    m2: refusal(group, error),
  },
  not: [
    ...['cert-expired', 'tls-san-mismatch', 'tls-untrusted-ca-or-client-cert', 'tls-scheme-mismatch'].filter(
      (other) => other !== mode,
    ),
    'member-partitioned',
    'peer-port-blocked-asymmetric',
  ],
});
const tls: readonly Mode[] = [
  refused('cert-expired', 'x509-expired', 'x509: certificate has expired or is not yet valid: current time'),
  refused('tls-san-mismatch', 'x509-san', 'x509: certificate is valid for 10.77.0.99, not 10.0.0.3'),
  refused('tls-untrusted-ca-or-client-cert', 'x509-unknown-authority', 'x509: certificate signed by unknown authority'),
  refused('tls-scheme-mismatch', 'http-to-https', 'http: server gave HTTP response to HTTPS client'),
];

const GONE = '00000000000000f9';
const ODD = '00000000000000dd';
const memberships: readonly Mode[] = [
  {
    mode: 'cluster-id-mismatch',
    facts: {
      cluster: { membership: joined(3, { clusterIds: { 3: ODD } }) },
      m1: {
        log: logAt({
          'cluster-id-mismatch-server': { at: [2, 12, 22], fields: { 'remote-peer-cluster-id': { [ODD]: 3 } } },
        }),
      },
    },
    not: [
      'removed-member-still-running',
      'member-partitioned',
      'initial-cluster-mismatch',
      'member-already-bootstrapped',
    ],
  },
  {
    mode: 'removed-member-still-running',
    facts: {
      m1: {
        log: logAt({ 'stream-rejected-removed': { at: [-5, 2, 7], fields: { 'remote-peer-id-from': { [GONE]: 3 } } } }),
      },
    },
    not: ['cluster-id-mismatch', 'member-partitioned', 'dead-member-in-list', 'initial-cluster-mismatch'],
  },
  {
    mode: 'initial-cluster-mismatch',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: { ...nothing, reachability: reachable('refused'), log: logAt({ 'member-count-unequal': { at: [-30] } }) },
    },
    not: ['member-already-bootstrapped', 'cluster-id-mismatch', 'member-partitioned', 'vm-pause-or-steal'],
  },
  {
    mode: 'member-already-bootstrapped',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: {
        ...nothing,
        reachability: reachable('refused'),
        log: logAt({ 'already-bootstrapped': { at: [-60, -30] } }),
      },
    },
    not: ['initial-cluster-mismatch', 'cluster-id-mismatch', 'removed-member-still-running', 'vm-pause-or-steal'],
  },
];

const leads: LeaderState = {
  hasLeader: gauge(1, 1),
  isLeader: gauge(1, 1),
  isLearner: null,
  learnerPromoteFailures: null,
};
const loads: readonly Mode[] = [
  {
    mode: 'large-range-reads',
    facts: {
      m1: {
        puts: puts(0, null, { ranges: counter(200), sentBytesPerRange: 15 * MIB }),
        traffic: traffic({ clientSent: counter(36 * 80 * MIB) }),
        process: process({ allocBytesPerSecond: 120 * MIB, cpuCores: 0.4 }),
      },
    },
    not: [
      'large-values-or-txns',
      'write-rate-overload',
      'slow-or-too-many-watchers',
      'cpu-starvation-host',
      'disk-slow-device',
    ],
  },
  {
    mode: 'large-values-or-txns',
    facts: { m1: { puts: puts(800, MIB), slowOperations: slowOps(60), proposals: proposals(800) } },
    not: ['write-rate-overload', 'large-range-reads', 'disk-slow-device', 'apply-backlog'],
  },
  {
    mode: 'write-rate-overload',
    facts: {
      m1: {
        proposals: proposals(36 * 3000, { pending: gauge(50, 90), gap: gauge(4000, 5200) }),
        puts: puts(36 * 3000),
        log: log({ 'err-too-many-requests': said(30) }),
      },
    },
    not: [
      'large-values-or-txns',
      'lease-expiry-storm',
      'disk-saturated-by-etcd',
      'disk-slow-device',
      'large-range-reads',
    ],
  },
  {
    mode: 'lease-expiry-storm',
    facts: {
      m1: {
        leases: leases({ expired: counter(36 * 105), revoked: counter(36 * 105) }),
        leaderState: leads,
        heartbeatFailures: counter(6),
      },
    },
    not: ['lease-keepalive-overload', 'write-rate-overload', 'cpu-starvation-host', 'disk-slow-device'],
  },
  {
    mode: 'lease-keepalive-overload',
    facts: {
      m1: {
        leases: leases({ renewed: counter(36 * 6000) }),
        leaderState: leads,
        process: process({ cpuCores: 1.7 }),
        processSched: sched({ runQueueWaitShare: 1.8 }),
      },
    },
    not: ['lease-expiry-storm', 'write-rate-overload', 'cpu-cgroup-throttling', 'disk-slow-device', 'peer-rtt-high'],
  },
];

export const modes: readonly Mode[] = [
  ...disks,
  ...cpus,
  ...networks,
  ...deadOrHung,
  ...quotas,
  ...tls,
  ...memberships,
  ...loads,
];

export interface Undecidable {
  readonly name: string;
  readonly facts: Changes;
  /** Modes between which the evidence leaves the choice: none of them may be named with confidence. */
  readonly between: readonly string[];
  /** The rule that says what is missing, and its words. */
  readonly rule: string;
  readonly missing: RegExp;
}

export const undecidable: readonly Undecidable[] = [
  {
    name: 'late heartbeats and nothing else, from outside',
    facts: { outside: true, m1: late },
    between: ['cpu-starvation-host', 'cpu-cgroup-throttling', 'cpu-steal', 'disk-slow-device'],
    rule: 'cpu-starvation-host',
    missing: /no collector ran on its host/,
  },
  {
    name: 'steal cannot be told from outside',
    facts: { outside: true, m1: late },
    between: ['cpu-steal', 'cpu-starvation-host'],
    rule: 'cpu-steal',
    missing: /no collector ran on its host/,
  },
  {
    name: 'slow syncs from outside: who fills the device is not seen',
    facts: { outside: true, m1: slowSyncs },
    between: ['disk-contention-other-io', 'disk-saturated-by-etcd', 'disk-iops-throttled'],
    rule: 'disk-contention-other-io',
    missing: /no collector ran on its host/,
  },
  {
    name: 'a member that gets next to nothing, and nobody tried to connect',
    facts: {
      cluster: { peerMatrix: matrix({ '2>1': fed(1500), '3>1': fed(3_000_000) }) },
    },
    between: ['mtu-blackhole', 'member-partitioned', 'peer-bandwidth-saturated', 'peer-packet-loss'],
    rule: 'mtu-blackhole',
    missing: /nobody tried a connection/,
  },
  {
    name: 'no round trip and no counters of the kernels',
    facts: {
      outside: true,
      cluster: { peerMatrix: matrix({ '1>2': {}, '2>1': {}, '1>3': {}, '3>1': {}, '2>3': {}, '3>2': {} }) },
    },
    between: ['peer-packet-loss', 'peer-rtt-high'],
    rule: 'peer-packet-loss',
    missing: /neither round trips nor retransmissions/,
  },
  {
    name: 'too few syncs to judge',
    facts: { m1: { walFsync: latency({ 64: 2 }) } },
    between: ['disk-slow-device', 'disk-contention-other-io', 'disk-saturated-by-etcd'],
    rule: 'disk-contention-other-io',
    missing: /.+/,
  },
  {
    name: 'renewals whose growth is not known',
    facts: { each: { leases: leases({ renewed: counter(null) }) } },
    between: ['lease-keepalive-overload', 'lease-expiry-storm'],
    rule: 'lease-keepalive-overload',
    missing: /growth of the renewal counters is unknown/,
  },
  {
    name: 'memory that was looked at for half a minute',
    facts: { each: { process: process({ heapInuseBytes: gauge(4e9, 4.1e9), startedAt: WINDOW.from - 86_400_000 }) } },
    between: ['memory-leak-known-version', 'go-gc-pressure'],
    rule: 'memory-leak-known-version',
    missing: /--prometheus/,
  },
  {
    name: 'a member that nobody asked and whose host nobody saw',
    facts: {
      outside: true,
      m3: { ...nothing, reachability: { ...answering('hung'), kind: 'not-asked', answered: null } },
    },
    between: ['vm-pause-or-steal', 'dead-member-in-list', 'member-partitioned'],
    rule: 'vm-pause-or-steal',
    missing: /.*/,
  },
];
