import type { ReportSource } from '../../../schemas/index.js';
import type { MemberLog } from '../../facts/values/member.js';

/** Lines of any of several signatures or groups. Counts are 0 when never logged. */
export interface Lines {
  readonly total: number;
  readonly inWindow: number;
  readonly before: number;
  /** Epoch ms by the member's clock; null without a timed line. */
  readonly first: number | null;
  readonly last: number | null;
  readonly sources: readonly ReportSource[];
}

/** Adds up several ids; undefined when there is no log. */
export const linesOf = (log: MemberLog | undefined, ids: readonly string[]): Lines | undefined => {
  if (log === undefined) return undefined;
  const counts = ids.flatMap((id) => log.count(id) ?? []);
  const sum = (pick: (count: (typeof counts)[number]) => number): number =>
    counts.reduce((total, count) => total + pick(count), 0);
  const firsts = counts.flatMap((count) => count.first ?? []);
  const lasts = counts.flatMap((count) => count.last ?? []);
  return {
    total: sum((count) => count.total),
    inWindow: sum((count) => count.inWindow),
    before: sum((count) => count.before),
    first: firsts.length === 0 ? null : Math.min(...firsts),
    last: lasts.length === 0 ? null : Math.max(...lasts),
    sources: counts.flatMap((count) =>
      count.stats.flatMap((stats) =>
        stats.samples
          .slice(-1)
          .map((sample) => ({ artifact: 'server-log', path: sample.source, pointer: `line ${sample.line}` })),
      ),
    ),
  };
};

/** Times of the latest lines of these ids (at most 512 per form), ascending, each once. */
export const timesOf = (log: MemberLog, ids: readonly string[]): readonly number[] =>
  [...new Set(ids.flatMap((id) => (log.count(id)?.stats ?? []).flatMap((stats) => stats.recent)))].sort(
    (a, b) => a - b,
  );

/** Values of an id or text field over the lines of a signature, with their counts. */
export const valuesOf = (log: MemberLog | undefined, id: string, field: string): ReadonlyMap<string, number> => {
  const seen = new Map<string, number>();
  for (const stats of log?.count(id)?.stats ?? []) {
    for (const { value, count } of stats.texts.get(field)?.top ?? []) {
      // Slices of one log overlap: the largest count, not the sum.
      seen.set(value, Math.max(seen.get(value) ?? 0, count));
    }
  }
  return seen;
};
