/** Timestamps of log lines, all to epoch milliseconds, NaN when there is none. No Date parsing on the hot path. */

const DAY_MS = 86_400_000;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

let cachedDay = -1;
let cachedDayMs = 0;

function two(text: string, at: number): number {
  const a = text.charCodeAt(at) - 48;
  const b = text.charCodeAt(at + 1) - 48;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : Number.NaN;
}

function dayMs(year: number, month: number, day: number): number {
  const key = (year * 16 + month) * 32 + day;
  if (key !== cachedDay) {
    // NaN never equals, so an invalid day is never cached as a valid one.
    cachedDay = key;
    cachedDayMs = month >= 1 && month <= 12 && day >= 1 && day <= 31 ? Date.UTC(year, month - 1, day) : Number.NaN;
  }
  return cachedDayMs;
}

/** What was found by `isoAt`: where the timestamp ends and whether it names its zone. */
export interface TimeScan {
  ms: number;
  end: number;
  zoned: boolean;
}

/**
 * Reads `2026-11-22T10:05:02.123456Z`, `... 10:05:02.123` (capnslog), `...+0100`, `...+01:00` at `at`.
 * Without a zone, UTC is assumed and `zoned` is false. Writes into `out`; returns false when there is no timestamp.
 */
export function isoAt(text: string, at: number, limit: number, out: TimeScan): boolean {
  if (limit - at < 19 || text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 13) !== 58) return false;
  const separator = text.charCodeAt(at + 10);
  if (separator !== 84 && separator !== 32) return false;
  const day = dayMs(two(text, at) * 100 + two(text, at + 2), two(text, at + 5), two(text, at + 8));
  const clock = two(text, at + 11) * 3600 + two(text, at + 14) * 60 + two(text, at + 17);
  let ms = day + clock * 1000;
  let i = at + 19;
  let c = i < limit ? text.charCodeAt(i) : 0;
  if (c === 46 || c === 44) {
    let scale = 100;
    c = ++i < limit ? text.charCodeAt(i) : 0;
    while (c >= 48 && c <= 57) {
      ms += (c - 48) * scale;
      scale /= 10;
      c = ++i < limit ? text.charCodeAt(i) : 0;
    }
  }
  out.zoned = false;
  if (c === 90) {
    out.zoned = true;
    i++;
  } else if ((c === 43 || c === 45) && limit - i >= 5) {
    const colon = text.charCodeAt(i + 3) === 58 ? 1 : 0;
    const offset = two(text, i + 1) * 60 + two(text, i + 3 + colon);
    if (!Number.isNaN(offset)) {
      ms -= (c === 43 ? offset : -offset) * 60_000;
      out.zoned = true;
      i += 5 + colon;
    }
  }
  out.ms = ms;
  out.end = i;
  return !Number.isNaN(ms);
}

/**
 * Reads syslog time (`Nov 22 10:05:02`, day padded by a blank, with or without a fraction) at the start of `text`. The year is
 * missing: it is the latest one that does not lie more than a day after `reference`. Without a reference the time is NaN. UTC is assumed.
 */
export function syslogTime(text: string, reference: number | undefined): number {
  const month = MONTHS.indexOf(text.slice(0, 3));
  if (month < 0 || month % 3 !== 0 || reference === undefined) return Number.NaN;
  const tens = text.charCodeAt(4) === 32 ? 0 : text.charCodeAt(4) - 48;
  return latestYear(month / 3 + 1, tens * 10 + text.charCodeAt(5) - 48, clockAt(text, 7), reference);
}

/** Reads klog time (`1122 10:05:02.123456`, month and day first) at `at`, by the same rules. */
export function klogTime(text: string, at: number, reference: number | undefined): number {
  return reference === undefined
    ? Number.NaN
    : latestYear(two(text, at), two(text, at + 2), clockAt(text, at + 5), reference);
}

/** Milliseconds of `10:05:02`, with the first three digits of a fraction. */
function clockAt(text: string, at: number): number {
  const ms = (two(text, at) * 3600 + two(text, at + 3) * 60 + two(text, at + 6)) * 1000;
  const fraction = text.charCodeAt(at + 8) === 46 ? two(text, at + 9) * 10 + text.charCodeAt(at + 11) - 48 : 0;
  return fraction >= 0 && fraction < 1000 ? ms + fraction : ms;
}

function latestYear(month: number, day: number, clock: number, reference: number): number {
  const year = new Date(reference).getUTCFullYear();
  for (const candidate of [year + 1, year, year - 1]) {
    const ms = dayMs(candidate, month, day) + clock;
    if (ms <= reference + DAY_MS) return ms;
  }
  return Number.NaN;
}
