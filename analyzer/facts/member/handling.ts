import { defineFact } from '../../fact.js';
import { fromScrapes, labelValues, latencyOf } from '../views.js';

const metric = 'grpc_server_handling_seconds';

export default defineFact({
  scope: 'member',
  id: 'handling',
  title: 'How long unary requests take, by method (--metrics=extensive)',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, [metric], (scrapes) => {
      if (!scrapes.last.scrape.has(`${metric}_bucket`)) return null;
      const byMethod = labelValues(scrapes, `${metric}_bucket`, 'grpc_method').flatMap((method) => {
        const latency = latencyOf(scrapes, metric, { labels: { grpc_method: method, grpc_type: 'unary' } });
        return latency === null ? [] : [{ method, latency }];
      });
      return byMethod.length === 0 ? null : { byMethod };
    }),
});
