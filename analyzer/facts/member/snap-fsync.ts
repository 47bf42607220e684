import { defineFact } from '../../fact.js';
import { fromScrapes, latencyOf } from '../views.js';

const metrics = {
  fsync: 'etcd_snap_fsync_duration_seconds',
  dbFsync: 'etcd_snap_db_fsync_duration_seconds',
  dbSave: 'etcd_snap_db_save_total_duration_seconds',
  backendSnapshot: 'etcd_disk_backend_snapshot_duration_seconds',
} as const;

export default defineFact({
  scope: 'member',
  id: 'snapFsync',
  title: 'Durations of snapshot syncs and of open backend snapshots',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(metrics), (scrapes) => {
      const value = {
        fsync: latencyOf(scrapes, metrics.fsync),
        dbFsync: latencyOf(scrapes, metrics.dbFsync),
        dbSave: latencyOf(scrapes, metrics.dbSave),
        backendSnapshot: latencyOf(scrapes, metrics.backendSnapshot),
      };
      return Object.values(value).every((latency) => latency === null) ? null : value;
    }),
});
