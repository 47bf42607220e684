import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { parseCondition } from '../record/condition.js';
import type { RecordOptions } from '../record/record.js';
import { list, one, optionsFrom, type RawFlags } from './options.js';
import { parseBytes, parseDuration } from './values.js';

const defaults = {
  intervalMs: 5_000,
  keepMs: 10 * 60_000,
  afterMs: 30_000,
  ringBytes: 64 * 1024 * 1024,
} as const;

/** Rounds closer than this would be a load. */
const leastIntervalMs = 1_000;
const mostIntervalMs = 10 * 60_000;
/** A bundle of a longer time would dilute what happened. */
const mostKeepMs = 24 * 3_600_000;
const mostAfterMs = 3_600_000;
const leastRing = 1024 * 1024;

const duration = (flags: RawFlags, name: string, fallback: number, least: number, most: number): number => {
  const text = one(flags, name);
  if (text === undefined) return fallback;
  const ms = parseDuration(`--${name}`, text);
  if (ms < least || ms > most)
    throw new UsageError(`--${name} ${text}: out of range`, `use ${least / 1000}s to ${most / 1000}s`);
  return ms;
};

/** Options of `record`; those of the bundle as `run` has them. Throws UsageError. */
export const recordOptionsFrom = (
  flags: RawFlags,
  env: Readonly<Record<string, string | undefined>>,
): RecordOptions => {
  const until = list(flags, 'until').map(parseCondition);
  if (one(flags, 'after') !== undefined && until.length === 0)
    throw new UsageError('--after without --until: there is nothing to come after', 'add --until, or use --for');
  const resume = one(flags, 'resume');
  const ring = one(flags, 'ring');
  if (resume !== undefined && ring !== undefined)
    throw new UsageError('--ring and --resume both name the directory', 'give one of them');
  if (resume !== undefined && !existsSync(resume))
    throw new UsageError(`--resume ${resume}: does not exist`, 'check the path');
  const directory = ring ?? resume;
  const bytes = one(flags, 'ring-bytes');
  const ringBytes = bytes === undefined ? defaults.ringBytes : parseBytes('--ring-bytes', bytes);
  if (ringBytes < leastRing)
    throw new UsageError(`--ring-bytes ${ringBytes}: too small for a few rounds`, 'use 1M or more');
  const intervalMs = duration(flags, 'interval', defaults.intervalMs, leastIntervalMs, mostIntervalMs);
  return {
    collect: optionsFrom(flags, env),
    intervalMs,
    keepMs: duration(flags, 'keep', defaults.keepMs, intervalMs, mostKeepMs),
    ringBytes,
    ...(directory === undefined ? {} : { ring: directory }),
    resume: resume !== undefined,
    until,
    afterMs: duration(flags, 'after', defaults.afterMs, 0, mostAfterMs),
    ...(one(flags, 'for') === undefined
      ? {}
      : { forMs: duration(flags, 'for', 0, intervalMs, Number.MAX_SAFE_INTEGER) }),
  };
};
