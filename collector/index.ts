import { collect as collectWith, type CollectOutcome, type Planned, plan as planWith } from './collect.js';
import { realIo } from './io.js';
import type { CollectOptions } from './options.js';
import type { CollectIo } from './run.js';

export type { CollectOutcome, Planned } from './collect.js';
export type { Here, PlannedRead } from './here.js';
export { OutputError, QuarantineError, UsageError } from './errors.js';
export type * from './options.js';
export type { ProgressEvent } from './progress.js';
export type { CollectIo } from './run.js';
export type { StopReason } from './run-probe.js';

/**
 * Collects one bundle. `io` overrides parts of the outside: a signal to end early (abort it with a `StopReason`),
 * progress events, clocks. Throws `UsageError` and `OutputError`; in every other case a bundle is written.
 */
export const collect = (options: CollectOptions, io: Partial<CollectIo> = {}): Promise<CollectOutcome> =>
  collectWith(options, realIo(io));

/** Every read that `collect` would make with these options. */
export const plan = (options: CollectOptions, io: Partial<CollectIo> = {}): Promise<Planned> =>
  planWith(options, realIo(io));
