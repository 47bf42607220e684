import { defineFact, observed } from '../../fact.js';
import { readAll, sourceOf } from '../access.js';

export default defineFact({
  scope: 'host',
  id: 'timeSync',
  title: 'Whether the clock is kept in step, and by whom',
  artifacts: ['time-sync'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'time-sync', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const { value } = latest;
    return observed(
      {
        synchronised: value.synchronised ?? null,
        by: value.synchronisedBy ?? null,
        offsetMs: value.offsetMs ?? null,
        stratum: value.stratum ?? null,
        server: value.server ?? null,
        daemons: value.daemons,
        clocksource: value.clocksource ?? null,
      },
      [sourceOf(latest)],
    );
  },
});
