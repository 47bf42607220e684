import { defineFact, observed } from '../../fact.js';
import { growth, lastRun, readAll } from '../access.js';
import type { StatusRound } from '../values/index.js';

export default defineFact({
  scope: 'member',
  id: 'status',
  title: 'Maintenance.Status over the rounds',
  artifacts: ['endpoint-status'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'endpoint-status', ctx.id);
    if (!read.ok) return read;
    const all = read.value.map(
      (artifact): StatusRound => ({
        at: artifact.startedAt,
        durationMs: artifact.durationMs,
        round: artifact.round ?? null,
        bundleId: artifact.bundleId,
        path: artifact.path,
        value: artifact.value,
      }),
    ) as [StatusRound, ...StatusRound[]];
    const series = lastRun(all, (round) => round.at);
    const first = series[0];
    const last = series.at(-1) ?? first;
    const seconds = (last.at - first.at) / 1000;
    const rate = (a: string | undefined, b: string | undefined): number | null => {
      const grown = growth(a, b);
      return seconds > 0 && grown !== null ? grown / seconds : null;
    };
    return observed(
      {
        last: last.value,
        first: first.value,
        series,
        errors: [...new Set(series.flatMap((round) => round.value.errors))],
        slowestMs: Math.max(...series.map((round) => round.value.elapsedMs)),
        revisionPerSecond: rate(last.value.revision, first.value.revision),
        raftIndexPerSecond: rate(last.value.raftIndex, first.value.raftIndex),
      },
      read.source,
    );
  },
});
