import { defineFact, observed } from '../../fact.js';
import { parseScrape, sumOf } from '../../metrics/parse.js';
import { ends, isNonEmpty, lastRun, missingOf, readAll } from '../access.js';
import type { ScrapeRound } from '../values/index.js';

/** The start time is computed from the boot time, which a clock adjustment moves by a second without any restart. */
const startToleranceMs = 1500;

const sameProcess = (before: ScrapeRound, after: ScrapeRound): boolean =>
  before.startedAt === null ||
  after.startedAt === null ||
  Math.abs(after.startedAt - before.startedAt) <= startToleranceMs;

export default defineFact({
  scope: 'member',
  id: 'scrapes',
  title: 'Metrics scrapes of the last process',
  artifacts: ['metrics'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'metrics', ctx.id);
    if (!read.ok) return read;
    const all = read.value
      .map((artifact): ScrapeRound => {
        const scrape = parseScrape(artifact.value);
        const start = sumOf(scrape, 'process_start_time_seconds');
        return {
          at: artifact.startedAt,
          durationMs: artifact.durationMs,
          round: artifact.round ?? null,
          path: artifact.path,
          bundleId: artifact.bundleId,
          scrape,
          startedAt: start === undefined || !Number.isFinite(start) || start <= 0 ? null : start * 1000,
        };
      })
      .filter((round) => round.scrape.names.length > 0);
    if (!isNonEmpty(all)) {
      const missing = missingOf(ctx.case, 'metrics', ctx.id);
      return {
        ok: false,
        missing: { ...missing, reason: `${missing.reason.split(':')[0] ?? 'metrics'}: no sample in the answer` },
      };
    }
    const rounds = lastRun(all, (round) => round.at, sameProcess);
    const first = rounds[0];
    const last = rounds.at(-1) ?? first;
    const seconds = (last.at - first.at) / 1000;
    return observed(
      {
        all,
        rounds,
        first,
        last,
        window: seconds > 0 ? { from: first.at, to: last.at, seconds } : null,
        restarted: all.some((round, i) => {
          const before = all[i - 1];
          return before !== undefined && !sameProcess(before, round);
        }),
        uptimeSeconds: last.startedAt === null ? null : Math.max(0, (last.at - last.startedAt) / 1000),
      },
      ends(rounds).map((round) => ({ artifact: 'metrics', path: round.path, bundle: round.bundleId })),
    );
  },
});
