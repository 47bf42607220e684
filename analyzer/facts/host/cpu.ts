import { absent, defineFact, observed } from '../../fact.js';
import { nameOf, readAll, sourceOf, spanOf } from '../access.js';
import { cpuStat, grown } from './proc-text.js';

export default defineFact({
  scope: 'host',
  id: 'cpu',
  title: 'CPU time of the host by use, runnable tasks and load',
  artifacts: ['cpu-stat', 'loadavg', 'host-cpu'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'cpu-stat', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    if (span === null)
      return absent('cpu-stat', `cpu-stat of ${nameOf(ctx.case, ctx.id)}: read once only, rates need two rounds`);
    const first = cpuStat(span.first.value);
    const last = cpuStat(span.last.value);
    if (first === null || last === null)
      return absent('cpu-stat', `cpu-stat of ${nameOf(ctx.case, ctx.id)}: no cpu line in it`);
    // Idle and iowait may go down a little between reads (kernel proc documentation): such a step counts as none.
    const spent = last.ticks.map((ticks, i) => grown(ticks, first.ticks[i]) ?? 0);
    const total = spent.reduce((sum, ticks) => sum + ticks, 0);
    if (total <= 0)
      return absent('cpu-stat', `cpu-stat of ${nameOf(ctx.case, ctx.id)}: no CPU time passed between the rounds`);
    const percent = (...fields: readonly number[]): number =>
      (fields.reduce((sum, i) => sum + (spent[i] ?? 0), 0) / total) * 100;
    const all = span.all.map((artifact) => cpuStat(artifact.value));
    const largest = (name: string): number | null => {
      const values = all.flatMap((stat) => {
        const value = stat?.values.get(name);
        return value === undefined ? [] : [Number(value)];
      });
      return values.length === 0 ? null : Math.max(...values);
    };
    const switches = grown(last.values.get('ctxt'), first.values.get('ctxt'));
    const logicalCpus = ctx.case.artifacts('host-cpu', ctx.id).at(-1)?.value.logicalCpus ?? last.cpus;
    const load = Number.parseFloat(ctx.case.artifacts('loadavg', ctx.id).at(-1)?.value ?? '');
    return observed(
      {
        seconds: span.seconds,
        logicalCpus,
        busyPercent: 100 - percent(3, 4),
        userPercent: percent(0, 1),
        systemPercent: percent(2),
        iowaitPercent: percent(4),
        stealPercent: percent(7),
        softirqPercent: percent(5, 6),
        contextSwitchesPerSecond: switches === null ? null : switches / span.seconds,
        maxRunnable: largest('procs_running'),
        maxBlocked: largest('procs_blocked'),
        load1: Number.isFinite(load) ? load : null,
        load1PerCpu: Number.isFinite(load) && logicalCpus > 0 ? load / logicalCpus : null,
      },
      [sourceOf(span.first), sourceOf(span.last)],
    );
  },
});
