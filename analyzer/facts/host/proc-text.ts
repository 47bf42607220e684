import { big } from '../access.js';

/** Text files of /proc as counters. Values stay bigint until they are subtracted: sector and byte counters outgrow 2^53 on long uptimes. */
export type Counters = ReadonlyMap<string, bigint>;

/** No real file of this kind has more lines. */
const maxLines = 20_000;

const linesOf = (text: string): string[] => text.split('\n', maxLines);

/** `name value` or `name: value kB` per line (vmstat, meminfo); kB become bytes. */
export const keyValues = (text: string): Counters => {
  const values = new Map<string, bigint>();
  for (const line of linesOf(text)) {
    const match = /^([A-Za-z0-9_()]+):?\s+(\d+)(\s+kB)?\s*$/.exec(line);
    if (match?.[1] === undefined) continue;
    const value = big(match[2]);
    if (value !== null) values.set(match[1], match[3] === undefined ? value : value * 1024n);
  }
  return values;
};

export interface DiskLine {
  readonly device: string;
  readonly name: string;
  readonly fields: readonly bigint[];
}

/** Lines of /proc/diskstats; `fields` as documented in the kernel's iostats.rst, the first is reads completed. */
export const diskLines = (text: string): Map<string, DiskLine> => {
  const devices = new Map<string, DiskLine>();
  for (const line of linesOf(text)) {
    const [major, minor, name, ...rest] = line.trim().split(/\s+/);
    if (name === undefined || rest.length < 11 || !/^\d+$/.test(major ?? '') || !/^\d+$/.test(minor ?? '')) continue;
    const fields = rest.map((field) => big(field));
    if (fields.includes(null)) continue;
    devices.set(name, { device: `${major}:${minor}`, name, fields: fields.map((field) => field ?? 0n) });
  }
  return devices;
};

export interface CpuStat {
  /** user nice system idle iowait irq softirq steal (guest time is within user), ticks of all CPUs. */
  readonly ticks: readonly bigint[];
  readonly cpus: number;
  readonly values: Counters;
}

/** /proc/stat */
export const cpuStat = (text: string): CpuStat | null => {
  let ticks: readonly bigint[] | null = null;
  let cpus = 0;
  const values = new Map<string, bigint>();
  for (const line of linesOf(text)) {
    const [name = '', ...rest] = line.trim().split(/\s+/);
    if (name === 'cpu') ticks = rest.slice(0, 8).map((field) => big(field) ?? 0n);
    else if (/^cpu\d+$/.test(name)) cpus += 1;
    else if (rest.length === 1) values.set(name, big(rest[0]) ?? 0n);
  }
  return ticks === null || ticks.length < 5 ? null : { ticks, cpus, values };
};

/** Splits the net-counters artifact at its `# <path>` lines. */
export const sections = (text: string): Map<string, string> => {
  const parts = new Map<string, string>();
  for (const part of text.split(/^# /m).slice(1)) {
    const end = part.indexOf('\n');
    if (end !== -1) parts.set(part.slice(0, end).trim(), part.slice(end + 1));
  }
  return parts;
};

/** /proc/net/snmp and netstat: a line of names and a line of values with the same prefix. Keys `Tcp.RetransSegs`. */
export const protocolCounters = (text: string): Counters => {
  const values = new Map<string, bigint>();
  const lines = linesOf(text);
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const names = (lines[i] ?? '').trim().split(/\s+/);
    const numbers = (lines[i + 1] ?? '').trim().split(/\s+/);
    if (names[0] !== numbers[0] || names[0] === undefined) continue;
    const prefix = names[0].replace(/:$/, '');
    for (let k = 1; k < names.length; k += 1) {
      const value = big(numbers[k]);
      if (value !== null) values.set(`${prefix}.${names[k]}`, value);
    }
  }
  return values;
};

/** /proc/net/dev: sixteen counters per interface, eight received, eight sent. */
export const interfaces = (text: string): Map<string, readonly bigint[]> => {
  const all = new Map<string, readonly bigint[]>();
  for (const line of linesOf(text)) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map((field) => big(field));
    if (fields.length >= 16 && !fields.includes(null))
      all.set(
        line.slice(0, colon).trim(),
        fields.map((field) => field ?? 0n),
      );
  }
  return all;
};

/** `last - first` of a counter as a number; null when absent or when it went down (reboot, wrap, hot-plug). */
export const grown = (last: bigint | undefined, first: bigint | undefined): number | null =>
  last === undefined || first === undefined || last < first ? null : Number(last - first);
