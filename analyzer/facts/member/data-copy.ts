import { absent, defineFact, observed } from '../../fact.js';
import { because, nameOf } from '../access.js';

export default defineFact({
  scope: 'member',
  id: 'dataCopy',
  title: 'The data dir the member starts from: log, snapshots and database',
  artifacts: ['datadir-wal', 'datadir-snap', 'datadir-db'],
  derive: (ctx) => {
    const copies = ctx.facts.cluster('copies');
    if (!copies.ok) return because(copies);
    const own = copies.value.ranked.filter(({ copy }) => (copy.member ?? copy.target) === ctx.id);
    // Of several the one in use; a dir that was put aside says nothing about the member.
    const ranked = own.find(({ copy }) => copy.inUse === true) ?? own[0];
    if (ranked === undefined) return absent('datadir-wal', `no data dir of ${nameOf(ctx.case, ctx.id)} was read`);
    return observed({ ...ranked, others: own.length - 1 }, ranked.copy.source);
  },
});
