const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

/** Bounds on what a bundle may cost its reader. Beyond any of them the archive is refused (`UnsafeArchive`). */
export interface Limits {
  readonly entries: number;
  /** Largest log file, bytes. */
  readonly logBytes: number;
  /** Largest other file, bytes. */
  readonly fileBytes: number;
  /** All files but logs together, bytes: they are held in memory. */
  readonly keptBytes: number;
  /** Everything unpacked, bytes. */
  readonly totalBytes: number;
  /**
   * Unpacked to packed bytes, checked once `ratioFromBytes` are unpacked. Measured: a log of one repeated message 60,
   * one identical line 140 at gzip level 1; zeros 229 at level 1 and 1028 at level 6.
   */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** Longest wait for the next byte of input, ms. */
  readonly idleMs: number;
  /** Longest read of one bundle, ms. */
  readonly totalMs: number;
}

export const defaultLimits: Limits = {
  entries: 20_000,
  logBytes: 4 * GiB,
  fileBytes: 64 * MiB,
  keptBytes: 512 * MiB,
  totalBytes: 16 * GiB,
  ratio: 200,
  ratioFromBytes: 32 * MiB,
  idleMs: 60_000,
  totalMs: 15 * 60_000,
};
