import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes, gaugeOf } from '../views.js';

export default defineFact({
  scope: 'member',
  id: 'leaderState',
  title: 'Whether the member has, or is, the leader by its metrics',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, ['etcd_server_has_leader', 'etcd_server_is_leader'], (scrapes) => {
      const hasLeader = gaugeOf(scrapes, 'etcd_server_has_leader');
      if (hasLeader === null) return null;
      return {
        hasLeader,
        isLeader: gaugeOf(scrapes, 'etcd_server_is_leader'),
        isLearner: gaugeOf(scrapes, 'etcd_server_is_learner'),
        learnerPromoteFailures: counterOf(scrapes, 'etcd_server_learner_promote_failures'),
      };
    }),
});
