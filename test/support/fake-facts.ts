/** Plain values of the shapes that facts have, for rule tests. */
import type { Counter, Gauge, Latency, LatencyView } from '../../analyzer/facts/values/common.js';
import type { LogCount, MemberLog } from '../../analyzer/facts/values/member.js';
import { type Histogram, meanMs, percentile } from '../../analyzer/metrics/histogram.js';

/** Window of all fake facts: 36 s. */
export const WINDOW = {
  from: Date.UTC(2026, 10, 22, 10, 0, 0),
  to: Date.UTC(2026, 10, 22, 10, 0, 36),
  seconds: 36,
} as const;

/** etcd's fsync buckets in ms: 1 x 2, 14 of them. */
const DISK_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

/** A histogram from observations per upper bound (ms); `Infinity` is the last bucket. */
export const histogram = (
  perBucket: Readonly<Record<string, number>>,
  bounds: readonly number[] = DISK_BOUNDS,
): Histogram => {
  for (const key of Object.keys(perBucket)) {
    if (key !== 'Infinity' && !bounds.includes(Number(key)))
      throw new Error(`${key} ms is no bucket bound (${bounds.join(', ')})`);
  }
  let total = 0;
  let sumMs = 0;
  const all = [...bounds, Number.POSITIVE_INFINITY];
  const cumulative = all.map((bound, i) => {
    const count = perBucket[String(bound)] ?? 0;
    const low = i === 0 ? 0 : (bounds[i - 1] ?? 0);
    sumMs += count * (Number.isFinite(bound) ? (low + bound) / 2 : low * 1.5);
    total += count;
    return total;
  });
  return { boundsMs: bounds, cumulative, count: total, sumMs };
};

const view = (basis: LatencyView['basis'], h: Histogram): LatencyView => ({
  basis,
  histogram: h,
  count: h.count,
  p50: percentile(h, 0.5),
  p90: percentile(h, 0.9),
  p99: percentile(h, 0.99),
  meanMs: meanMs(h) ?? null,
  perSecond: basis === 'window' ? h.count / WINDOW.seconds : null,
});

/** A latency fact from observations per bucket in the window, and (by default the same) since start. */
export const latency = (
  window: Readonly<Record<string, number>> | null,
  options: { metric?: string; sinceStart?: Readonly<Record<string, number>>; bounds?: readonly number[] } = {},
): Latency => {
  const since = view('since-start', histogram(options.sinceStart ?? window ?? {}, options.bounds));
  const win = window === null ? null : view('window', histogram(window, options.bounds));
  return {
    metric: options.metric ?? 'fake',
    window: win,
    sinceStart: since,
    best: win !== null && win.count > 0 ? win : since,
  };
};

/** A counter that grew by `delta` in the window; null = growth unknown. */
export const counter = (delta: number | null, sinceStart = (delta ?? 0) + 100): Counter => ({
  delta,
  perSecond: delta === null ? null : delta / WINDOW.seconds,
  sinceStart,
  perSecondSinceStart: sinceStart / 3600,
  reset: false,
});

/** A gauge with one value per round, spread evenly over the window. */
export const gauge = (...values: readonly number[]): Gauge => ({
  first: values[0] ?? 0,
  last: values.at(-1) ?? 0,
  min: Math.min(...values),
  max: Math.max(...values),
  series: values.map((value, i) => ({
    at: WINDOW.from + (i * (WINDOW.to - WINDOW.from)) / Math.max(1, values.length - 1),
    value,
  })),
});

/** A log fact: how often each signature or group was seen in the window and before it. */
export const log = (
  seen: Readonly<
    Record<
      string,
      {
        readonly inWindow?: number;
        readonly before?: number;
        readonly worstSeconds?: number;
        readonly stats?: LogCount['stats'];
      }
    >
  > = {},
  options: Partial<Pick<MemberLog, 'coversWindow' | 'startupConfig' | 'from' | 'to' | 'summaries'>> = {},
): MemberLog => ({
  summaries: options.summaries ?? [],
  groups: Object.keys(seen),
  count: (id) => {
    const entry = seen[id];
    if (entry === undefined) return null;
    const inWindow = entry.inWindow ?? 0;
    const before = entry.before ?? 0;
    return {
      total: inWindow + before,
      inWindow,
      before,
      elsewhere: 0,
      first: before > 0 ? WINDOW.from - 600_000 : WINDOW.from + 1000,
      last: inWindow > 0 ? WINDOW.to - 1000 : WINDOW.from - 300_000,
      worstSeconds: entry.worstSeconds ?? null,
      stats: entry.stats ?? [],
      paths: ['members/0000000000000001/logs/server-all.log'],
    };
  },
  from: options.from ?? WINDOW.from - 3_600_000,
  to: options.to ?? WINDOW.to,
  coversWindow: options.coversWindow ?? true,
  startupConfig: options.startupConfig ?? null,
});
