import {
  type ArtifactKind,
  type Bundle,
  CHECKSUMS_PATH,
  catalog,
  ERROR_SUFFIX,
  HEADER_PATH,
  isArtifactKind,
  MANIFEST_PATH,
  type Manifest,
  type SchemaName,
  validate,
} from '../../schemas/index.js';
import { checksumsOf } from './checksums.js';
import type { TakenFile } from './intake.js';
import type { ItemRecord, LoadedBundle, StoredArtifact, StoredLog } from './loaded.js';
import { parsePath } from './parse-path.js';
import { reconstructItems } from './reconstruct.js';
import { checkMinReader, upgradeManifest } from './upgrade.js';

/** Problems listed one by one; more are only counted. */
const MAX_PROBLEMS = 200;

const manifestOf = (
  header: Bundle,
  file: TakenFile | undefined,
  note: (problem: string) => void,
): Manifest | undefined => {
  if (file === undefined) {
    note(`${MANIFEST_PATH} is missing: what was planned is not known, and no content could be checked against it`);
    return undefined;
  }
  const minReader = (file.value as { minReader?: { major?: unknown; minor?: unknown } } | null | undefined)?.minReader;
  if (Number.isInteger(minReader?.major) && Number.isInteger(minReader?.minor)) {
    checkMinReader({ major: Number(minReader?.major), minor: Number(minReader?.minor) });
  }
  if (file.flaw !== undefined) {
    note(`${MANIFEST_PATH} ${file.flaw}`);
    return undefined;
  }
  const checked = validate('manifest', upgradeManifest(header.format, file.value));
  if (!checked.ok) {
    note(`${MANIFEST_PATH} does not have the expected form: ${checked.errors.join('; ')}`);
    return undefined;
  }
  if (checked.value.bundleId !== header.bundleId)
    note(`${MANIFEST_PATH} belongs to another bundle than ${HEADER_PATH}`);
  return checked.value;
};

/** Hash expected for each path, from manifest and SHA256SUMS. */
const expectedHashes = (
  manifest: Manifest | undefined,
  sums: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> => {
  const expected = new Map(sums);
  for (const { sha256 = {} } of manifest?.items ?? [])
    for (const [path, hash] of Object.entries(sha256)) expected.set(path, hash);
  return expected;
};

const mismatches = (files: ReadonlyMap<string, TakenFile>, manifest: Manifest | undefined): Set<string> => {
  const sums = checksumsOf(files.get(CHECKSUMS_PATH));
  const wrong = new Set<string>();
  for (const expected of [sums ?? new Map<string, string>(), expectedHashes(manifest, undefined)]) {
    for (const [path, hash] of expected) {
      const file = files.get(path);
      if (file?.whole && file.sha256 !== hash) wrong.add(path);
    }
  }
  return wrong;
};

/** Value of a small file as an artifact of `kind`, or why it is none. */
const artifactValue = (kind: ArtifactKind, file: TakenFile): { value: unknown } | { flaw: string } => {
  if (file.flaw !== undefined) return { flaw: file.flaw };
  if (catalog[kind].mediaType !== 'application/json') {
    return typeof file.value === 'string' ? { value: file.value } : { flaw: 'is not text' };
  }
  const checked = validate(kind as SchemaName, file.value);
  return checked.ok
    ? { value: checked.value }
    : { flaw: `does not have the expected form: ${checked.errors.join('; ')}` };
};

/**
 * Joins the files with the manifest: every path gets its kind, target and round from there, every content is checked
 * against hash and schema. What does not hold is dropped and named in `problems`; only logs are kept, flagged.
 * Throws `UnsupportedFormat` when the manifest needs a newer reader.
 */
export const finishBundle = (
  file: string,
  header: Bundle,
  files: ReadonlyMap<string, TakenFile>,
  damage: string | undefined,
): LoadedBundle => {
  const problems: string[] = [];
  let more = 0;
  const note = (problem: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
    else more += 1;
  };
  if (damage !== undefined) note(damage);
  const manifest = manifestOf(header, files.get(MANIFEST_PATH), note);
  if (!files.has(CHECKSUMS_PATH)) note(`${CHECKSUMS_PATH}, the last file of a whole bundle, is missing`);
  const wrong = mismatches(files, manifest);
  const expected = expectedHashes(manifest, checksumsOf(files.get(CHECKSUMS_PATH)));
  for (const path of [HEADER_PATH, MANIFEST_PATH]) if (wrong.has(path)) note(`${path} differs from its checksum`);

  const artifacts: StoredArtifact[] = [];
  const logs: StoredLog[] = [];
  const collectionStart = Date.parse(manifest?.times.startedAt ?? header.createdAt);

  /** Files one path of an item; returns what is wrong with it. */
  const takePath = (item: ItemRecord, kind: ArtifactKind, path: string): string[] => {
    const taken = files.get(path);
    if (taken === undefined) return [`${path} is listed but missing`];
    const flaws: string[] = [];
    if (wrong.has(path)) flaws.push(`${path} differs from its checksum`);
    else if (manifest !== undefined && taken.whole && !expected.has(path)) flaws.push(`${path} has no checksum`);
    const startedAt = item.startedAt === undefined ? collectionStart : Date.parse(item.startedAt);
    if (kind === 'server-log') {
      if (!taken.whole) flaws.push(`${path} is cut off: the archive ends inside it`);
      if (taken.log === undefined) return [...flaws, `${path} ${taken.flaw ?? 'was not read as a log'}`];
      const instance = parsePath(path)?.instance;
      logs.push({
        target: item.target,
        path,
        startedAt,
        summary: taken.log,
        flaws,
        ...(instance === undefined ? {} : { instance }),
      });
      return flaws;
    }
    if (wrong.has(path)) return flaws;
    const result = artifactValue(kind, taken);
    if ('flaw' in result) return [...flaws, `${path} ${result.flaw}`];
    artifacts.push({
      kind,
      target: item.target,
      path,
      startedAt,
      durationMs: item.durationMs ?? 0,
      value: result.value,
      ...(item.round === undefined ? {} : { round: item.round }),
    });
    return flaws;
  };

  const items = (manifest?.items ?? reconstructItems(files, header)).map((item) => {
    // A kind of a later minor version: its files are checked by hash and otherwise left alone.
    if (!isArtifactKind(item.kind)) return item;
    const { kind } = item;
    const damaged = item.paths
      .filter((path) => !path.endsWith(ERROR_SUFFIX))
      .flatMap((path) => takePath(item, kind, path));
    damaged.forEach(note);
    return damaged.length === 0 ? item : { ...item, damage: damaged };
  });
  if (more > 0) problems.push(`and ${more} more problems`);
  return {
    file,
    header,
    ...(manifest === undefined ? {} : { manifest }),
    items,
    artifacts,
    logs,
    intact: problems.length === 0,
    problems,
  };
};
