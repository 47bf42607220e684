import type { CgroupArtifact } from '../../../schemas/index.js';
import { defineFact, observed } from '../../fact.js';
import { big, growth, readAll, spanOf } from '../access.js';
import type { Cgroup, CgroupLevel } from '../values/index.js';

type Level = CgroupArtifact['levels'][number];

/** `total=` of the `some` line of a pressure file, microseconds. */
const pressureTotal = (text: string | undefined): string | undefined => /^some .*?total=(\d+)/m.exec(text ?? '')?.[1];

/** v2: `oom_kill` of memory.events; v1: the same name in memory.oom_control. */
const oomKillsOf = (level: Level | undefined): string | undefined => level?.memory?.events?.oom_kill;

/** cgroup v1 writes "no limit" as a page-aligned maximum of 2^63. */
const unlimited = 2n ** 62n;

const levelOf = (level: Level, before: Level | undefined, seconds: number | null): CgroupLevel => {
  const { cpu, memory } = level;
  const delta = (last: string | undefined, first: string | undefined): number | null =>
    seconds === null ? null : growth(last, first);
  const periods = delta(cpu?.nrPeriods, before?.cpu?.nrPeriods);
  const throttled = delta(cpu?.nrThrottled, before?.cpu?.nrThrottled);
  const throttledUs = delta(cpu?.throttledUs, before?.cpu?.throttledUs);
  const quota = big(cpu?.quotaUs);
  const period = big(cpu?.periodUs);
  const total = big(cpu?.nrPeriods);
  const totalThrottled = big(cpu?.nrThrottled);
  const limit = big(memory?.limitBytes);
  const usage = big(memory?.usageBytes);
  const bounded = limit !== null && limit > 0n && limit < unlimited;
  const oomKills = big(oomKillsOf(level));
  const percent = (last: string | undefined, first: string | undefined): number | null => {
    const grown = delta(pressureTotal(last), pressureTotal(first));
    return grown === null || seconds === null ? null : grown / (seconds * 10_000);
  };
  return {
    path: level.path,
    quotaCores: quota !== null && quota > 0n && period !== null && period > 0n ? Number(quota) / Number(period) : null,
    periods,
    throttledPeriods: throttled,
    throttledShare: periods === null || throttled === null || periods === 0 ? null : throttled / periods,
    throttledPercent: throttledUs === null || seconds === null ? null : throttledUs / (seconds * 10_000),
    throttledShareSinceStart:
      total === null || totalThrottled === null || total === 0n ? null : Number(totalThrottled) / Number(total),
    memoryLimitBytes: bounded ? limit.toString() : null,
    memoryUsageBytes: usage?.toString() ?? null,
    memoryShare: bounded && usage !== null ? Number(usage) / Number(limit) : null,
    oomKills: oomKills === null ? null : Number(oomKills),
    oomKillsInWindow: delta(oomKillsOf(level), oomKillsOf(before)),
    ioMax: level.io?.max === undefined || level.io.max.trim() === '' ? null : level.io.max,
    cpuPressurePercent: percent(level.pressure?.cpu, before?.pressure?.cpu),
    ioPressurePercent: percent(level.pressure?.io, before?.pressure?.io),
  };
};

const smallest = <T>(list: readonly T[], by: (item: T) => number | null): T | null =>
  list.reduce<T | null>((least, item) => {
    const value = by(item);
    const known = least === null ? null : by(least);
    return value !== null && (known === null || value < known) ? item : least;
  }, null);

export default defineFact({
  scope: 'member',
  id: 'cgroup',
  title: 'CPU throttling, memory limit and pressure of the process’s cgroups',
  artifacts: ['cgroup'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'cgroup', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    const last = (span?.last ?? read.value.at(-1) ?? read.value[0]).value;
    const first = span?.first.value;
    const levels = last.levels.map((level) =>
      levelOf(
        level,
        first?.levels.find((each) => each.path === level.path),
        span?.seconds ?? null,
      ),
    );
    const worst = levels.reduce<CgroupLevel | null>(
      (most, level) =>
        level.throttledShare !== null && level.throttledShare > (most?.throttledShare ?? 0) ? level : most,
      null,
    );
    const tight = smallest(levels, (level) =>
      level.memoryLimitBytes === null ? null : Number(level.memoryLimitBytes),
    );
    const kills = levels.flatMap((level) => (level.oomKills === null ? [] : [level.oomKills]));
    const value: Cgroup = {
      version: last.version,
      seconds: span?.seconds ?? null,
      levels,
      worst,
      quotaCores: smallest(levels, (level) => level.quotaCores)?.quotaCores ?? null,
      memory:
        tight === null || tight.memoryLimitBytes === null
          ? null
          : { limitBytes: tight.memoryLimitBytes, usageBytes: tight.memoryUsageBytes, share: tight.memoryShare },
      // The leaf's kills are counted in its ancestors too.
      oomKills: kills.length === 0 ? null : (kills[0] ?? null),
    };
    return observed(value, read.source);
  },
});
