import type { Cgroup, HostPressure, ProcessSched } from '../../facts/values/member.js';

/** Share of CFS periods throttled above which timing suffers; own estimate, see the resources thresholds for the rule's own. */
const THROTTLED = 0.05;
/** Share of the time the process wanted to run that it spent waiting for a CPU; own estimate. */
const WAITING = 0.5;

export interface CpuWithheld {
  /** Undefined when neither cgroup nor scheduler counters were observed. */
  readonly withheld: boolean | undefined;
  readonly observed: string;
}

/** Whether CPU time was withheld from the etcd process in the window, by its cgroup's quota or by competition. */
export const cpuWithheld = (want: {
  readonly cgroup?: Cgroup | undefined;
  readonly processSched?: ProcessSched | undefined;
  readonly hostPressure?: HostPressure | undefined;
}): CpuWithheld => {
  const throttled = want.cgroup?.worst?.throttledShare ?? undefined;
  const waiting = want.processSched?.waitOfRunnable ?? undefined;
  const pressure = want.hostPressure?.cpu?.some.windowPercent ?? undefined;
  const parts = [
    throttled === undefined ? undefined : `throttled in ${Math.round(throttled * 100)} % of periods`,
    waiting === undefined ? undefined : `waited ${Math.round(waiting * 100)} % of its runnable time`,
    pressure === undefined ? undefined : `host CPU pressure ${Math.round(pressure)} %`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return { withheld: undefined, observed: 'not observed' };
  const withheld = (throttled ?? 0) > THROTTLED || ((waiting ?? 0) > WAITING && (pressure ?? 0) > 20);
  return { withheld, observed: parts.join(', ') };
};
