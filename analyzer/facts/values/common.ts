import type { Histogram, Percentile } from '../../metrics/histogram.js';

/** Sampling window of one process: its first to its last scrape. */
export interface Window {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

export type Basis = 'window' | 'since-start';

/** One view of a latency histogram. Percentiles are buckets, never points. */
export interface LatencyView {
  readonly basis: Basis;
  readonly histogram: Histogram;
  readonly count: number;
  readonly p50: Percentile | null;
  readonly p90: Percentile | null;
  readonly p99: Percentile | null;
  readonly meanMs: number | null;
  /** Observations per second. */
  readonly perSecond: number | null;
}

/** A histogram metric of one process, over the sampling window and since the process started. */
export interface Latency {
  readonly metric: string;
  /** Null with fewer than two scrapes of this process, or after a reset. May hold 0 observations. */
  readonly window: LatencyView | null;
  /** The weaker view: hours or months, incidents long over included. */
  readonly sinceStart: LatencyView;
  /** The window view when it has observations, else since-start. */
  readonly best: LatencyView;
}

/** A counter (or a gauge that only grows) of one process. */
export interface Counter {
  /** Growth in the window; null with one scrape or after a reset. */
  readonly delta: number | null;
  readonly perSecond: number | null;
  /** Value at the last scrape. */
  readonly sinceStart: number;
  /** Mean rate since the process started; null when its start is unknown. */
  readonly perSecondSinceStart: number | null;
  /** The value went down within one process: no delta is given. */
  readonly reset: boolean;
}

/** A gauge over all scrapes of one process, oldest first. */
export interface Gauge {
  readonly first: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly series: readonly { readonly at: number; readonly value: number }[];
}

/** Milliseconds of timed attempts; percentiles are observed values (few attempts). */
export interface AttemptStats {
  readonly attempts: number;
  readonly ok: number;
  readonly failed: number;
  /** Of the successful ones; null without any. */
  readonly minMs: number | null;
  readonly medianMs: number | null;
  readonly maxMs: number | null;
  /** Failures by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Time of every attempt in order, failed ones too. */
  readonly ms: readonly number[];
}
