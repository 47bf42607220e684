/** Lines of two scrapes of one member of a real 3.5.16 cluster, 32 s apart, with 60 puts and 60 gets between them. */
export const scrape35Round0 = `# TYPE etcd_debugging_mvcc_compact_revision gauge
etcd_debugging_mvcc_compact_revision -1
# TYPE etcd_debugging_mvcc_current_revision gauge
etcd_debugging_mvcc_current_revision 6
# TYPE etcd_debugging_mvcc_total_put_size_in_bytes gauge
etcd_debugging_mvcc_total_put_size_in_bytes 20
# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 5
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 7
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 8
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"} 12
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 12
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.032"} 12
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.064"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.256"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.512"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="2.048"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="4.096"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="8.192"} 13
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 13
etcd_disk_wal_fsync_duration_seconds_sum 0.065382578
etcd_disk_wal_fsync_duration_seconds_count 13
# TYPE etcd_disk_wal_write_bytes_total gauge
etcd_disk_wal_write_bytes_total 3328
# TYPE etcd_mvcc_db_total_size_in_bytes gauge
etcd_mvcc_db_total_size_in_bytes 20480
# TYPE etcd_mvcc_db_total_size_in_use_in_bytes gauge
etcd_mvcc_db_total_size_in_use_in_bytes 16384
# TYPE etcd_mvcc_put_total counter
etcd_mvcc_put_total 5
# TYPE etcd_network_active_peers gauge
etcd_network_active_peers{Local="7ea975eddec9f05c",Remote="245208469a6e0ef5"} 1
etcd_network_active_peers{Local="7ea975eddec9f05c",Remote="c42fe195bbee9c8c"} 1
# TYPE etcd_server_has_leader gauge
etcd_server_has_leader 1
# TYPE etcd_server_id gauge
etcd_server_id{server_id="7ea975eddec9f05c"} 1
# TYPE etcd_server_is_leader gauge
etcd_server_is_leader 1
# TYPE etcd_server_proposals_applied_total gauge
etcd_server_proposals_applied_total 13
# TYPE etcd_server_proposals_committed_total gauge
etcd_server_proposals_committed_total 13
# TYPE etcd_server_proposals_pending gauge
etcd_server_proposals_pending 0
# TYPE etcd_server_quota_backend_bytes gauge
etcd_server_quota_backend_bytes 2.147483648e+09
# TYPE etcd_server_version gauge
etcd_server_version{server_version="3.5.16"} 1
# TYPE grpc_server_handled_total counter
grpc_server_handled_total{grpc_code="OK",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"} 5
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 0.09
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.79535875667e+09
`;

export const scrape35Round1 = `# TYPE etcd_debugging_mvcc_compact_revision gauge
etcd_debugging_mvcc_compact_revision -1
# TYPE etcd_debugging_mvcc_current_revision gauge
etcd_debugging_mvcc_current_revision 66
# TYPE etcd_debugging_mvcc_total_put_size_in_bytes gauge
etcd_debugging_mvcc_total_put_size_in_bytes 362
# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 25
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 40
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 53
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"} 70
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 73
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.032"} 73
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.064"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.128"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.256"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.512"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="1.024"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="2.048"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="4.096"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="8.192"} 74
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 74
etcd_disk_wal_fsync_duration_seconds_sum 0.24788426299999994
etcd_disk_wal_fsync_duration_seconds_count 74
# TYPE etcd_disk_wal_write_bytes_total gauge
etcd_disk_wal_write_bytes_total 14048
# TYPE etcd_mvcc_db_total_size_in_bytes gauge
etcd_mvcc_db_total_size_in_bytes 32768
# TYPE etcd_mvcc_db_total_size_in_use_in_bytes gauge
etcd_mvcc_db_total_size_in_use_in_bytes 24576
# TYPE etcd_mvcc_put_total counter
etcd_mvcc_put_total 65
# TYPE etcd_network_active_peers gauge
etcd_network_active_peers{Local="7ea975eddec9f05c",Remote="245208469a6e0ef5"} 1
etcd_network_active_peers{Local="7ea975eddec9f05c",Remote="c42fe195bbee9c8c"} 1
# TYPE etcd_network_peer_round_trip_time_seconds histogram
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0001"} 0
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0002"} 0
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0004"} 1
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0008"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0016"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0032"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0064"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0128"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0256"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.0512"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.1024"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.2048"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.4096"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="0.8192"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="1.6384"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="3.2768"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="245208469a6e0ef5",le="+Inf"} 2
etcd_network_peer_round_trip_time_seconds_sum{To="245208469a6e0ef5"} 0.000778665
etcd_network_peer_round_trip_time_seconds_count{To="245208469a6e0ef5"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0001"} 0
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0002"} 0
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0004"} 1
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0008"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0016"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0032"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0064"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0128"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0256"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.0512"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.1024"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.2048"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.4096"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="0.8192"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="1.6384"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="3.2768"} 2
etcd_network_peer_round_trip_time_seconds_bucket{To="c42fe195bbee9c8c",le="+Inf"} 2
etcd_network_peer_round_trip_time_seconds_sum{To="c42fe195bbee9c8c"} 0.0007948289999999999
etcd_network_peer_round_trip_time_seconds_count{To="c42fe195bbee9c8c"} 2
# TYPE etcd_server_has_leader gauge
etcd_server_has_leader 1
# TYPE etcd_server_id gauge
etcd_server_id{server_id="7ea975eddec9f05c"} 1
# TYPE etcd_server_is_leader gauge
etcd_server_is_leader 1
# TYPE etcd_server_proposals_applied_total gauge
etcd_server_proposals_applied_total 74
# TYPE etcd_server_proposals_committed_total gauge
etcd_server_proposals_committed_total 74
# TYPE etcd_server_proposals_pending gauge
etcd_server_proposals_pending 0
# TYPE etcd_server_quota_backend_bytes gauge
etcd_server_quota_backend_bytes 2.147483648e+09
# TYPE etcd_server_version gauge
etcd_server_version{server_version="3.5.16"} 1
# TYPE grpc_server_handled_total counter
grpc_server_handled_total{grpc_code="OK",grpc_method="Alarm",grpc_service="etcdserverpb.Maintenance",grpc_type="unary"} 1
grpc_server_handled_total{grpc_code="OK",grpc_method="HashKV",grpc_service="etcdserverpb.Maintenance",grpc_type="unary"} 1
grpc_server_handled_total{grpc_code="OK",grpc_method="MemberList",grpc_service="etcdserverpb.Cluster",grpc_type="unary"} 1
grpc_server_handled_total{grpc_code="OK",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"} 65
grpc_server_handled_total{grpc_code="OK",grpc_method="Range",grpc_service="etcdserverpb.KV",grpc_type="unary"} 69
grpc_server_handled_total{grpc_code="OK",grpc_method="Status",grpc_service="etcdserverpb.Maintenance",grpc_type="unary"} 2
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 0.78
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.79535875667e+09
`;

/** Between the two scrapes, ms. */
export const scrape35ApartMs = 32232;
export const scrape35At = 1795358761631;
