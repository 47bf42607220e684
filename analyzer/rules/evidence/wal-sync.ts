import type { Counter, Latency, LatencyView } from '../../facts/values/common.js';
import type {
  Cgroup,
  HostPressure,
  MemberLog,
  ProcessSched,
  Proposals,
  SlowOperations,
} from '../../facts/values/member.js';
import type { Severity } from '../../finding.js';
import { shareAbove } from '../../metrics/histogram.js';
import { cpuWithheld } from './cpu.js';
import { tailOf } from './latency.js';

/** So few syncs are believed only when every one of them was slow; own estimate. */
const FEW = 4;
/** Share of throttled CFS periods from which throttling alone moves the whole distribution; own estimate. */
const THROTTLED_MUCH = 0.3;
/** CPU pressure (PSI some, percent) from which a slow tail may just as well be waiting for a CPU; own estimate. */
const PRESSED = 25;
/** Share of applied proposals that took too long from which it is no accident; own estimate. */
const SLOW_APPLIES = 0.01;

export interface WalSync {
  /** Provably slower than etcd needs, in the window; undefined with too few syncs. */
  readonly slow: boolean | undefined;
  /** More than half of the syncs are above the bound: the distribution moved, not only its tail. */
  readonly shifted: boolean;
  readonly observed: string;
  readonly view: LatencyView;
  readonly meanMs: number;
  /** The p99 as far as proven, ms; with few observations the mean. */
  readonly tailMs: number;
}

const ms = (value: number): string => (value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10));

/** Judges the WAL syncs of the window against `boundMs`, a bucket bound. */
export const walSync = (latency: Latency, boundMs: number, tailShare: number): WalSync => {
  const tail = tailOf(latency, boundMs, tailShare);
  const { view } = tail;
  const meanMs = latency.window === null ? 0 : (view.meanMs ?? 0);
  const share = latency.window === null ? null : shareAbove(view.histogram, boundMs);
  const all = shareAbove(view.histogram, boundMs * 2)?.atLeast === 1;
  if (tail.slow === undefined && latency.window !== null && view.count >= FEW && all)
    return {
      slow: true,
      shifted: true,
      view,
      observed: `${ms(meanMs)} ms (mean of only ${view.count})`,
      meanMs,
      tailMs: meanMs,
    };
  const proven = view.p99 === null ? meanMs : Math.min(Math.max(meanMs, view.p99.loMs), view.p99.hiMs ?? view.p99.loMs);
  return {
    slow: tail.slow,
    view,
    shifted: (share?.atLeast ?? 0) > 0.5,
    observed:
      tail.slow === undefined || tail.observed.includes('mean of')
        ? tail.observed
        : `${tail.observed}, mean ${ms(meanMs)} ms`,
    meanMs,
    tailMs: tail.slow === undefined ? 0 : Math.max(tail.provenMs, proven),
  };
};

/** Consequences in the window that weigh on their own: late heartbeats, elections, syncs beyond a second, one apply in a hundred too slow. */
export const hurts = (want: {
  readonly heartbeatFailures?: Counter | undefined;
  readonly leaderChanges?: Counter | undefined;
  readonly slowOperations?: SlowOperations | undefined;
  readonly proposals?: Proposals | undefined;
  readonly log?: MemberLog | undefined;
}): boolean => {
  const applies = want.slowOperations?.apply?.delta ?? 0;
  const applied = want.proposals?.applied?.delta ?? null;
  return (
    (want.heartbeatFailures?.delta ?? 0) > 0 ||
    (want.leaderChanges?.delta ?? 0) > 0 ||
    (want.log?.count('wal-slow-fdatasync')?.inWindow ?? 0) > 0 ||
    (applied !== null && applied > 0 && applies / applied > SLOW_APPLIES)
  );
};

export interface CpuVerdict {
  /** The lack of CPU alone accounts for the slow syncs; undefined when the host was not observed. */
  readonly explains: boolean | undefined;
  readonly observed: string;
}

/**
 * Whether missing CPU time accounts for slow syncs. Competition and light throttling lengthen the tail only;
 * a shifted median needs heavy throttling or another cause.
 */
export const cpuExplains = (
  sync: WalSync,
  want: {
    readonly cgroup?: Cgroup | undefined;
    readonly processSched?: ProcessSched | undefined;
    readonly hostPressure?: HostPressure | undefined;
  },
): CpuVerdict => {
  const { withheld, observed } = cpuWithheld(want, sync.view);
  if ((want.cgroup?.worst?.throttledShare ?? 0) >= THROTTLED_MUCH) return { explains: true, observed };
  if (!sync.shifted && (want.hostPressure?.cpu?.some.windowPercent ?? 0) > PRESSED) return { explains: true, observed };
  if (withheld === undefined) return { explains: undefined, observed };
  return { explains: withheld && !sync.shifted, observed };
};

export interface SyncScale {
  /** Mean from which syncs do harm without further proof. */
  readonly harmfulMs: number;
  /** A tenth of the election timeout in force. */
  readonly highMs: number;
  /** Upstream's warning for the p99, and its critical one. */
  readonly alertMs: number;
  readonly criticalMs: number;
}

/** Severity of slow syncs: `info` = slower than recommended and nobody hurt. `blamed`: the host's counters point at the device. */
export const syncSeverity = (sync: WalSync, scale: SyncScale, hurt: boolean, blamed: boolean): Severity => {
  if (sync.shifted) {
    if (sync.meanMs >= scale.criticalMs) return 'critical';
    if (sync.meanMs >= scale.highMs) return 'high';
    return sync.meanMs >= scale.harmfulMs || hurt ? 'warning' : 'info';
  }
  if (sync.tailMs >= scale.criticalMs && hurt) return 'high';
  if (sync.tailMs >= scale.alertMs) return 'warning';
  return sync.tailMs >= scale.highMs && hurt && blamed ? 'warning' : 'info';
};
