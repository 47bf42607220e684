import type { ReportPercentile } from '../../schemas/index.js';

/** Narrow no-break space: groups digits. */
const GROUP = '\u202f';
/** No-break space: holds number and unit together. */
const NBSP = '\u00a0';
const EN_DASH = '–';
export const NONE = '—';

const DECIMAL = /^-?\d+$/;

/** A whole number (64-bit ones as strings) grouped in threes: `184 220`; text that is no number comes back as it is. */
export const count = (value: string | number | bigint): string => {
  const text = String(value);
  if (!DECIMAL.test(text)) return text;
  const digits = text.replace('-', '');
  const sign = text.startsWith('-') ? '−' : '';
  if (digits.length < 5) return sign + digits;
  return sign + digits.replace(/\B(?=(\d{3})+$)/g, GROUP);
};

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Bytes with a binary unit and three digits at most: `635 MiB`, `2 GiB`, `1.5 GiB`. */
export const bytes = (value: string | number | bigint | undefined): string => {
  if (value === undefined) return NONE;
  const text = String(value);
  if (!/^\d+(\.\d+)?$/.test(text)) return text;
  let size = Number(text);
  let unit = 0;
  while (size >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${significant(size)}${NBSP}${BYTE_UNITS[unit] ?? 'B'}`;
};

/** At most three significant digits, no trailing zeros: 0.5, 12.3, 635. */
export const significant = (value: number): string => {
  if (!Number.isFinite(value)) return NONE;
  if (Math.abs(value) >= 100) return count(Math.round(value));
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
};

/** Milliseconds with the unit that fits: `0.4 ms`, `61 ms`, `2.3 s`, `4 min`. */
export const milliseconds = (ms: number): string => {
  if (!Number.isFinite(ms)) return NONE;
  if (ms < 1000) return `${significant(ms)}${NBSP}ms`;
  return seconds(ms / 1000);
};

/** Seconds: `36 s`, `25 min`, `3.5 h`, `12 d`. */
export const seconds = (value: number): string => {
  if (!Number.isFinite(value)) return NONE;
  if (value < 120) return `${significant(value)}${NBSP}s`;
  if (value < 7200) return `${significant(value / 60)}${NBSP}min`;
  if (value < 172_800) return `${significant(value / 3600)}${NBSP}h`;
  return `${significant(value / 86_400)}${NBSP}d`;
};

/** Percent without false precision: `97 %`, `0.4 %`, `< 0.1 %`. */
export const percent = (value: number | undefined): string => {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return value > 0 && value < 0.1 ? `<${NBSP}0.1${NBSP}%` : `${significant(value)}${NBSP}%`;
};

/** Two bounds in one unit: `64–128 ms`, `1–2 s`; an open upper bound is `> 8.2 s`, a zero lower bound `< 1 ms`. */
export const range = (loMs: number, hiMs: number | null): string => {
  if (hiMs === null) return `>${NBSP}${milliseconds(loMs)}`;
  if (loMs <= 0) return `<${NBSP}${milliseconds(hiMs)}`;
  if (loMs < 1000) return `${significant(loMs)}${EN_DASH}${significant(hiMs)}${NBSP}ms`;
  return `${significant(loMs / 1000)}${EN_DASH}${significant(hiMs / 1000)}${NBSP}s`;
};

/** A percentile as the bucket it lies in, or a dash when nothing was observed. */
export const percentile = (value: ReportPercentile | undefined): string =>
  value === undefined || value.count <= 0 ? NONE : range(value.loMs, value.hiMs);

/** Lag in raft entries with its error from sampling skew: `1 ± 2`, `0`. */
export const lag = (value: { entries: number; error: number } | undefined): string => {
  if (value === undefined) return NONE;
  const error = Math.round(value.error);
  return error === 0
    ? count(Math.round(value.entries))
    : `${count(Math.round(value.entries))}${NBSP}±${NBSP}${count(error)}`;
};

/** RFC 3339 to `2026-11-22 10:05:02Z`; anything else comes back as it is. */
export const instant = (text: string): string => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
};

/** Time of day in UTC: `10:05`, or `10:05:02` with seconds. */
export const timeOfDay = (ms: number, withSeconds: boolean): string =>
  new Date(ms).toISOString().slice(11, withSeconds ? 19 : 16);

/** Long ids as `7d3f…91aa`; short ones whole. */
export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id);

/** `1 member`, `3 members`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)}${NBSP}${n === 1 ? one : many}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string => {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1] ?? ''}`;
};

/** Code words to plain ones: `skipped-by-user` -> `skipped by user`. */
export const words = (code: string): string => code.replace(/[-_]+/g, ' ').trim();

/** First letter in upper case. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const UNIT_AFTER = /(\d) (?=(?:%|±|[nµum]?s|min|h|d|cores?|B|[KMGTPE]i?B)(?![\w-]))/g;

/** Holds each number and its unit together on one line. */
export const glued = (text: string): string =>
  text.replace(UNIT_AFTER, `$1${NBSP}`).replace(/(\d) of (?=\d)/g, `$1${NBSP}of${NBSP}`);
