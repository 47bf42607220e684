import { hostPort } from '../bundle/fold-seeds.js';

/** 16 lower-case hex digits of an id that was printed in hex; undefined when it is none. */
export const idOfHex = (text: string | undefined): string | undefined =>
  text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? text.toLowerCase().padStart(16, '0') : undefined;

/** The same of an id that was printed as a decimal number. */
export const idOfDecimal = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n
    ? BigInt(text).toString(16).padStart(16, '0')
    : undefined;

export const NOBODY = '0'.repeat(16);

/** A decimal 64-bit value; undefined when the text is none. */
export const integer = (text: string | undefined): string | undefined =>
  text !== undefined && /^-?\d{1,19}$/.test(text) ? text : undefined;

const steps = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes of a size as etcdctl prints it for people: two digits and a decimal unit (go-humanize). */
export const bytesOf = (text: string | undefined): string | undefined => {
  const match = /^(\d+(?:\.\d+)?) ?([kMGTPE]?B)$/.exec(text ?? '');
  const step = steps.indexOf(match?.[2] ?? '');
  return match === null || step < 0 ? undefined : String(Math.round(Number(match[1]) * 1000 ** step));
};

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  µs: 1e-3,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration, e.g. `5.306137902s`. */
export const durationMs = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ns|µs|us|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|µs|us|ms|s|m|h)/g))
    total += Number(number) * (units[unit ?? ''] ?? 0);
  return total;
};

/** `host:port` when the text names one. */
export const addressOf = (text: string | undefined): string | undefined => {
  const address = hostPort(text ?? '');
  return /:\d+$/.test(address) ? address : undefined;
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const records = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** Text of a string, number or boolean of parsed JSON. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** The properties that are known. */
export const known = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
