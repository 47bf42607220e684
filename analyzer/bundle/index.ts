import { summarizeLog } from '../logs/index.js';
import type { OnLog } from './intake.js';
import type { LoadedBundle } from './loaded.js';
import { summarizeInWorkers } from './log-worker.js';
import { type BundleInput, type ReadOptions, readBundle as readWith } from './read.js';

export type * from './case.js';
export {
  DamagedArchive,
  forTerminal,
  LockedBundle,
  UnreadableInput,
  UnsafeArchive,
  UnsupportedFormat,
  UntrustedBundle,
} from './errors.js';
export { defaultLimits, type Limits } from './limits.js';
export type { LoadedBundle, StoredArtifact, StoredLog } from './loaded.js';
export { buildCase } from './merge.js';
export type { VerifyKey } from './signature.js';
export type { BundleInput, OnLog, ReadOptions };

/** Logs from this size on are summarised in a thread of their own, bytes. */
const LARGE_LOG = 32 * 1024 * 1024;

const summarise: OnLog = ({ path, size, referenceTime }, stream) => {
  const options = { source: path, referenceTime };
  return size < LARGE_LOG ? summarizeLog(stream, options) : summarizeInWorkers(stream, options);
};

/** `readBundle` of `read.ts` with logs summarised by the log room unless another consumer is given. */
export const readBundle = (input: BundleInput, options: Partial<ReadOptions> = {}): Promise<LoadedBundle> =>
  readWith(input, { onLog: summarise, ...options });
