import { defineFact } from '../../fact.js';
import { memberIdOf } from '../access.js';
import { fromScrapes, labelValues, latencyOf } from '../views.js';

const metric = 'etcd_network_peer_round_trip_time_seconds';

export default defineFact({
  scope: 'member',
  id: 'rtt',
  title: 'Peer round-trip time as this member measures it (smoothed, observed every 30 s per prober)',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, [metric], (scrapes) => {
      const all = latencyOf(scrapes, metric);
      if (all === null) return null;
      const peers = labelValues(scrapes, `${metric}_count`, 'To').flatMap((label) => {
        const to = memberIdOf(label);
        const latency = latencyOf(scrapes, metric, { labels: { To: label } });
        return to === null || latency === null ? [] : [{ to, latency }];
      });
      return { peers, all };
    }),
});
