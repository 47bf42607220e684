import type { Counter, Gauge, Latency } from './common.js';

export interface RequestRate {
  readonly service: string;
  readonly method: string;
  readonly code: string;
  readonly type: string;
  readonly counter: Counter;
}

export interface Requests {
  /** Handled requests, busiest first. Streams count once, when they end. */
  readonly byMethod: readonly RequestRate[];
  readonly total: Counter;
  /** Codes that are the server's fault or a refusal (Unknown, FailedPrecondition, ResourceExhausted, Internal, Unavailable, DataLoss, DeadlineExceeded). */
  readonly errors: Counter;
  /** errors / total in the window, else since start; null without requests. */
  readonly errorShare: number | null;
  readonly errorShareBasis: 'window' | 'since-start';
  readonly byCode: Readonly<Record<string, Counter>>;
  /** etcd_server_client_requests_total by type and client API version. */
  readonly clients: readonly { readonly type: string; readonly version: string; readonly counter: Counter }[];
  readonly streamMessages: readonly {
    readonly method: string;
    readonly direction: 'received' | 'sent';
    readonly counter: Counter;
  }[];
}

export interface Traffic {
  readonly clientSent: Counter | null;
  readonly clientReceived: Counter | null;
  readonly peerSent: Counter | null;
  readonly peerReceived: Counter | null;
  readonly streamFailures: readonly { readonly api: string; readonly type: string; readonly counter: Counter }[];
  /** Bytes per second of all four in the window. */
  readonly bytesPerSecond: number | null;
}

export interface Storage {
  /** Exact decimal bytes; metric, else Status. */
  readonly sizeBytes: string;
  readonly inUseBytes: string | null;
  /** Quota in force and where it is known from. `default` = etcd's 2 GiB, nothing said otherwise. */
  readonly quotaBytes: string;
  readonly quotaOrigin: 'metric' | 'status' | 'flag' | 'log' | 'default';
  /** size / quota and in use / quota, 0..; */
  readonly sizeShare: number;
  readonly inUseShare: number | null;
  /** Free pages / size, 0..1. */
  readonly freeShare: number | null;
  readonly sizeGrowthPerSecond: number | null;
  readonly keys: Gauge | null;
  readonly currentRevision: string | null;
  /** 0 = never compacted. */
  readonly compactRevision: string | null;
  /** current - compact, decimal; null when one is unknown. */
  readonly compactGap: string | null;
  readonly compactGapGrowthPerSecond: number | null;
  /** The compact revision moved in the window; null when that cannot be told. */
  readonly compactedInWindow: boolean | null;
  /** Epoch ms of the last compaction in this process; null = never, or not exported (3.4). */
  readonly lastCompactionAt: number | null;
  readonly compactionTotal: Latency | null;
  readonly compactionPause: Latency | null;
  readonly indexCompactionPause: Latency | null;
  readonly compactedKeys: Counter | null;
  readonly openReadTransactions: Gauge | null;
  /** Calls to HashKV and Hash since start: costly reads of a monitor. */
  readonly hashCalls: Counter | null;
  readonly walWriteBytes: Counter | null;
}

export interface Puts {
  readonly puts: Counter | null;
  readonly deletes: Counter | null;
  readonly txns: Counter | null;
  readonly ranges: Counter | null;
  /** Mean bytes per put in the window, and since start. */
  readonly bytesPerPut: number | null;
  readonly bytesPerPutSinceStart: number | null;
  /** Bytes sent to clients per range in the window. */
  readonly sentBytesPerRange: number | null;
}

/** Time of unary requests in the server, with the wait for quorum and apply; only with --metrics=extensive. */
export interface Handling {
  readonly byMethod: readonly { readonly method: string; readonly latency: Latency }[];
}

export interface Watchers {
  readonly watchers: Gauge | null;
  readonly streams: Gauge | null;
  readonly slow: Gauge | null;
  readonly pendingEvents: Gauge | null;
  readonly events: Counter | null;
}

export interface Leases {
  readonly granted: Counter | null;
  readonly revoked: Counter | null;
  readonly renewed: Counter | null;
  readonly expired: Counter | null;
  /** granted - revoked since start: the leases of this process at most. */
  readonly balance: number | null;
}

/** A null counter or duration = no such transfer since the process started. */
export interface SnapshotTransfers {
  readonly sent: Counter | null;
  readonly sendFailures: Counter | null;
  readonly received: Counter | null;
  readonly receiveFailures: Counter | null;
  readonly sendInflight: Gauge | null;
  readonly receiveInflight: Gauge | null;
  /** etcd_server_snapshot_apply_in_progress_total */
  readonly applyInProgress: Gauge | null;
  readonly sendDuration: Latency | null;
  readonly receiveDuration: Latency | null;
  readonly byPeer: readonly {
    readonly peer: string;
    readonly direction: 'sent' | 'received';
    readonly failed: boolean;
    readonly counter: Counter;
  }[];
}
