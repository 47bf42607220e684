import type { LoadedLog } from '../../bundle/case.js';
import { defineFact, observed } from '../../fact.js';
import { logSignatures } from '../../knowledge/log-signatures.js';
import type { SignatureStats } from '../../logs/types.js';
import { windowOf } from '../../logs/window.js';
import { isNonEmpty, missingOf, nameOf } from '../access.js';
import { clockOffsetOf } from '../clock.js';
import type { LogCount, MemberLog } from '../values/index.js';

/** Collectors on several nodes do not start and end together: the log of the first is read before the window of the last ends. Own estimate. */
const LATE_MS = 10_000;

const worstSecondsOf = (stats: readonly SignatureStats[]): number | null => {
  const worst = stats.flatMap((each) => {
    const took = each.numbers.get('took');
    const durations = took === undefined ? [...each.numbers.values()].filter(({ unit }) => unit === 'seconds') : [took];
    const first = durations[0];
    return first === undefined ? [] : [first.worst.value];
  });
  return worst.length === 0 ? null : Math.max(...worst);
};

const spanOf = (log: LoadedLog): readonly [number, number] => [
  log.summary.firstTime ?? log.startedAt,
  log.summary.lastTime ?? log.startedAt,
];

/** Slices that overlap in time hold the same lines: grouped, so that each line counts once. */
const overlapping = (logs: readonly LoadedLog[]): LoadedLog[][] => {
  const groups: { to: number; logs: LoadedLog[] }[] = [];
  for (const log of [...logs].sort((a, b) => spanOf(a)[0] - spanOf(b)[0])) {
    const [from, to] = spanOf(log);
    const group = groups.at(-1);
    if (group !== undefined && from < group.to) {
      group.logs.push(log);
      group.to = Math.max(group.to, to);
    } else groups.push({ to, logs: [log] });
  }
  return groups.map((group) => group.logs);
};

const counterOver = (
  logs: readonly LoadedLog[],
  window: { readonly from: number; readonly to: number },
): MemberLog['count'] => {
  const groups = overlapping(logs);
  return (id) => {
    const own = (log: LoadedLog): SignatureStats[] =>
      [...log.summary.signatures.values()].filter((stats) => stats.group === id || stats.id === id);
    const all = logs.flatMap((log) => own(log));
    if (all.length === 0) return null;
    const sum = (count: (stats: SignatureStats) => number): number =>
      groups.reduce(
        (total, group) =>
          total + Math.max(...group.map((log) => own(log).reduce((part, stats) => part + count(stats), 0))),
        0,
      );
    const total = sum((stats) => stats.count);
    const inWindow = sum((stats) => windowOf(stats, window.from, window.to + 1).count);
    const before = sum((stats) => windowOf(stats, Number.NEGATIVE_INFINITY, window.from).count);
    const firsts = all.flatMap((stats) => (stats.first === undefined ? [] : [stats.first]));
    const lasts = all.flatMap((stats) => (stats.last === undefined ? [] : [stats.last]));
    const value: LogCount = {
      total,
      inWindow,
      before,
      elsewhere: Math.max(0, total - inWindow - before),
      first: firsts.length === 0 ? null : Math.min(...firsts),
      last: lasts.length === 0 ? null : Math.max(...lasts),
      worstSeconds: worstSecondsOf(all),
      stats: all,
      paths: logs.filter((log) => own(log).length > 0).map((log) => log.path),
    };
    return value;
  };
};

export default defineFact({
  scope: 'member',
  id: 'log',
  title: 'What the member’s log slices say',
  artifacts: ['server-log', 'clock-offset'],
  derive: (ctx) => {
    const logs = ctx.case.logs(ctx.id);
    if (!isNonEmpty(logs)) return { ok: false, missing: missingOf(ctx.case, 'server-log', ctx.id) };
    if (logs.every((log) => log.summary.lines === 0)) {
      return {
        ok: false,
        missing: {
          kind: 'server-log',
          reason: `server-log of ${nameOf(ctx.case, ctx.id)}: no line in it`,
          state: 'empty',
        },
      };
    }
    const offset = clockOffsetOf(ctx.case, ctx.id);
    const window = { from: ctx.case.window.from + offset, to: ctx.case.window.to + offset };
    const firsts = logs.flatMap(({ summary }) => (summary.firstTime === undefined ? [] : [summary.firstTime]));
    const lasts = logs.flatMap(({ summary }) => (summary.lastTime === undefined ? [] : [summary.lastTime]));
    const from = firsts.length === 0 ? null : Math.min(...firsts);
    const to = lasts.length === 0 ? null : Math.max(...lasts);
    const count = counterOver(logs, window);
    const groups = [
      ...new Set(logs.flatMap(({ summary }) => [...summary.signatures.values()].map((stats) => stats.group))),
    ];
    const totals = new Map(groups.map((group) => [group, count(group)?.total ?? 0]));
    return observed(
      {
        summaries: logs.map((log) => ({
          path: log.path,
          bundleId: log.bundleId,
          instance: log.instance ?? null,
          summary: log.summary,
          flaws: log.flaws,
        })),
        groups: groups.sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0) || (a < b ? -1 : 1)),
        count,
        from,
        to,
        // A quiet member logs nothing for minutes: a slice read after the window covers it, whatever its last line.
        coversWindow:
          from !== null &&
          from <= window.from &&
          logs.some((log) => Math.max(log.startedAt + offset, log.summary.lastTime ?? 0) >= window.to - LATE_MS),
        startupConfig: startupConfigOf(logs),
      },
      logs.map((log) => ({ artifact: 'server-log', path: log.path, bundle: log.bundleId })),
    );
  },
});

const startupConfigOf = (logs: readonly LoadedLog[]): Readonly<Record<string, string>> | null => {
  const starts = logs.flatMap(({ summary }) => summary.starts).filter((start) => Object.keys(start.config).length > 0);
  starts.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  return (
    starts.at(-1)?.config ??
    logs.find(({ summary }) => summary.startupConfig !== undefined)?.summary.startupConfig ??
    null
  );
};

/** Whether a group or signature id exists in the knowledge: an unknown id would count as never logged. */
export const isKnownSignature = (id: string): boolean =>
  logSignatures().some((signature) => signature.id === id || signature.group === id);
