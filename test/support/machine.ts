/** What the machine itself went through while a lab ran on it, seen apart from the collector: a lab shares its CPUs with whatever else is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Worst five seconds, percent of the CPU time of all cores. */
export interface MachineRecord {
  /** Withheld by the hypervisor. */
  readonly stealPercent: number;
  /** Used by processes that this process did not start. */
  readonly foreignPercent: number;
}

/** Jiffies since boot; a jiffy is 10 ms (USER_HZ, proc(5)). */
interface Reading {
  readonly total: number;
  readonly busy: number;
  readonly steal: number;
  readonly own: number;
}

const SLICE_MS = 5_000;

/** Parent, and jiffies of a process and its reaped children; undefined when it is gone. */
const processOf = (pid: string): { readonly parent: string; readonly jiffies: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; state is the field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const jiffies = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
    return { parent: fields[1] ?? '', jiffies };
  } catch {
    return undefined;
  }
};

const ownJiffies = (root: string): number => {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const found = processOf(pid);
        return found === undefined ? [] : [[pid, found] as const];
      }),
  );
  const isOwn = (pid: string): boolean => {
    for (let at: string | undefined = pid; at !== undefined; at = all.get(at)?.parent) if (at === root) return true;
    return false;
  };
  return [...all].reduce((sum, [pid, { jiffies }]) => sum + (isOwn(pid) ? jiffies : 0), 0);
};

const read = (root: string): Reading | undefined => {
  try {
    const line = /^cpu .*$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? '';
    // user nice system idle iowait irq softirq steal; guest time is part of user (proc(5)).
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const busy = user + nice + system + irq + softirq;
    return { total: busy + idle + iowait + steal, busy, steal, own: ownJiffies(root) };
  } catch {
    return undefined;
  }
};

const between = (from: Reading, to: Reading): MachineRecord => {
  const total = Math.max(1, to.total - from.total);
  const foreign = to.busy - from.busy - (to.own - from.own);
  return {
    stealPercent: Math.round((100 * (to.steal - from.steal)) / total),
    foreignPercent: Math.max(0, Math.round((100 * foreign) / total)),
  };
};

/** Watches until `stop`, which returns the worst slice; zeros where /proc cannot be read. */
export const watchMachine = (): { readonly stop: () => MachineRecord } => {
  const root = String(process.pid);
  let last = read(root);
  let worst: MachineRecord = { stealPercent: 0, foreignPercent: 0 };
  const look = (): void => {
    const now = read(root);
    if (now !== undefined && last !== undefined && now.total - last.total >= 100 * availableParallelism()) {
      const slice = between(last, now);
      worst = {
        stealPercent: Math.max(worst.stealPercent, slice.stealPercent),
        foreignPercent: Math.max(worst.foreignPercent, slice.foreignPercent),
      };
      last = now;
    }
  };
  const timer = setInterval(look, SLICE_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return worst;
    },
  };
};
