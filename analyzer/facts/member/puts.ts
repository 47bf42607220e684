import { defineFact } from '../../fact.js';
import { counterOf, fromScrapes } from '../views.js';
import type { Counter, Scrapes } from '../values/index.js';

const putBytes = 'etcd_debugging_mvcc_total_put_size_in_bytes';

// 3.4 exports both names (as of its own mvcc package), 3.5 keeps the old one for ranges only.
const either = (scrapes: Scrapes, operation: string): Counter | null =>
  counterOf(scrapes, `etcd_mvcc_${operation}_total`) ?? counterOf(scrapes, `etcd_debugging_mvcc_${operation}_total`);

const ratio = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a === null || a === undefined || b === null || b === undefined || b <= 0 ? null : a / b;

export default defineFact({
  scope: 'member',
  id: 'puts',
  title: 'Rates of puts, deletes, transactions and ranges',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, ['etcd_mvcc_put_total', 'etcd_mvcc_range_total', putBytes], (scrapes) => {
      const puts = either(scrapes, 'put');
      const ranges = either(scrapes, 'range');
      if (puts === null && ranges === null) return null;
      const bytes = counterOf(scrapes, putBytes);
      const sent = counterOf(scrapes, 'etcd_network_client_grpc_sent_bytes_total');
      return {
        puts,
        deletes: either(scrapes, 'delete'),
        txns: either(scrapes, 'txn'),
        ranges,
        bytesPerPut: ratio(bytes?.delta, puts?.delta),
        bytesPerPutSinceStart: ratio(bytes?.sinceStart, puts?.sinceStart),
        sentBytesPerRange: ratio(sent?.delta, ranges?.delta),
      };
    }),
});
