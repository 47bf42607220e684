/** Pressure of one resource. Percent of wall time; `window` from the growth of the total. */
export interface Pressure {
  readonly some: PressureView;
  readonly full: PressureView | null;
}

export interface PressureView {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  /** Largest avg10 over the rounds. */
  readonly maxAvg10: number;
  readonly windowPercent: number | null;
}

export interface HostPressure {
  readonly host: string;
  readonly seconds: number | null;
  readonly cpu: Pressure | null;
  readonly io: Pressure | null;
  readonly memory: Pressure | null;
}

export interface CgroupLevel {
  readonly path: string;
  readonly quotaCores: number | null;
  readonly periods: number | null;
  readonly throttledPeriods: number | null;
  /** Throttled / elapsed periods in the window, 0..1; null with one round or without periods. */
  readonly throttledShare: number | null;
  /** Percent of wall time spent throttled in the window, summed over CPUs. */
  readonly throttledPercent: number | null;
  /** The same share since the cgroup exists. */
  readonly throttledShareSinceStart: number | null;
  readonly memoryLimitBytes: string | null;
  readonly memoryUsageBytes: string | null;
  /** usage / limit 0..1 */
  readonly memoryShare: number | null;
  /** Kills by the OOM killer, total and in the window. */
  readonly oomKills: number | null;
  readonly oomKillsInWindow: number | null;
  readonly ioMax: string | null;
  /** Percent of time stalled in the window (PSI of the cgroup, `some`). */
  readonly cpuPressurePercent: number | null;
  readonly ioPressurePercent: number | null;
}

export interface Cgroup {
  readonly version: number;
  readonly seconds: number | null;
  /** Leaf first. */
  readonly levels: readonly CgroupLevel[];
  /** The level that throttled most; null when none throttles or nothing is known. */
  readonly worst: CgroupLevel | null;
  /** Smallest CPU quota on the way to the root, cores. */
  readonly quotaCores: number | null;
  /** Smallest memory limit on the way to the root, with its usage. */
  readonly memory: {
    readonly limitBytes: string;
    readonly usageBytes: string | null;
    readonly share: number | null;
  } | null;
  readonly oomKills: number | null;
}

export interface ProcessSched {
  readonly host: string | null;
  readonly seconds: number | null;
  readonly cpuCores: number | null;
  /** Time runnable but waiting for a CPU, as a share of wall time; summed over threads, so it may exceed 1. */
  readonly runQueueWaitShare: number | null;
  /** Waiting share of the time it wanted to run: wait / (run + wait). */
  readonly waitOfRunnable: number | null;
  /** Block I/O delay as a share of wall time, summed over threads. */
  readonly blkioDelayShare: number | null;
  readonly majorFaultsPerSecond: number | null;
  readonly writeBytesPerSecond: number | null;
  readonly readBytesPerSecond: number | null;
  /** In the order of the rounds, repeats left out: the last one is the state in the last round. */
  readonly states: readonly string[];
  /** State T (stopped) in any round. */
  readonly stopped: boolean;
  /** Last round in state T, epoch ms. */
  readonly lastStoppedAt: number | null;
  readonly zombie: boolean;
  readonly threads: number;
  readonly openFds: number | null;
  readonly swapBytes: string | null;
  readonly restarted: boolean;
}
