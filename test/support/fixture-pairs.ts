import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { buildCase, type Case, readBundle } from '../../analyzer/bundle/index.js';
import { compareSnapshots, snapshotOf } from '../../analyzer/compare/index.js';
import type { Snapshot } from '../../analyzer/compare/snapshot.js';
import { type Diff, HEADER_PATH, packageRoot } from '../../schemas/index.js';
import { fixtureFiles, relocated } from './fixture-variants.js';
import { tarOf } from './tar-archive.js';

/** A fixture as an archive, with everything that `rewrite` changes, hashes right. */
export const packedFixture = (id: string, rewrite: (text: string) => string = (text) => text): Buffer => {
  const files = relocated(fixtureFiles(id), rewrite);
  // A reader wants the header first.
  const sorted = [...files].sort(([a], [b]) => Number(b === HEADER_PATH) - Number(a === HEADER_PATH));
  return gzipSync(tarOf(sorted.map(([path, content]) => ({ name: `etcd-evidence_lab/${path}`, content }))), {
    level: 1,
  });
};

/** A fixture as a case; with `rewrite` everything that it changes, hashes right. */
export const fixtureCase = async (id: string, rewrite?: (text: string) => string): Promise<Case> =>
  buildCase([
    await readBundle(
      rewrite === undefined
        ? { path: join(packageRoot, 'fixtures', 'bundles', id, 'bundle') }
        : { stream: Readable.from([packedFixture(id, rewrite)]), name: id },
    ),
  ]);

/** When all comparisons of these tests are made. */
export const COMPARED_AT = new Date('2026-12-01T00:00:00Z');

const snapshots = new Map<string, Promise<Snapshot>>();

/** A fixture analysed, once for all tests of a file. */
export const fixtureSnapshot = (id: string): Promise<Snapshot> => {
  const known = snapshots.get(id) ?? fixtureCase(id).then((input) => snapshotOf(input, COMPARED_AT));
  snapshots.set(id, known);
  return known;
};

/** Another bundle of the same cluster, three days later. */
export const threeDaysLater = (text: string): string =>
  text
    .replaceAll('2026-11-22', '2026-11-25')
    .replace(/"bundleId": ?"[0-9a-f]{32}"/g, `"bundleId": "${'5'.repeat(32)}"`);

/** Two fixtures compared; both unchanged, or as `rewrite` makes the second. */
export const compared = async (a: string, b: string, rewrite?: (text: string) => string): Promise<Diff> =>
  compareSnapshots(
    [await fixtureSnapshot(a)],
    rewrite === undefined ? await fixtureSnapshot(b) : snapshotOf(await fixtureCase(b, rewrite), COMPARED_AT),
    COMPARED_AT,
  );
