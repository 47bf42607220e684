import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes } from '../views.js';

const names = {
  apply: 'etcd_server_slow_apply_total',
  readIndexSlow: 'etcd_server_slow_read_indexes_total',
  readIndexFailed: 'etcd_server_read_indexes_failed_total',
} as const;

export default defineFact({
  scope: 'member',
  id: 'slowOperations',
  title: 'Slow applies, slow and failed read indexes',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, Object.values(names), (scrapes) => {
      const value = {
        apply: counterOf(scrapes, names.apply),
        readIndexSlow: counterOf(scrapes, names.readIndexSlow),
        readIndexFailed: counterOf(scrapes, names.readIndexFailed),
      };
      return Object.values(value).every((counter) => counter === null) ? null : value;
    }),
});
