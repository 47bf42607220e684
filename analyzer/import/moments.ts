import { parseScrape, sumOf } from '../metrics/parse.js';
import type { Moment } from './types.js';

/** `2026-11-22T10-05-02Z`, `20261122T100502Z`, `2026-11-22_10:05:02` and the like, with a zone or taken as UTC. */
const STAMP = /(20\d\d)-?([01]\d)-?([0-3]\d)[T_. -]?([0-2]\d)[:_-]?([0-5]\d)[:_-]?([0-5]\d)/;
const EPOCH = /(?:^|\D)(1[5-9]\d{8}|2[01]\d{8})(?:\D|$)/;

/** The time in a file name; undefined when there is none. */
export const momentInName = (name: string): Moment | undefined => {
  const stamp = STAMP.exec(name);
  if (stamp !== null) {
    const [, year, month, day, hour, minute, second] = stamp;
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(at) ? undefined : { at, by: 'name' };
  }
  const epoch = EPOCH.exec(name)?.[1];
  return epoch === undefined ? undefined : { at: Number(epoch) * 1000, by: 'name' };
};

/**
 * The Go runtime collects garbage at least every two minutes (forcegcperiod in runtime/proc.go), so a scrape is at most so much
 * later than the collection it names; a little more for a busy host and a clock that was set.
 */
const GC_PERIOD_MS = 150_000;
/** The file may be written by a host whose clock is a little behind. */
const CLOCK_MS = 5_000;

/**
 * When a scrape was taken. The scrape holds no time, but that of the last garbage collection: a time of name or file that does not
 * fit it is that of a copy, and the collection itself is the better estimate.
 */
export const momentOfScrape = (text: string, given: Moment | undefined): Moment | undefined => {
  const collected = sumOf(parseScrape(text), 'go_memstats_last_gc_time_seconds');
  if (collected === undefined || !Number.isFinite(collected) || collected <= 0) return given;
  const at = Math.round(collected * 1000);
  if (given?.by === 'stated') return given;
  return given !== undefined && given.at >= at - CLOCK_MS && given.at <= at + GC_PERIOD_MS
    ? given
    : { at, by: 'estimate' };
};
