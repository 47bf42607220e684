import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { packageRoot } from './package-root.js';

// Every file of the package that a program reads while it runs comes through here. A single-file build (scripts/package/) puts a
// module of the same exports in the place of this one, with the files inside.

/** Text of a file of the package; `path` starts at the root of the package and has `/`. Throws when there is no such file. */
export const readPackageFile = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

/** Paths below a folder of the package, with `/`, relative to the folder, sorted. Throws when there is no such folder. */
export const listPackageFiles = (folder: string): readonly string[] =>
  readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(packageRoot, folder).length + 1))
    .map((path) => path.split(sep).join('/'))
    .sort();

/** The module that `npm run generate` makes of the schemas: one compiled validator for each schema name. */
export const loadValidators = (): unknown =>
  createRequire(import.meta.url)(join(packageRoot, 'schemas', 'validators.generated.cjs'));

/** Version of the package. Throws when its package.json has none. */
export const readPackageVersion = (): string => {
  const { version } = JSON.parse(readPackageFile('package.json')) as { version?: unknown };
  if (typeof version !== 'string') throw new Error('package.json has no version');
  return version;
};
