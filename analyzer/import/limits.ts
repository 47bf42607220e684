import { defaultLimits, type Limits } from '../bundle/limits.js';

const MiB = 1024 ** 2;

/**
 * As for bundles, but others' archives hold far more files, of which few are read. A must-gather of a large cluster has
 * some hundred thousand files.
 */
export const importLimits: Limits = { ...defaultLimits, entries: 1_000_000 };

/** Of a larger file only the end is kept: the newest lines of a log. */
export const MAX_FILE_BYTES = 128 * MiB;
/** All files that are kept, and all archives within them. */
export const MAX_KEPT_BYTES = 768 * MiB;
/** A zip is read by its directory at the end, so it is held whole. */
export const MAX_ZIP_BYTES = 512 * MiB;
/** Files whose path says nothing of etcd are looked into only this often in one archive or directory. */
export const MAX_UNHINTED = 400;
/** Inputs within inputs: a gzip in a tar in a zip. */
export const MAX_NESTING = 3;
/** Files that were not used are named one by one up to here. */
export const MAX_LEFT = 40;
/** A text up to here may hold several things; a larger one is one thing. */
export const MAX_PASTE_BYTES = 8 * MiB;
