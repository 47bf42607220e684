/** The npm packages inside a single file, by what the bundler read and what package-lock.json says of it. */
import { readPackageFile } from '../../schemas/index.js';

export interface Bundled {
  /** Folder from the package root: `node_modules/tar`, or one nested in another package. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression as the package declares it. */
  readonly licence: string;
  /** SHA-512 of its archive, hex. */
  readonly sha512: string;
  /** Names of the packages that it asks for. */
  readonly dependencies: readonly string[];
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Folder of the package that a module belongs to; undefined for our own. */
const folderOf = (input: string): string | undefined =>
  /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];

/** Packages of the modules in `inputs`, sorted by folder. Throws when one is not in the lock file. */
export const bundledPackages = (inputs: readonly string[]): readonly Bundled[] => {
  const { packages } = JSON.parse(readPackageFile('package-lock.json')) as { packages: Record<string, LockEntry> };
  const folders = [...new Set(inputs.flatMap((input) => folderOf(input) ?? []))].sort();
  return folders.map((folder) => {
    const { version, license, integrity, dependencies } = packages[folder] ?? {};
    const sha512 = /^sha512-(\S+)$/.exec(integrity ?? '')?.[1];
    if (version === undefined || license === undefined || sha512 === undefined) {
      throw new Error(`package-lock.json does not say version, licence and SHA-512 of ${folder}`);
    }
    return {
      folder,
      name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
      sha512: Buffer.from(sha512, 'base64').toString('hex'),
      dependencies: Object.keys(dependencies ?? {}),
    };
  });
};
