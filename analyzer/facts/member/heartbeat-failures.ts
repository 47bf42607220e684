import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes } from '../views.js';

const metric = 'etcd_server_heartbeat_send_failures_total';

export default defineFact({
  scope: 'member',
  id: 'heartbeatFailures',
  title: 'Heartbeats sent late (leader only, one per follower)',
  artifacts: ['metrics'],
  derive: (ctx) => fromScrapes(ctx, [metric], (scrapes) => counterOf(scrapes, metric)),
});
