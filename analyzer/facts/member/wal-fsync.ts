import { defineFact } from '../../fact.js';
import { fromScrapes, latencyOf } from '../views.js';

const metric = 'etcd_disk_wal_fsync_duration_seconds';

export default defineFact({
  scope: 'member',
  id: 'walFsync',
  title: 'Duration of WAL fdatasync calls (none are recorded with --unsafe-no-fsync)',
  artifacts: ['metrics'],
  derive: (ctx) => fromScrapes(ctx, [metric], (scrapes) => latencyOf(scrapes, metric)),
});
