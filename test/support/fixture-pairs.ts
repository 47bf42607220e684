import { gzipSync } from 'node:zlib';
import { buildCase, type Case, readBundle } from '../../analyzer/bundle/index.js';
import { compare } from '../../analyzer/compare/index.js';
import { type Diff, HEADER_PATH } from '../../schemas/index.js';
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

/** A fixture as a case, with everything that `rewrite` changes, hashes right. */
export const fixtureCase = async (id: string, rewrite?: (text: string) => string): Promise<Case> =>
  buildCase([
    await readBundle({
      stream: (async function* () {
        yield packedFixture(id, rewrite);
      })(),
      name: id,
    }),
  ]);

/** Another bundle of the same cluster, three days later. */
export const threeDaysLater = (text: string): string =>
  text
    .replaceAll('2026-11-22', '2026-11-25')
    .replace(/"bundleId": ?"[0-9a-f]{32}"/g, `"bundleId": "${'5'.repeat(32)}"`);

/** Two fixtures compared; both unchanged, or as `rewrite` makes the second. */
export const compared = async (a: string, b: string, rewrite?: (text: string) => string): Promise<Diff> =>
  compare(await fixtureCase(a), await fixtureCase(b, rewrite), { now: new Date('2026-12-01T00:00:00Z') });
