import type { EndpointStatusArtifact } from '../../../schemas/index.js';
import type { LogSummary, SignatureStats } from '../../logs/types.js';
import type { Scrape } from '../../metrics/parse.js';
import type { AttemptStats, Counter, Gauge, Latency, Window } from './common.js';
import type { Crashes, OwnCopy } from './ends.js';
import type { Handling, Leases, Puts, Requests, SnapshotTransfers, Storage, Traffic, Watchers } from './load.js';
import type { FsyncProbe } from './host-setup.js';
import type { Cgroup, HostPressure, ProcessSched } from './local.js';
import type { Sockets } from './sockets.js';

export type * from './ends.js';
export type * from './load.js';
export type * from './local.js';
export type * from './sockets.js';

export interface ScrapeRound {
  /** Start of the read, epoch ms. */
  readonly at: number;
  readonly durationMs: number;
  readonly round: number | null;
  readonly path: string;
  readonly bundleId: string;
  readonly scrape: Scrape;
  /** process_start_time_seconds in epoch ms; null when the scrape has none. */
  readonly startedAt: number | null;
}

/** All metrics scrapes of a member, oldest first. */
export interface Scrapes {
  readonly all: readonly ScrapeRound[];
  /** The scrapes of the last process, without a pause of more than 10 minutes between them; never empty. */
  readonly rounds: readonly [ScrapeRound, ...ScrapeRound[]];
  readonly first: ScrapeRound;
  readonly last: ScrapeRound;
  /** Null with a single scrape. */
  readonly window: Window | null;
  /** process_start_time_seconds moved between scrapes: deltas cover the last process only. */
  readonly restarted: boolean;
  /** Seconds the last process had run at the last scrape. */
  readonly uptimeSeconds: number | null;
}

export type ReachabilityKind =
  /** Every gRPC and HTTP read was answered (an error that the server itself gave is an answer). */
  | 'answering'
  /** Some were answered, some not. */
  | 'intermittent'
  /** Connection accepted, no answer. */
  | 'hung'
  | 'refused'
  /** Packets lost, no route or name not resolved. */
  | 'unreachable'
  | 'tls'
  | 'auth'
  | 'unknown'
  | 'not-asked';

export interface Reachability {
  readonly kind: ReachabilityKind;
  /** Answered at least once over the network; null when never asked. */
  readonly answered: boolean | null;
  /** By road: counts of network reads. */
  readonly grpc: { readonly asked: number; readonly answered: number };
  readonly http: { readonly asked: number; readonly answered: number };
  /** Rounds in which it answered, and in which it was asked without any answer. */
  readonly answeredRounds: readonly number[];
  readonly failedRounds: readonly number[];
  /** Reason codes of failed network reads with their counts. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly failures: readonly {
    readonly kind: string;
    readonly round: number | null;
    readonly state: string;
    readonly reason: string;
    readonly message: string | null;
  }[];
}

export interface StatusRound {
  readonly at: number;
  readonly durationMs: number;
  readonly round: number | null;
  readonly bundleId: string;
  readonly path: string;
  readonly value: EndpointStatusArtifact;
}

/** Maintenance.Status over the rounds, oldest first. */
export interface StatusSeries {
  readonly last: EndpointStatusArtifact;
  readonly first: EndpointStatusArtifact;
  readonly series: readonly [StatusRound, ...StatusRound[]];
  /** Every distinct error text, first seen first. */
  readonly errors: readonly string[];
  readonly slowestMs: number;
  readonly revisionPerSecond: number | null;
  readonly raftIndexPerSecond: number | null;
}

export interface HealthCheck {
  readonly path: string;
  readonly statusCode: number;
  /** Null when the answer says neither. */
  readonly healthy: boolean | null;
  /** Failed checks or the reason field, as given. */
  readonly reasons: readonly string[];
  readonly elapsedMs: number;
}

export interface Health {
  /** Null where it was not read; `unsupported` where the server does not have it. */
  readonly health: HealthCheck | null;
  readonly livez: HealthCheck | null;
  readonly readyz: HealthCheck | null;
  readonly unsupported: readonly ('health' | 'livez' | 'readyz')[];
  /** etcd_server_health_failures. */
  readonly failures: Counter | null;
}

export interface BackendCommit extends Latency {
  /** Phases of the commit (etcd_debugging_disk_backend_commit_*); null where the server does not export them. */
  readonly rebalance: Latency | null;
  readonly spill: Latency | null;
  readonly write: Latency | null;
  /** The phase with the largest share of the summed phase time of the best view. */
  readonly dominant: { readonly phase: 'rebalance' | 'spill' | 'write'; readonly share: number } | null;
}

export interface SnapFsync {
  /** etcd_snap_fsync_duration_seconds */
  readonly fsync: Latency | null;
  readonly dbFsync: Latency | null;
  readonly dbSave: Latency | null;
  /** etcd_disk_backend_snapshot_duration_seconds */
  readonly backendSnapshot: Latency | null;
}

export interface ApplyDuration {
  readonly all: Latency;
  /** By operation, most total time first. */
  readonly byOp: readonly { readonly op: string; readonly success: string; readonly latency: Latency }[];
}

/** Peer round-trip time as this member measures it, by peer id (16 hex digits). */
export interface Rtt {
  readonly peers: readonly { readonly to: string; readonly latency: Latency }[];
  /** Over all peers. */
  readonly all: Latency;
}

export interface Defrag {
  /** 1 while running; null before 3.4.18 / 3.5.2. */
  readonly inflight: Gauge | null;
  readonly runs: Latency | null;
}

export interface ProcessValue {
  /** Epoch ms, null when unknown. */
  readonly startedAt: number | null;
  readonly restartedInWindow: boolean;
  /** Process start times seen, oldest first. */
  readonly starts: readonly number[];
  readonly uptimeSeconds: number | null;
  readonly rssBytes: Gauge | null;
  readonly heapInuseBytes: Gauge | null;
  readonly allocBytesPerSecond: number | null;
  readonly gcPerSecond: number | null;
  /** Largest stop-the-world pause since start, seconds (go_gc_duration_seconds{quantile="1"}). */
  readonly gcMaxPauseSeconds: number | null;
  readonly goroutines: Gauge | null;
  readonly threads: Gauge | null;
  readonly openFds: Gauge | null;
  readonly maxFds: number | null;
  /** open / limit, 0..1. */
  readonly fdShare: number | null;
  /** Cores used in the window, and since start. */
  readonly cpuCores: number | null;
  readonly cpuCoresSinceStart: number | null;
}

export interface Proposals {
  readonly pending: Gauge;
  readonly failed: Counter | null;
  readonly committed: Counter | null;
  readonly applied: Counter | null;
  /** committed - applied at every scrape. */
  readonly gap: Gauge | null;
}

export interface SlowOperations {
  readonly apply: Counter | null;
  readonly readIndexSlow: Counter | null;
  readonly readIndexFailed: Counter | null;
}

export interface ReadLatency {
  readonly connectMs: number | null;
  readonly serializable: AttemptStats;
  readonly linearizable: AttemptStats;
}

/** How often a signature (or its group) was logged. */
export interface LogCount {
  readonly total: number;
  readonly inWindow: number;
  readonly before: number;
  /** Lines after the window, or without a time. */
  readonly elsewhere: number;
  readonly first: number | null;
  readonly last: number | null;
  /** The worst `took` (or first duration field), seconds. */
  readonly worstSeconds: number | null;
  readonly stats: readonly SignatureStats[];
  readonly paths: readonly string[];
}

/** Everything the logs of one member say. */
export interface MemberLog {
  readonly summaries: readonly {
    readonly path: string;
    readonly bundleId: string;
    readonly instance: string | null;
    readonly summary: LogSummary;
    readonly flaws: readonly string[];
  }[];
  /** Groups (ids of the zap form) seen, most frequent first. */
  readonly groups: readonly string[];
  /** Counts of a group or signature id; null when never logged. Overlapping slices: the largest count, not the sum. */
  readonly count: (id: string) => LogCount | null;
  /** Earliest and latest time in any slice, epoch ms. */
  readonly from: number | null;
  readonly to: number | null;
  /** Whether the slices cover the sampling window. */
  readonly coversWindow: boolean;
  /** Settings the process printed at its last start. */
  readonly startupConfig: Readonly<Record<string, string>> | null;
}

/** Whether this member says it has, or is, the leader, over the scrapes. */
export interface LeaderState {
  readonly hasLeader: Gauge | null;
  readonly isLeader: Gauge | null;
  readonly isLearner: Gauge | null;
  readonly learnerPromoteFailures: Counter | null;
}

/** Files below the data dir and WAL dir, by kind; sizes in bytes as decimal strings. */
export interface DataFiles {
  /** `*.wal` segments (preallocated ones counted with their full size). */
  readonly walFiles: number;
  readonly walBytes: string;
  /** `*.snap.db`: databases received from a leader. */
  readonly snapDbFiles: number;
  readonly snapDbBytes: string;
  /** `*.broken` and `db.tmp*`: left behind by failed starts and defragmentations. */
  readonly leftoverFiles: number;
  readonly leftoverBytes: string;
  /** Newest `db.tmp*`, epoch ms; null without one. */
  readonly defragTmpAt: number | null;
  readonly dbBytes: string | null;
  readonly totalBytes: string;
  readonly truncated: boolean;
}

/** Facts derived for each member. */
export interface MemberFactValues {
  readonly scrapes: Scrapes;
  readonly reachability: Reachability;
  readonly status: StatusSeries;
  readonly health: Health;
  readonly leaderState: LeaderState;
  readonly walFsync: Latency;
  readonly walWrite: Latency;
  readonly backendCommit: BackendCommit;
  readonly snapFsync: SnapFsync;
  readonly applyDuration: ApplyDuration;
  readonly rtt: Rtt;
  readonly defrag: Defrag;
  readonly process: ProcessValue;
  readonly leaderChanges: Counter;
  readonly heartbeatFailures: Counter;
  readonly proposals: Proposals;
  readonly slowOperations: SlowOperations;
  readonly requests: Requests;
  readonly handling: Handling;
  readonly traffic: Traffic;
  readonly storage: Storage;
  readonly puts: Puts;
  readonly watchers: Watchers;
  readonly leases: Leases;
  readonly snapshots: SnapshotTransfers;
  readonly readLatency: ReadLatency;
  readonly log: MemberLog;
  readonly hostPressure: HostPressure;
  readonly cgroup: Cgroup;
  readonly processSched: ProcessSched;
  readonly dataFiles: DataFiles;
  readonly dataCopy: OwnCopy;
  readonly crashes: Crashes;
  readonly sockets: Sockets;
  readonly fsyncProbe: FsyncProbe;
}
