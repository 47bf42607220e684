import { endianness } from 'node:os';
import type { FilesPort } from './files.js';

/** Fields of /proc/<pid>/stat (proc_pid_stat(5)) that are used; counters are decimal strings. */
export interface ProcessStat {
  readonly pid: number;
  /** At most 15 characters. */
  readonly command: string;
  readonly state: string;
  readonly parent: number;
  readonly majorFaults: string;
  readonly utimeTicks: string;
  readonly stimeTicks: string;
  readonly nice: number;
  readonly threads: number;
  readonly startTicks: string;
  readonly rssPages: string;
  /** Main thread only. */
  readonly blkioDelayTicks?: string;
}

/** Parses one /proc/<pid>/stat line; `undefined` when it is not one. The command may hold blanks and parentheses. */
export const parseStat = (line: string): ProcessStat | undefined => {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 1 || close < open) return undefined;
  // Field 3 (state) is at index 0.
  const fields = line
    .slice(close + 2)
    .trim()
    .split(' ');
  const [state, parent, majorFaults, utime, stime, nice, threads, start, rss] = [0, 1, 9, 11, 12, 16, 17, 19, 21].map(
    (index) => fields[index],
  );
  if (state === undefined || start === undefined || rss === undefined) return undefined;
  const blkio = fields[39];
  return {
    pid: Number(line.slice(0, open).trim()),
    command: line.slice(open + 1, close),
    state,
    parent: Number(parent),
    majorFaults: majorFaults ?? '0',
    utimeTicks: utime ?? '0',
    stimeTicks: stime ?? '0',
    nice: Number(nice),
    threads: Number(threads),
    startTicks: start,
    rssPages: rss.startsWith('-') ? '0' : rss,
    ...(blkio === undefined ? {} : { blkioDelayTicks: blkio }),
  };
};

/** `Name:   value` lines of /proc/<pid>/status, /proc/<pid>/io and the like. */
export const parseColonLines = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    }),
  );

/** A `... kB` value of /proc in bytes, as a decimal string. */
export const kibibytes = (value: string | undefined): string | undefined => {
  const digits = value === undefined ? null : /^(\d+) kB$/.exec(value);
  return digits?.[1] === undefined ? undefined : (BigInt(digits[1]) * 1024n).toString();
};

export interface KernelUnits {
  readonly clockTicksPerSecond: number;
  readonly pageBytes: number;
}

/** Tick and page size from the auxiliary vector (AT_CLKTCK = 17, AT_PAGESZ = 6, getauxval(3)); 100 and 4096 when unreadable. */
export const kernelUnits = async (files: FilesPort): Promise<KernelUnits> => {
  const units = { clockTicksPerSecond: 100, pageBytes: 4096 };
  try {
    const vector = await files.readRange('/proc/self/auxv', 0, 4096);
    if (endianness() !== 'LE') return units;
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      const key = vector.readBigUInt64LE(at);
      const value = Number(vector.readBigUInt64LE(at + 8));
      if (key === 17n && value > 0) units.clockTicksPerSecond = value;
      if (key === 6n && value > 0) units.pageBytes = value;
    }
  } catch {
    // The defaults hold on every platform that runs Node, but for the page size of some arm64 kernels.
  }
  return units;
};

/** Ids of all processes seen in /proc, ascending. */
export const processIds = async (files: FilesPort): Promise<readonly number[]> =>
  (await files.list('/proc')).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : [])).sort((a, b) => a - b);

/** All processes; those that end during the pass are left out. */
export const processTable = async (files: FilesPort): Promise<readonly ProcessStat[]> => {
  const ids = await processIds(files);
  return files.readPseudo(ids.map((pid) => `/proc/${pid}/stat`)).flatMap((line) => {
    const row = line === undefined ? undefined : parseStat(line);
    return row === undefined ? [] : [row];
  });
};

/** Start of a process, ms since epoch, from ticks after boot. Exact to the tick, as far as the wall clock was never stepped. */
export const startedAtMs = (
  files: FilesPort,
  startTicks: string,
  units: KernelUnits,
  now: number,
): number | undefined => {
  const uptime = Number.parseFloat(files.readPseudo(['/proc/uptime'])[0] ?? '');
  if (Number.isNaN(uptime)) return undefined;
  return Math.round(now - uptime * 1000 + (Number(startTicks) * 1000) / units.clockTicksPerSecond);
};
