import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the installed package; this file runs as `<root>/dist/schemas/package-root.js`. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
