import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CHECKSUMS_PATH, HEADER_PATH, type Manifest, MANIFEST_PATH } from '../../schemas/index.js';
import { type FakeBundle, fakeBundle } from './fake-case.js';
import { type TarEntry, tarOf } from './tar-archive.js';

/** Files of a bundle in the order a collector writes them: path below the root -> content. */
export type BundleFiles = Map<string, string>;

export const BUNDLE_ROOT = 'etcd-evidence_lab_20260102T030405Z_bbbbbbbb';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const contentOf = (value: unknown): string =>
  typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`;

/** Sums of every file before it, as the last file. */
export const withChecksums = (files: BundleFiles): BundleFiles => {
  const sums = [...files]
    .filter(([path]) => path !== CHECKSUMS_PATH)
    .map(([path, content]) => `${sha256(content)}  ${path}\n`);
  return new Map([...files].filter(([path]) => path !== CHECKSUMS_PATH)).set(CHECKSUMS_PATH, sums.join(''));
};

/** Files of a whole bundle: header, artifacts, log texts by path, manifest with their hashes, checksums. */
export const bundleFiles = (fake: FakeBundle = {}, logs: Readonly<Record<string, string>> = {}): BundleFiles => {
  const bundle = fakeBundle(fake);
  const files: BundleFiles = new Map([[HEADER_PATH, contentOf(bundle.header)]]);
  for (const { path, value } of bundle.artifacts) files.set(path, contentOf(value));
  for (const [path, text] of Object.entries(logs)) files.set(path, text);
  const hashes = new Map([...files].map(([path, content]) => [path, sha256(content)]));
  const logItems = Object.keys(logs).map((path): Manifest['items'][number] => {
    const id = path.split('/')[1] ?? '';
    return {
      id: `server-log@${id}/${path}`,
      probe: 'server-log',
      kind: 'server-log',
      target: { kind: 'member', id },
      state: 'ok',
      paths: [path],
      sensitivity: 'sensitive',
      cost: 'moderate',
    };
  });
  const items = [...bundle.items, ...logItems].map((item) => ({
    ...item,
    sha256: Object.fromEntries(
      item.paths.flatMap((path) => (hashes.has(path) ? [[path, hashes.get(path) ?? '']] : [])),
    ),
  }));
  files.set(
    MANIFEST_PATH,
    contentOf({ ...bundle.manifest, items, completeness: { planned: items.length, states: { ok: items.length } } }),
  );
  return withChecksums(files);
};

export const tarEntries = (files: BundleFiles, root = BUNDLE_ROOT): TarEntry[] => [
  { name: `${root}/`, type: '5' },
  ...[...files].map(([path, content]) => ({ name: `${root}/${path}`, content })),
];

export const tarGz = (entries: readonly TarEntry[]): Buffer => gzipSync(tarOf(entries), { level: 1 });

/** The bundle as a .tar.gz. */
export const packBundle = (files: BundleFiles, root = BUNDLE_ROOT): Buffer => tarGz(tarEntries(files, root));

/** Writes the files below `directory`, which becomes the bundle's root. */
export const unpackBundle = async (files: BundleFiles, directory: string): Promise<void> => {
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
};
