import type { Readable } from 'node:stream';
import { readArchive } from './archive.js';
import { readDirectory } from './directory.js';
import { DamagedArchive } from './errors.js';
import { finishBundle } from './finish.js';
import { tarBytes } from './inflate.js';
import { createIntake, type Intake, type OnLog } from './intake.js';
import { defaultLimits, type Limits } from './limits.js';
import type { LoadedBundle } from './loaded.js';
import { chunksOf, openFile, timed } from './source.js';

export type BundleInput =
  | { readonly path: string }
  | { readonly stream: Readable | AsyncIterable<Uint8Array>; readonly name: string };

export interface ReadOptions {
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  readonly onLog: OnLog;
}

/** Reads the structure into `intake`; returns the damage of an archive that is not whole. */
const readInto = async (
  input: BundleInput,
  intake: Intake,
  limits: Limits,
  signal?: AbortSignal,
): Promise<string | undefined> => {
  const archive = async (bytes: AsyncIterable<Uint8Array>) =>
    readArchive(await tarBytes(timed(bytes, limits, signal), limits), intake);
  if (!('path' in input)) return archive(input.stream);
  const handle = await openFile(input.path);
  try {
    const stats = await handle.stat();
    if (!stats.isDirectory()) return await archive(chunksOf(handle, input.path));
  } finally {
    await handle.close();
  }
  await readDirectory(input.path, intake, signal);
  return undefined;
};

const nameOf = (input: BundleInput): string => ('path' in input ? input.path : input.name);

/**
 * Reads one bundle: a .tar.gz or .tar by path or stream, or an unpacked directory. Nothing is written to disk; logs go to
 * `onLog` while they stream by, the rest is kept in memory. A bundle that is damaged but has its header is returned as far
 * as it is intact, with `intact: false` and the problems.
 *
 * Throws `UnsafeArchive` (refused whole), `DamagedArchive` (nothing in it can be used), `UnsupportedFormat` (newer reader
 * needed), `UnreadableInput` (cannot be opened), or the reason of `signal`.
 */
export const readBundle = async (input: BundleInput, options: ReadOptions): Promise<LoadedBundle> => {
  const limits = { ...defaultLimits, ...options.limits };
  const intake = createIntake(limits, options.onLog);
  try {
    const damage = await readInto(input, intake, limits, options.signal);
    const { header, files } = await intake.finish(damage);
    const bundle = finishBundle(nameOf(input), header, files, damage);
    if (bundle.artifacts.length === 0 && bundle.logs.length === 0 && bundle.manifest === undefined) {
      throw new DamagedArchive(bundle.problems[0] ?? 'the bundle is empty', bundle.problems.slice(1));
    }
    return bundle;
  } finally {
    intake.abandon();
  }
};
