import { defineFact } from '../../fact.js';
import { fromScrapes, latencyOf } from '../views.js';

const metric = 'etcd_disk_wal_write_duration_seconds';

export default defineFact({
  scope: 'member',
  id: 'walWrite',
  title: 'Duration of writing records to the WAL, without the sync (3.5.15+)',
  artifacts: ['metrics'],
  derive: (ctx) => fromScrapes(ctx, [metric], (scrapes) => latencyOf(scrapes, metric)),
});
