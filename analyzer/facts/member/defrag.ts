import { defineFact } from '../../fact.js';
import { fromScrapes, gaugeOf, latencyOf } from '../views.js';

const inflightMetric = 'etcd_disk_defrag_inflight';
const runsMetric = 'etcd_disk_backend_defrag_duration_seconds';

export default defineFact({
  scope: 'member',
  id: 'defrag',
  title: 'Defragmentations running and done by this process',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, [inflightMetric, runsMetric], (scrapes) => {
      const inflight = gaugeOf(scrapes, inflightMetric);
      const runs = latencyOf(scrapes, runsMetric);
      return inflight === null && runs === null ? null : { inflight, runs };
    }),
});
