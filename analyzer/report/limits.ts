import type { Report } from '../../schemas/index.js';

/** Limits that a report applied to a latency, in ms; null when it names none. */
export interface ChartLimits {
  readonly walFsyncMs: number | null;
  readonly backendCommitMs: number | null;
}

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^([\d.]+)\s*(?:µs|us)\b/i, 0.001],
  [/^([\d.]+)\s*ms\b/i, 1],
  [/^([\d.]+)\s*s\b/i, 1000],
];

/** Reads `10 ms`, `0.5 s`, `100 us` as milliseconds; null for anything else. */
export const parseMs = (text: string): number | null => {
  for (const [pattern, factor] of UNITS) {
    const match = pattern.exec(text.trim());
    const value = Number(match?.[1]);
    if (match !== null && Number.isFinite(value) && value > 0) return value * factor;
  }
  return null;
};

/**
 * The limits to draw, taken from the report's own thresholds: the duration from which a WAL fsync or a backend commit
 * counts as slow (`fsync-slow-ms`, `wal-fsync-p99`, ...). A report that judged by no such threshold gets no line.
 */
export const chartLimits = (report: Report): ChartLimits => ({
  walFsyncMs: limitFor(report, /^(?:wal-)?fsync-(?:slow|p99)\b/),
  backendCommitMs: limitFor(report, /^(?:backend-)?commit-(?:slow|p99)\b/),
});

const limitFor = (report: Report, about: RegExp): number | null => {
  const durations = report.thresholds
    .filter((threshold) => about.test(threshold.id))
    .map((threshold) => parseMs(threshold.value))
    .filter((ms): ms is number => ms !== null);
  return durations.length === 0 ? null : Math.min(...durations);
};
