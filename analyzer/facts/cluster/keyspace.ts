import { defineFact, observed } from '../../fact.js';
import { byText, readAll, sourceOf } from '../access.js';

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

export default defineFact({
  scope: 'cluster',
  id: 'keyspace',
  title: 'Number of keys by prefix',
  artifacts: ['keyspace'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'keyspace', 'cluster');
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const { value } = latest;
    return observed(
      {
        askedMember: value.askedMember,
        root: value.root ?? null,
        prefixes: value.prefixes
          .map(({ prefix, count }) => ({ prefix, keys: Number(count) }))
          .sort((a, b) => b.keys - a.keys || byText(a.prefix, b.prefix)),
        total: numberOf(value.total),
        others: numberOf(value.others),
        complete: value.ended === 'finished' && value.notCounted.length === 0,
      },
      [sourceOf(latest)],
    );
  },
});
