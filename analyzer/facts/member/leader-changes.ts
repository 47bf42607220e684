import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes } from '../views.js';

const metric = 'etcd_server_leader_changes_seen_total';

export default defineFact({
  scope: 'member',
  id: 'leaderChanges',
  title: 'Leader changes this process saw; the first leader after its start counts as one',
  artifacts: ['metrics'],
  derive: (ctx) => fromScrapes(ctx, [metric], (scrapes) => counterOf(scrapes, metric)),
});
