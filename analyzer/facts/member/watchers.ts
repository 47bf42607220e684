import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes, gaugeOf } from '../views.js';

const names = {
  watchers: 'etcd_debugging_mvcc_watcher_total',
  streams: 'etcd_debugging_mvcc_watch_stream_total',
  slow: 'etcd_debugging_mvcc_slow_watcher_total',
  pendingEvents: 'etcd_debugging_mvcc_pending_events_total',
  events: 'etcd_debugging_mvcc_events_total',
} as const;

export default defineFact({
  scope: 'member',
  id: 'watchers',
  title: 'Watchers, unsynced watchers and pending events',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(names), (scrapes) => {
      const watchers = gaugeOf(scrapes, names.watchers);
      const slow = gaugeOf(scrapes, names.slow);
      if (watchers === null && slow === null) return null;
      return {
        watchers,
        streams: gaugeOf(scrapes, names.streams),
        slow,
        pendingEvents: gaugeOf(scrapes, names.pendingEvents),
        events: counterOf(scrapes, names.events),
      };
    }),
});
