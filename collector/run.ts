import type { Writable } from 'node:stream';
import type { Encryption } from './bundle/encrypt.js';
import type { Store } from './bundle/store.js';
import type { CollectOptions } from './options.js';
import type { ProgressEvent } from './progress.js';
import type { Redactor } from './redact/index.js';
import type { SeriesKey } from './redact/series-key.js';
import type { RunLog } from './run-log.js';
import type { ManifestItem } from './store-item.js';
import type { Wiring } from './wiring.js';

/** The outside of a run. */
export interface CollectIo {
  /** Opens the doors of the collector. Errors are usage errors: files of the options that cannot be read. */
  readonly wire: (options: CollectOptions) => Wiring | Promise<Wiring>;
  /** Aborted with a `StopReason`: the run ends early and still writes a bundle. */
  readonly signal: AbortSignal;
  readonly emit: (event: ProgressEvent) => void;
  /** Target of `--output -`. */
  readonly stdout: Writable;
  /** Wall clock, ms since epoch. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  /** When the run began for whoever waits for it, on the monotonic clock; default: when `collect` was called. */
  readonly begunAt?: number;
  /** Version of the collector. */
  readonly version: string;
}

/** What all steps of one run share. */
export interface Run {
  readonly options: CollectOptions;
  readonly io: CollectIo;
  readonly wiring: Wiring;
  readonly redactor: Redactor;
  /** In mode `standard`. */
  readonly seriesKey?: SeriesKey;
  readonly store: Store;
  readonly log: RunLog;
  readonly startedAt: number;
  readonly signal: AbortSignal;
  /** Absent: the bundle is written in the clear. */
  readonly encryption?: Encryption;
}

/** Cap of a bundle before compression, bytes. */
export const maxBytes = 512 * 1024 * 1024;

/** States that leave nothing to be wished for at this vantage. */
export const fine: ReadonlySet<ManifestItem['state']> = new Set([
  'ok',
  'empty',
  'not-applicable',
  'unsupported',
  'skipped-by-user',
]);
