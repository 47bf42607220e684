import { readPackageVersion } from '../schemas/index.js';
import type { CollectIo } from './run.js';
import { createWiring } from './wiring.js';

/** Version of the installed package. */
export const packageVersion = (): string => readPackageVersion();

/** The real outside, silent and never interrupted unless overridden. */
export const realIo = (over: Partial<CollectIo> = {}): CollectIo => ({
  wire: createWiring,
  signal: new AbortController().signal,
  emit: () => undefined,
  stdout: process.stdout,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  version: packageVersion(),
  ...over,
});
