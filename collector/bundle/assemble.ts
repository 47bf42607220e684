import {
  type Bundle,
  CHECKSUMS_PATH,
  ERROR_SUFFIX,
  FORMAT,
  HEADER_PATH,
  isArtifactKind,
  MAGIC,
  MANIFEST_PATH,
  type Manifest,
  pathOf,
  README_PATH,
  REDACTION_REPORT_PATH,
} from '../../schemas/index.js';
import type { ManifestItem } from '../store-item.js';
import { readme } from './readme.js';
import { plainFile, type StoredFile } from './store.js';

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

const header = (manifest: Manifest, label: string | undefined): Bundle => ({
  magic: MAGIC,
  format: { ...FORMAT },
  bundleId: manifest.bundleId,
  createdAt: manifest.times.startedAt,
  collector: { name: manifest.collector.name, version: manifest.collector.version },
  redaction: manifest.redaction.mode,
  ...(label === undefined ? {} : { label }),
});

/** Keeps the place of an item that left no file; what does not apply to its target has no place. */
const placeholder = (item: ManifestItem): StoredFile | undefined => {
  if (item.paths.length > 0 || item.state === 'not-applicable' || !isArtifactKind(item.kind)) return undefined;
  const path = pathOf(item.kind, item.target, item.round === undefined ? {} : { round: item.round });
  const { id, state, reason, message, source, durationMs, permission } = item;
  return plainFile(
    `${path}${ERROR_SUFFIX}`,
    json({ id, state, reason, message, source, elapsedMs: durationMs, permission }),
  );
};

const redactionReport = ({ redaction, items }: Manifest): string =>
  json({
    mode: redaction.mode,
    ruleset: redaction.ruleset,
    replacements: redaction.replacements,
    items: items.flatMap(({ id, redactions }) => (redactions === undefined ? [] : [{ id, redactions }])),
    withheld: items.filter(({ state }) => state === 'withheld').map(({ id }) => id),
  });

/** All files of a bundle in the order of the archive: header, README, content by path, manifest, checksums. */
export const assemble = (
  manifest: Manifest,
  artifacts: readonly StoredFile[],
  label: string | undefined,
): StoredFile[] => {
  const gaps = manifest.items.flatMap((item) => placeholder(item) ?? []);
  const report = plainFile(REDACTION_REPORT_PATH, redactionReport(manifest));
  const content = [...artifacts, ...gaps, report].sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = [
    plainFile(HEADER_PATH, json(header(manifest, label))),
    plainFile(README_PATH, readme(manifest)),
    ...content,
    plainFile(MANIFEST_PATH, json(manifest)),
  ];
  const sums = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
  return [...files, plainFile(CHECKSUMS_PATH, sums)];
};
