/** One series of the past, from a Prometheus. */
export interface HistorySeries {
  /** What was asked for, e.g. `wal-fsync-p99`. */
  readonly name: string;
  readonly unit: string;
  readonly type: 'gauge' | 'counter' | 'rate' | 'quantile';
  /** Null when no address or id tells whose it is. */
  readonly member: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch ms of the first value. */
  readonly start: number;
  readonly stepMs: number;
  /** Null where there is none: no scrape, no observation. */
  readonly values: readonly (number | null)[];
  readonly path: string;
  readonly bundleId: string;
}

export interface History {
  /** First and last time with a value in any series, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly series: readonly HistorySeries[];
  /** Series of a name; of one member when it is given. */
  readonly of: (name: string, member?: string) => readonly HistorySeries[];
}
