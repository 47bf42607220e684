import { UsageError } from '../errors.js';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration as Go writes it: `36s`, `500ms`, `1m30s`. Throws UsageError; a bare number has no unit. */
export const parseDuration = (flag: string, text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new UsageError(`${flag} ${text}: not a duration`, 'write a number and a unit: 500ms, 36s, 2m, 1m30s');
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0);
};

/** A whole number in a range. */
export const parseCount = (flag: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(
      `${flag} ${text}: not a whole number from ${least} to ${most}`,
      `write ${flag} with such a number`,
    );
  }
  return value;
};

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes: `1048576`, `512K`, `16MiB`, `1G`; powers of 1024. */
export const parseBytes = (flag: string, text: string): number => {
  const match = /^(\d+)\s*(?:([kmg])(?:i?b)?|b)?$/i.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * (sizes[(match[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes))
    throw new UsageError(`${flag} ${text}: not a size`, 'write bytes, or 512K, 16M, 1G');
  return bytes;
};

/** As Go reads booleans, for environment variables. */
export const parseSwitch = (name: string, text: string): boolean => {
  if (/^(?:1|t|true)$/i.test(text)) return true;
  if (/^(?:0|f|false|)$/i.test(text)) return false;
  throw new UsageError(`${name}=${text}: not true or false`, 'set it to true or false');
};

/** Parts of a comma-separated list that may also be given several times. */
export const splitList = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
