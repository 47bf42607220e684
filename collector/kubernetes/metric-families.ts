/** What is kept of the API server's /metrics: families about etcd and about how the server itself is doing. */

export interface Family {
  readonly name: string;
  readonly type: 'histogram' | 'counter' | 'gauge';
  /** Labels that are kept; series that differ in others alone are added up. */
  readonly labels: readonly string[];
}

const family = (type: Family['type'], name: string, ...labels: string[]): Family => ({ name, type, labels });

/**
 * Names and labels as in k8s.io/apiserver 0.24 to 0.35 (pkg/storage/etcd3/metrics, pkg/endpoints/metrics, pkg/util/flowcontrol/metrics).
 * Up to 1.33 the object type of a request stands in `type`, from 1.34 on in `group` and `resource`: see `resourceOf`.
 */
export const families: readonly Family[] = [
  family('histogram', 'etcd_request_duration_seconds', 'operation', 'resource'),
  family('counter', 'etcd_requests_total', 'operation', 'resource'),
  family('counter', 'etcd_request_errors_total', 'operation', 'resource'),
  family('histogram', 'etcd_lease_object_counts'),
  // Size of the database under the names of 1.28+, 1.26 to 1.27 and before.
  family('gauge', 'apiserver_storage_size_bytes', 'storage_cluster_id'),
  family('gauge', 'apiserver_storage_db_total_size_in_bytes', 'endpoint'),
  family('gauge', 'etcd_db_total_size_in_bytes', 'endpoint'),
  // Number of objects under the names of 1.34+, 1.22 to 1.34 and before; sizes are estimates of the watch cache.
  family('gauge', 'apiserver_resource_objects', 'resource'),
  family('gauge', 'apiserver_storage_objects', 'resource'),
  family('gauge', 'etcd_object_counts', 'resource'),
  family('gauge', 'apiserver_resource_size_estimate_bytes', 'resource'),
  family('counter', 'apiserver_storage_list_total', 'resource'),
  family('counter', 'apiserver_storage_list_fetched_objects_total', 'resource'),
  family('counter', 'apiserver_storage_decode_errors_total', 'resource'),
  family('counter', 'apiserver_request_total', 'code'),
  family('counter', 'apiserver_request_terminations_total', 'code'),
  family('counter', 'apiserver_request_aborts_total'),
  family('gauge', 'apiserver_current_inflight_requests', 'request_kind'),
  family('counter', 'apiserver_flowcontrol_rejected_requests_total', 'reason'),
  family('gauge', 'process_start_time_seconds'),
  family('counter', 'process_cpu_seconds_total'),
  family('gauge', 'process_resident_memory_bytes'),
];

/** The object type of a series as `resource.group`, whichever labels the version uses; core objects have no group. */
export const resourceOf = (labels: ReadonlyMap<string, string>): string | undefined => {
  const resource = labels.get('resource') ?? labels.get('type');
  if (resource === undefined) return undefined;
  const group = labels.get('group');
  return group === undefined || group === '' ? resource : `${resource}.${group}`;
};
