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
  type RedactionReport,
} from '../../schemas/index.js';
import type { FileCounts } from '../redact/mask-store.js';
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

const redactionReport = ({ redaction, items }: Manifest, counts: FileCounts): RedactionReport => {
  const rules: Record<string, number> = {};
  for (const each of counts.values()) {
    for (const [rule, count] of Object.entries(each)) rules[rule] = (rules[rule] ?? 0) + count;
  }
  const byName = <T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] =>
    [...entries].sort(([x], [y]) => (x < y ? -1 : 1));
  return {
    mode: redaction.mode,
    ruleset: redaction.ruleset,
    ...(redaction.keyFingerprint === undefined ? {} : { keyFingerprint: redaction.keyFingerprint }),
    replacements: redaction.replacements,
    rules: Object.fromEntries(byName(Object.entries(rules))),
    files: byName(counts).map(([path, found]) => ({ path, rules: { ...found } })),
    items: items.flatMap(({ id, redactions }) => (redactions === undefined ? [] : [{ id, redactions }])),
    withheld: items.filter(({ state }) => state === 'withheld').map(({ id }) => id),
  };
};

/** All files of a bundle in the order of the archive: header, README, content by path, manifest, checksums. */
export const assemble = (
  manifest: Manifest,
  artifacts: readonly StoredFile[],
  label: string | undefined,
  counts: FileCounts = new Map(),
  mask: (text: string) => string = (text) => text,
): StoredFile[] => {
  const gaps = manifest.items.flatMap((item) => placeholder(item) ?? []);
  const report = plainFile(REDACTION_REPORT_PATH, json(redactionReport(manifest, counts)));
  const content = [...artifacts, ...gaps, report].sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = [
    plainFile(HEADER_PATH, json(header(manifest, label))),
    plainFile(README_PATH, mask(readme(manifest))),
    ...content,
    plainFile(MANIFEST_PATH, json(manifest)),
  ];
  const sums = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
  return [...files, plainFile(CHECKSUMS_PATH, sums)];
};
