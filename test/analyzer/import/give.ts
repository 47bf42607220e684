import { buildCase } from '../../../analyzer/bundle/merge.js';
import { analyze } from '../../../analyzer/analyze.js';
import { type BundleFiles, type ForeignInput, importFiles } from '../../../analyzer/import/index.js';
import { loadImported } from '../../../analyzer/import/load.js';
import type { ArtifactKind, Report, SchemaTypes } from '../../../schemas/index.js';

/** A file as it would be named on the command line: content, and the time of its last change. */
export type Given = readonly [name: string, content: string | Uint8Array, modifiedAt?: number | undefined];

export const NOW = new Date('2026-12-01T12:00:00.000Z');

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content as string);
}

const inputOf = ([name, content, modifiedAt]: Given): ForeignInput => ({
  kind: 'stream',
  name,
  stream: once(content),
  ...(modifiedAt === undefined ? {} : { modifiedAt }),
});

/** Imports files that are handed over as bytes. */
export const give = (...files: readonly Given[]): Promise<BundleFiles> => importFiles(files.map(inputOf), { now: NOW });

export interface Analysed {
  readonly made: BundleFiles;
  readonly report: Report;
}

/** Imports and analyses; throws when the bundle that was made is not a sound one. */
export const analysed = async (made: BundleFiles): Promise<Analysed> => {
  const bundle = await loadImported(made, 'import');
  if (!bundle.intact) throw new Error(`the imported bundle is not intact: ${bundle.problems.join('; ')}`);
  return { made, report: analyze(buildCase([bundle]), { now: NOW }) };
};

type JsonKind = ArtifactKind & keyof SchemaTypes;

/** Stored values of a JSON kind with the target they are of, in the order of the manifest. */
export const valuesOf = <K extends JsonKind>(
  { files, manifest }: BundleFiles,
  kind: K,
): { target: string; value: SchemaTypes[K] }[] =>
  manifest.items
    .filter((item) => item.kind === kind && item.paths.length > 0)
    .map((item) => ({
      target: item.target.id,
      value: JSON.parse(
        Buffer.from(files.find(({ path }) => path === item.paths[0])?.bytes ?? '').toString('utf8'),
      ) as SchemaTypes[K],
    }));

export const formsOf = ({ manifest }: BundleFiles): string[] =>
  (manifest.imported?.sources ?? []).map(({ form }) => form);
export const leftOf = ({ manifest }: BundleFiles): string[] =>
  (manifest.imported?.left ?? []).map(({ file, reason }) => `${file}: ${reason}`);
export const notesOf = ({ manifest }: BundleFiles): readonly string[] => manifest.imported?.notes ?? [];
