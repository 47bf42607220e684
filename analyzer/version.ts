import { readPackageVersion } from '../schemas/index.js';

/** Version of this package. */
export const VERSION = readPackageVersion();
