import type { FilesPort } from './ports/files.js';

/** A cut of one log file, at line boundaries. */
export interface LogSlice {
  /** `all`: the whole file; `head`: its start; `start`: from the last start of the process; `tail`: the window, always up to the end. */
  readonly slice: 'all' | 'head' | 'start' | 'tail';
  readonly content: Buffer;
  /** Size of the file when it was read. */
  readonly bytesOriginal: number;
  readonly truncation?: { readonly skippedBytes: number; readonly description: string };
}

export interface SliceOptions {
  /** Length of the window before the newest line, ms. */
  readonly sinceMs: number;
  readonly maxBytes: number;
  readonly headBytes: number;
  /** Start of the process, ms since epoch: its first lines hold the configuration. */
  readonly startedAtMs?: number;
  readonly signal: AbortSignal;
}

const BLOCK = 256 * 1024;
const PROBE = 16 * 1024;
const NEWLINE = 0x0a;
/** Lines are stamped a little after the process starts; clocks differ by a tick. */
const START_MARGIN_MS = 2000;

/** Reads `[start, start + length)` of the file; a shorter answer means that it ended or shrank. */
type Read = (start: number, length: number) => Promise<Buffer>;

/** ms since epoch of a log line in any form etcd logs end up in, or `undefined`. Times without a zone are taken as UTC. */
export const lineTime = (line: string): number | undefined => {
  const iso = isoAt(line, 0);
  if (iso !== undefined) return iso;
  const key = /"(?:ts|time)":"/.exec(line);
  if (key !== null) return isoAt(line, key.index + key[0].length);
  const syslog = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d)/.exec(line);
  if (syslog === null) return undefined;
  const now = new Date();
  // The year is not written: it is this one, unless that lies in the future.
  const at = Date.parse(`${syslog[2]} ${syslog[1]} ${now.getUTCFullYear()} ${syslog[3]} UTC`);
  if (Number.isNaN(at)) return undefined;
  return at > now.getTime() + 86_400_000 ? at - 365 * 86_400_000 : at;
};

const isoAt = (line: string, from: number): number | undefined => {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d)?/.exec(
    line.slice(from, from + 40),
  );
  if (parts === null) return undefined;
  const zone = (parts[4] ?? 'Z').replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  const at = Date.parse(`${parts[1]}T${parts[2]}.${(parts[3] ?? '0').padEnd(3, '0')}${zone}`);
  return Number.isNaN(at) ? undefined : at;
};

/**
 * Slices one file: the whole of it when it fits `maxBytes`, else its head, the lines from the last start of the process, and the window
 * that ends with its newest line. When the window does not fit, its oldest part is left out, never the newest.
 */
export const sliceLog = async (files: FilesPort, path: string, options: SliceOptions): Promise<readonly LogSlice[]> => {
  const { signal, maxBytes, headBytes, startedAtMs } = options;
  // The size is taken once: what is appended from now on is left to the next run, so a growing file ends too.
  const size = Number((await files.stat(path, { signal })).size);
  const read: Read = (start, length) => files.readRange(path, start, Math.min(length, size - start), signal);
  if (size <= maxBytes) {
    const content = await read(0, size);
    return content.length === 0 ? [] : [{ slice: 'all', content, bytesOriginal: size }];
  }
  const head = endAtLine(await read(0, headBytes));
  const floor = Math.max(head.length, size - maxBytes);
  // Read once and looked through in memory; from one byte before, which tells whether the floor is a line start.
  const base = Math.max(0, floor - 1);
  const end = await read(base, size - base);
  const inEnd: Read = async (from, length) => end.subarray(from - base, from - base + length);
  const window = await windowStart(inEnd, size, floor, options.sinceMs);
  const tail = end.subarray(window - base);
  const start = startedAtMs === undefined ? undefined : await findTime(read, size, startedAtMs - START_MARGIN_MS);
  // Already in the head or the tail.
  const between = start !== undefined && start >= head.length && start < window ? start : undefined;
  const begin =
    between === undefined ? Buffer.alloc(0) : endAtLine(await read(between, Math.min(headBytes, window - between)));
  const skippedBytes = size - head.length - begin.length - tail.length;
  const slices: LogSlice[] = [];
  const add = (slice: LogSlice['slice'], content: Buffer, description: string): void => {
    if (content.length > 0)
      slices.push({ slice, content, bytesOriginal: size, truncation: { skippedBytes, description } });
  };
  add('head', head, `first ${head.length} of ${size} bytes`);
  add('start', begin, `${begin.length} bytes from the last start of the process`);
  add('tail', tail, `last ${tail.length} of ${size} bytes`);
  return slices;
};

/** Up to the last line end; a single line longer than the buffer stays as it is. */
const endAtLine = (buffer: Buffer): Buffer => {
  const end = buffer.lastIndexOf(NEWLINE);
  return end < 0 ? buffer : buffer.subarray(0, end + 1);
};

/** Offsets and times of the lines that start in `block`; `atLineStart` when its first byte starts one. */
const timesIn = function* (
  block: Buffer,
  atLineStart: boolean,
): Generator<{ offset: number; time: number | undefined }> {
  let offset = atLineStart ? 0 : block.indexOf(NEWLINE) + 1;
  if (offset === 0 && !atLineStart) return;
  while (offset < block.length) {
    const next = block.indexOf(NEWLINE, offset);
    const end = next < 0 ? block.length : next;
    yield { offset, time: lineTime(block.toString('latin1', offset, Math.min(end, offset + 4096))) };
    offset = end + 1;
  }
};

const firstTime = (block: Buffer, atLineStart: boolean): { offset: number; time: number } | undefined => {
  for (const { offset, time } of timesIn(block, atLineStart)) if (time !== undefined) return { offset, time };
  return undefined;
};

/** Goes backwards from the end, block by block, until a block starts before the window; not below `floor`. */
const windowStart = async (read: Read, size: number, floor: number, sinceMs: number): Promise<number> => {
  let cutoff: number | undefined;
  let top = size;
  while (top > floor) {
    const start = Math.max(floor, top - BLOCK);
    const block = await read(start, top - start);
    if (cutoff === undefined) {
      // Counted from the newest line, not from now: the last lines of a member that died yesterday are the ones that matter.
      const times = [...timesIn(block, start === 0)].flatMap(({ time }) => time ?? []);
      const newest = times.at(-1);
      if (newest !== undefined) cutoff = newest - sinceMs;
    }
    const first = firstTime(block, start === 0);
    if (first !== undefined && cutoff !== undefined && first.time < cutoff) {
      const limit = cutoff;
      for (const { offset, time } of timesIn(block, start === 0))
        if (time !== undefined && time >= limit) return start + offset;
      return top;
    }
    top = start;
  }
  if (floor === 0) return 0;
  // The byte before tells whether the floor happens to be a line start.
  const around = await read(floor - 1, BLOCK);
  const newline = around.indexOf(NEWLINE);
  return newline < 0 ? floor : floor + newline;
};

/** Offset of the first line at or after `time`, by bisection; `undefined` when the lines carry no usable times. */
const findTime = async (read: Read, size: number, time: number): Promise<number | undefined> => {
  let low = 0;
  let high = size;
  while (high - low > PROBE) {
    const middle = Math.floor((low + high) / 2);
    const found = firstTime(await read(middle, PROBE), false);
    if (found === undefined) return undefined;
    if (found.time < time) low = middle;
    else high = middle;
  }
  const block = await read(low, PROBE * 2);
  for (const { offset, time: at } of timesIn(block, low === 0)) if (at !== undefined && at >= time) return low + offset;
  return undefined;
};
