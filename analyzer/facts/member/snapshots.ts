import { defineFact } from '../../fact.js';
import { memberIdOf } from '../access.js';
import { counterOf, fromScrapes, gaugeOf, labelValues, latencyOf } from '../views.js';
import type { Scrapes, SnapshotTransfers } from '../values/index.js';

const name = (rest: string): string => `etcd_network_snapshot_${rest}`;

const transfers = [
  { metric: name('send_success'), label: 'To', direction: 'sent', failed: false },
  { metric: name('send_failures'), label: 'To', direction: 'sent', failed: true },
  { metric: name('receive_success'), label: 'From', direction: 'received', failed: false },
  { metric: name('receive_failures'), label: 'From', direction: 'received', failed: true },
] as const;

const byPeer = (scrapes: Scrapes): SnapshotTransfers['byPeer'] =>
  transfers.flatMap(({ metric, label, direction, failed }) =>
    labelValues(scrapes, metric, label).flatMap((peer) => {
      const counter = counterOf(scrapes, metric, { [label]: peer });
      return counter === null ? [] : [{ peer: memberIdOf(peer) ?? peer, direction, failed, counter }];
    }),
  );

export default defineFact({
  scope: 'member',
  id: 'snapshots',
  title: 'Raft snapshots sent, received and installed',
  artifacts: ['metrics'],
  // These series appear with the first transfer: without one, null means none since the process started.
  derive: (ctx) =>
    fromScrapes(
      ctx,
      ['etcd_server_snapshot_apply_in_progress_total', ...transfers.map(({ metric }) => metric)],
      (scrapes) =>
        scrapes.last.scrape.names.some((each) => each.startsWith('etcd_'))
          ? {
              sent: counterOf(scrapes, name('send_success')),
              sendFailures: counterOf(scrapes, name('send_failures')),
              received: counterOf(scrapes, name('receive_success')),
              receiveFailures: counterOf(scrapes, name('receive_failures')),
              sendInflight: gaugeOf(scrapes, name('send_inflights_total')),
              receiveInflight: gaugeOf(scrapes, name('receive_inflights_total')),
              applyInProgress: gaugeOf(scrapes, 'etcd_server_snapshot_apply_in_progress_total'),
              sendDuration: latencyOf(scrapes, name('send_total_duration_seconds')),
              receiveDuration: latencyOf(scrapes, name('receive_total_duration_seconds')),
              byPeer: byPeer(scrapes),
            }
          : null,
    ),
});
