import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { analyze } from '../../analyzer/analyze.js';
import { buildCase, readBundle } from '../../analyzer/bundle/index.js';
import type { OpenBundle } from '../../collector/bundle/open.js';
import type { StoredFile } from '../../collector/bundle/store.js';
import { CHECKSUMS_PATH, type Manifest, MANIFEST_PATH, packageRoot, type Report } from '../../schemas/index.js';

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

/** The files of an unpacked fixture. */
export const fixtureFiles = (id: string): Map<string, Buffer> => {
  const root = join(packageRoot, 'fixtures', 'bundles', id, 'bundle');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(root, name)).isFile(),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(join(root, name))]));
};

/** Contents and paths rewritten, hashes made anew: the same case at another place. */
export const relocated = (
  files: ReadonlyMap<string, Buffer>,
  rewrite: (text: string) => string,
): Map<string, Buffer> => {
  const moved = new Map<string, Buffer>();
  for (const [path, content] of files) {
    if (path === MANIFEST_PATH || path === CHECKSUMS_PATH) continue;
    moved.set(rewrite(path), Buffer.from(rewrite(content.toString('latin1')), 'latin1'));
  }
  const manifest = JSON.parse(rewrite(files.get(MANIFEST_PATH)?.toString('utf8') ?? '{}')) as Manifest;
  for (const item of manifest.items) {
    if (item.sha256 === undefined) continue;
    item.sha256 = Object.fromEntries(item.paths.map((path) => [path, sha256(moved.get(path) ?? '')]));
  }
  moved.set(MANIFEST_PATH, Buffer.from(JSON.stringify(manifest)));
  const sums = [...moved].map(([path, content]) => `${sha256(content)}  ${path}\n`).join('');
  return moved.set(CHECKSUMS_PATH, Buffer.from(sums));
};

export const asBundle = (files: ReadonlyMap<string, Buffer>): OpenBundle => ({
  root: 'etcd-evidence_lab_20260102T030405Z_bbbbbbbb_UNREDACTED',
  files,
});

export const contentsOf = async (files: readonly StoredFile[]): Promise<Map<string, Buffer>> => {
  const contents = new Map<string, Buffer>();
  for (const file of files) contents.set(file.path, await file.read());
  return contents;
};

/** The report of files that are written below `directory` first. */
export const reportOf = async (files: ReadonlyMap<string, Buffer>, directory: string): Promise<Report> => {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const input = buildCase([await readBundle({ path: directory })]);
  return analyze(input, { now: new Date(input.collection.to) });
};
