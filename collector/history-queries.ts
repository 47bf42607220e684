import type { HistoryArtifact } from '../schemas/index.js';

export interface HistoryQuery {
  readonly name: string;
  readonly unit: string;
  readonly type: HistoryArtifact['type'];
  /** PromQL for label matchers (with braces) and a range for rates, `4m` or so. */
  readonly promql: (selector: string, window: string) => string;
}

/** Labels that tell instances and clusters apart: what is summed keeps them. */
export const identityLabels = ['job', 'instance', 'namespace', 'pod', 'node', 'cluster'] as const;

/** Labels that are kept in an artifact. */
export const keptLabels: ReadonlySet<string> = new Set([
  ...identityLabels,
  'To',
  'From',
  'Remote',
  'grpc_code',
  'server_version',
]);

const by = (...more: readonly string[]): string => `by (${[...identityLabels, ...more].join(', ')})`;

const raw = (name: string, type: 'gauge' | 'counter', unit: string, metric: string): HistoryQuery => ({
  name,
  unit,
  type,
  promql: (selector) => `${metric}${selector}`,
});

const rate = (name: string, metric: string, ...labels: readonly string[]): HistoryQuery => ({
  name,
  unit: 'per second',
  type: 'rate',
  promql: (selector, window) => `sum ${by(...labels)} (rate(${metric}${selector}[${window}]))`,
});

const p99 = (name: string, histogram: string, ...labels: readonly string[]): HistoryQuery => ({
  name,
  unit: 'seconds',
  type: 'quantile',
  promql: (selector, window) =>
    `histogram_quantile(0.99, sum ${by(...labels, 'le')} (rate(${histogram}_bucket${selector}[${window}])))`,
});

/**
 * What is asked, the most telling first: the time may end before the list. All metrics are in etcd 3.4 to 3.7 under these names.
 * A restart shows in `process-start`, a change of the leader in `is-leader` and `leader-changes`.
 */
export const historyQueries: readonly HistoryQuery[] = [
  raw('has-leader', 'gauge', '0 or 1', 'etcd_server_has_leader'),
  raw('is-leader', 'gauge', '0 or 1', 'etcd_server_is_leader'),
  raw('up', 'gauge', '0 or 1', 'up'),
  raw('leader-changes', 'counter', 'count', 'etcd_server_leader_changes_seen_total'),
  p99('wal-fsync-p99', 'etcd_disk_wal_fsync_duration_seconds'),
  p99('backend-commit-p99', 'etcd_disk_backend_commit_duration_seconds'),
  p99('peer-round-trip-p99', 'etcd_network_peer_round_trip_time_seconds', 'To'),
  raw('db-size', 'gauge', 'bytes', 'etcd_mvcc_db_total_size_in_bytes'),
  raw('db-size-in-use', 'gauge', 'bytes', 'etcd_mvcc_db_total_size_in_use_in_bytes'),
  raw('quota', 'gauge', 'bytes', 'etcd_server_quota_backend_bytes'),
  raw('process-start', 'gauge', 'seconds since epoch', 'process_start_time_seconds'),
  raw('proposals-failed', 'counter', 'count', 'etcd_server_proposals_failed_total'),
  raw('proposals-pending', 'gauge', 'count', 'etcd_server_proposals_pending'),
  raw('proposals-committed', 'gauge', 'count', 'etcd_server_proposals_committed_total'),
  raw('proposals-applied', 'gauge', 'count', 'etcd_server_proposals_applied_total'),
  raw('heartbeat-send-failures', 'counter', 'count', 'etcd_server_heartbeat_send_failures_total'),
  raw('slow-applies', 'counter', 'count', 'etcd_server_slow_apply_total'),
  raw('slow-read-indexes', 'counter', 'count', 'etcd_server_slow_read_indexes_total'),
  raw('peer-sent-failures', 'counter', 'count', 'etcd_network_peer_sent_failures_total'),
  raw('peer-active', 'gauge', '0 or 1', 'etcd_network_active_peers'),
  raw('cpu', 'counter', 'seconds', 'process_cpu_seconds_total'),
  raw('resident-memory', 'gauge', 'bytes', 'process_resident_memory_bytes'),
  raw('heap-in-use', 'gauge', 'bytes', 'go_memstats_heap_inuse_bytes'),
  raw('goroutines', 'gauge', 'count', 'go_goroutines'),
  raw('open-fds', 'gauge', 'count', 'process_open_fds'),
  {
    ...rate('grpc-by-code', 'grpc_server_handled_total', 'grpc_code'),
    // Seventeen codes of every method exist from the start; those that never came would be most of the history.
    promql: (selector, window) => `sum ${by('grpc_code')} (rate(grpc_server_handled_total${selector}[${window}])) > 0`,
  },
  rate('puts', 'etcd_mvcc_put_total'),
  rate('ranges', 'etcd_mvcc_range_total'),
  rate('transactions', 'etcd_mvcc_txn_total'),
  rate('client-bytes-sent', 'etcd_network_client_grpc_sent_bytes_total'),
  rate('client-bytes-received', 'etcd_network_client_grpc_received_bytes_total'),
  raw('keys', 'gauge', 'count', 'etcd_debugging_mvcc_keys_total'),
  raw('watchers', 'gauge', 'count', 'etcd_debugging_mvcc_watcher_total'),
  raw('slow-watchers', 'gauge', 'count', 'etcd_debugging_mvcc_slow_watcher_total'),
  raw('compacted-keys', 'counter', 'count', 'etcd_debugging_mvcc_db_compaction_keys_total'),
  raw('defragmentations', 'counter', 'count', 'etcd_disk_backend_defrag_duration_seconds_count'),
  raw('versions', 'gauge', '0 or 1', 'etcd_server_version'),
];
