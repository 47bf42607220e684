import type { LatencyView } from '../../facts/values/common.js';
import type { Cgroup, HostPressure, ProcessSched } from '../../facts/values/member.js';

/** Share of CFS periods throttled above which any wall-clock measurement of the process is in doubt; own estimate. */
const THROTTLED = 0.25;
/** CPU waiting must amount to at least this share of the measured time to be its explanation; own estimate. */
const EXPLAINS = 0.5;

export interface CpuWithheld {
  /** CPU withheld from the process explains the measured time; undefined when neither cgroup nor scheduler counters were observed. */
  readonly withheld: boolean | undefined;
  readonly observed: string;
}

/** Share of wall time that operations of one latency took, one after the other: rate x mean. */
const busyShare = (view: LatencyView): number | undefined =>
  view.perSecond === null || view.meanMs === null ? undefined : (view.perSecond * view.meanMs) / 1000;

/**
 * Whether CPU withheld from the etcd process explains how long `view` took in the window.
 * A process that waited 13 % of the window for a CPU did not spend 96 % of it in syncs because of that.
 */
export const cpuWithheld = (
  want: {
    readonly cgroup?: Cgroup | undefined;
    readonly processSched?: ProcessSched | undefined;
    readonly hostPressure?: HostPressure | undefined;
  },
  view?: LatencyView,
): CpuWithheld => {
  const throttled = want.cgroup?.worst?.throttledShare ?? undefined;
  const waiting = want.processSched?.runQueueWaitShare ?? undefined;
  const pressure = want.hostPressure?.cpu?.some.windowPercent ?? undefined;
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const busy = view === undefined ? undefined : busyShare(view);
  const parts = [
    throttled === undefined ? undefined : `throttled in ${percent(throttled)} of periods`,
    waiting === undefined ? undefined : `waited for a CPU ${percent(waiting)} of the time`,
    busy === undefined || waiting === undefined ? undefined : `in these operations ${percent(busy)} of it`,
    pressure === undefined ? undefined : `host CPU pressure ${Math.round(pressure)} %`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return { withheld: undefined, observed: 'not observed' };
  if ((throttled ?? 0) > THROTTLED) return { withheld: true, observed: parts.join(', ') };
  const withheld =
    waiting === undefined || busy === undefined ? undefined : waiting >= EXPLAINS * busy && waiting > 0.1;
  return { withheld: withheld ?? (want.cgroup === undefined ? undefined : false), observed: parts.join(', ') };
};
