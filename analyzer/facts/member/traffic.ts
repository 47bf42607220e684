import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes, labelValues } from '../views.js';

const names = {
  clientSent: 'etcd_network_client_grpc_sent_bytes_total',
  clientReceived: 'etcd_network_client_grpc_received_bytes_total',
  peerSent: 'etcd_network_peer_sent_bytes_total',
  peerReceived: 'etcd_network_peer_received_bytes_total',
} as const;
const failures = 'etcd_network_server_stream_failures_total';

export default defineFact({
  scope: 'member',
  id: 'traffic',
  title: 'Bytes to and from clients and peers',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(names), (scrapes) => {
      const value = {
        clientSent: counterOf(scrapes, names.clientSent),
        clientReceived: counterOf(scrapes, names.clientReceived),
        peerSent: counterOf(scrapes, names.peerSent),
        peerReceived: counterOf(scrapes, names.peerReceived),
      };
      const known = Object.values(value).filter((counter) => counter !== null);
      if (known.length === 0) return null;
      const rates = known.flatMap((counter) => (counter.perSecond === null ? [] : [counter.perSecond]));
      const streamFailures = labelValues(scrapes, failures, 'API').flatMap((api) =>
        labelValues(scrapes, failures, 'Type').flatMap((type) => {
          const counter = counterOf(scrapes, failures, { API: api, Type: type });
          return counter === null ? [] : [{ api, type, counter }];
        }),
      );
      return {
        ...value,
        streamFailures,
        bytesPerSecond: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
      };
    }),
});
