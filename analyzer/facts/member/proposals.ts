import { defineFact } from '../../fact.js';
import { sumOf } from '../../metrics/parse.js';
import { counterOf, fromScrapes, gaugeFrom, gaugeOf } from '../views.js';

const names = {
  pending: 'etcd_server_proposals_pending',
  failed: 'etcd_server_proposals_failed_total',
  committed: 'etcd_server_proposals_committed_total',
  applied: 'etcd_server_proposals_applied_total',
} as const;

export default defineFact({
  scope: 'member',
  id: 'proposals',
  title: 'Proposals pending and failed on this member, committed and applied indexes',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(names), (scrapes) => {
      const pending = gaugeOf(scrapes, names.pending);
      if (pending === null) return null;
      const gap = scrapes.rounds.flatMap(({ at, scrape }) => {
        const committed = sumOf(scrape, names.committed);
        const applied = sumOf(scrape, names.applied);
        // Both are read one after the other while entries are applied: the gap is never negative.
        return committed === undefined || applied === undefined
          ? []
          : [{ at, value: Math.max(0, committed - applied) }];
      });
      return {
        pending,
        failed: counterOf(scrapes, names.failed),
        committed: counterOf(scrapes, names.committed),
        applied: counterOf(scrapes, names.applied),
        gap: gaugeFrom(gap),
      };
    }),
});
