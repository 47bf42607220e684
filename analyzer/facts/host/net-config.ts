import { defineFact, observed } from '../../fact.js';
import { readAll, sourceOf } from '../access.js';

export default defineFact({
  scope: 'host',
  id: 'netConfig',
  title: 'Interfaces, routes to peers and name resolution',
  artifacts: ['net-config'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'net-config', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const { interfaces, routes, resolver, hosts } = latest.value;
    return observed({ interfaces, routes, resolver: resolver ?? null, hosts }, [sourceOf(latest)]);
  },
});
