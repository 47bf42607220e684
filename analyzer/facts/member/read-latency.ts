import { defineFact, observed } from '../../fact.js';
import { readAll } from '../access.js';
import { attemptStats } from '../views.js';

export default defineFact({
  scope: 'member',
  id: 'readLatency',
  title: 'Latency of serializable and linearizable reads from the vantage',
  artifacts: ['read-latency'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'read-latency', ctx.id);
    if (!read.ok) return read;
    const all = read.value.map((artifact) => artifact.value);
    const connects = all.flatMap(({ connectMs }) => (typeof connectMs === 'number' ? [connectMs] : []));
    return observed(
      {
        connectMs: connects.length === 0 ? null : Math.min(...connects),
        serializable: attemptStats(all.flatMap((value) => value.serializable)),
        linearizable: attemptStats(all.flatMap((value) => value.linearizable)),
      },
      read.source,
    );
  },
});
