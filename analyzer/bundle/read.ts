import type { Readable } from 'node:stream';
import { readArchive } from './archive.js';
import { readDirectory } from './directory.js';
import { decrypted, isEncrypted, MAGIC_BYTES } from './decrypt.js';
import { DamagedArchive } from './errors.js';
import { finishBundle } from './finish.js';
import { peek, tarBytes } from './inflate.js';
import { createIntake, type Intake, type OnLog } from './intake.js';
import { defaultLimits, type Limits } from './limits.js';
import type { LoadedBundle } from './loaded.js';
import { findSignature, signatureState, type VerifyKey } from './signature.js';
import { chunksOf, openFile, timed } from './source.js';

export type BundleInput =
  | { readonly path: string }
  | { readonly stream: Readable | AsyncIterable<Uint8Array>; readonly name: string };

export interface ReadOptions {
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  readonly onLog: OnLog;
  /** age identities (`AGE-SECRET-KEY-...`) to open encrypted bundles with. */
  readonly identities?: readonly string[];
  /** When given, only bundles signed with one of these keys are read. */
  readonly verifyKeys?: readonly VerifyKey[];
}

/** Reads the structure into `intake`; returns the damage of an archive that is not whole, and whether it was encrypted. */
const readInto = async (
  input: BundleInput,
  intake: Intake,
  limits: Limits,
  { signal, identities = [] }: Omit<ReadOptions, 'limits'>,
): Promise<{ readonly damage: string | undefined; readonly encrypted: boolean }> => {
  const archive = async (bytes: AsyncIterable<Uint8Array>) => {
    const { head, all } = await peek(timed(bytes, limits, signal), MAGIC_BYTES);
    const encrypted = isEncrypted(head);
    const plain = encrypted ? await decrypted(all, identities) : all;
    return { damage: await readArchive(await tarBytes(plain, limits), intake), encrypted };
  };
  if (!('path' in input)) return archive(input.stream);
  const handle = await openFile(input.path);
  try {
    const stats = await handle.stat();
    if (!stats.isDirectory()) return await archive(chunksOf(handle, input.path));
  } finally {
    await handle.close();
  }
  await readDirectory(input.path, intake, signal);
  return { damage: undefined, encrypted: false };
};

const nameOf = (input: BundleInput): string => ('path' in input ? input.path : input.name);

/**
 * Reads one bundle: a .tar.gz or .tar, encrypted or not, by path or stream, or an unpacked directory. Nothing is written to disk; logs go to
 * `onLog` while they stream by, the rest is kept in memory. A bundle that is damaged but has its header is returned as far
 * as it is intact, with `intact: false` and the problems.
 *
 * Throws `UnsafeArchive` (refused whole), `LockedBundle` (no identity opens it), `UntrustedBundle` (not signed by the keys asked for), `DamagedArchive` (nothing in it can be used), `UnsupportedFormat` (newer reader
 * needed), `UnreadableInput` (cannot be opened), or the reason of `signal`.
 */
export const readBundle = async (input: BundleInput, options: ReadOptions): Promise<LoadedBundle> => {
  const limits = { ...defaultLimits, ...options.limits };
  const intake = createIntake(limits, options.onLog);
  try {
    const { damage, encrypted } = await readInto(input, intake, limits, options);
    const { header, files } = await intake.finish(damage);
    const keys = options.verifyKeys ?? [];
    const found = 'path' in input ? await findSignature(input.path) : undefined;
    const signature = 'path' in input || keys.length > 0 ? signatureState(found, files, keys) : undefined;
    const bundle = finishBundle(nameOf(input), header, files, damage);
    if (bundle.artifacts.length === 0 && bundle.logs.length === 0 && bundle.manifest === undefined) {
      throw new DamagedArchive(bundle.problems[0] ?? 'the bundle is empty', bundle.problems.slice(1));
    }
    return {
      ...bundle,
      ...(encrypted ? { encrypted } : {}),
      ...(signature === undefined ? {} : { signature }),
    };
  } finally {
    intake.abandon();
  }
};
