import { defineFact } from '../../fact.js';
import { fromScrapes, labelValues, latencyOf } from '../views.js';

const metric = 'etcd_server_apply_duration_seconds';

export default defineFact({
  scope: 'member',
  id: 'applyDuration',
  title: 'Duration of applying one request, by operation (3.5+)',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, [metric], (scrapes) => {
      const all = latencyOf(scrapes, metric);
      if (all === null) return null;
      const byOp = labelValues(scrapes, `${metric}_count`, 'op').flatMap((op) =>
        labelValues(scrapes, `${metric}_count`, 'success').flatMap((success) => {
          const latency = latencyOf(scrapes, metric, { labels: { op, success } });
          return latency === null ? [] : [{ op, success, latency }];
        }),
      );
      return { all, byOp: byOp.sort((a, b) => b.latency.best.histogram.sumMs - a.latency.best.histogram.sumMs) };
    }),
});
