import { catalog, type Manifest, pathOf, type SchemaName, schemaIdOf, validate } from '../schemas/index.js';
import type { Store } from './bundle/store.js';
import { messageOf } from './errors.js';
import { largeBytes, releaseMemory } from './memory.js';
import { explain } from './messages.js';
import type { PlannedItem } from './plan.js';
import type { ReasonCode } from './probe.js';
import type { Redactor } from './redact/index.js';
import type { Outcome } from './run-probe.js';

export type ManifestItem = Manifest['items'][number];

/** Longest message kept in the manifest, characters. */
const maxMessage = 2000;

interface Ready {
  readonly path: string;
  readonly bytes: Buffer;
}

interface Refusal {
  readonly state: 'failed' | 'withheld' | 'skipped-by-budget';
  readonly reason: ReasonCode;
  readonly message: string;
}

interface Prepared {
  readonly files: readonly Ready[];
  readonly redactions: number;
}

const clip = (text: string): string => (text.length > maxMessage ? `${text.slice(0, maxMessage)} [...]` : text);

/** Redaction, then schema check, of all parts; the first that fails refuses the item. */
const prepare = (item: PlannedItem, outcome: Outcome, redactor: Redactor): Prepared | Refusal => {
  const files: Ready[] = [];
  let redactions = 0;
  const isJson = catalog[item.kind].mediaType === 'application/json';
  for (const part of outcome.parts) {
    const at = {
      ...(item.round === undefined ? {} : { round: item.round }),
      ...(part.instance === undefined ? {} : { instance: part.instance }),
    };
    let content: unknown;
    try {
      const redacted = redactor.part(item.kind, part.content);
      content = redacted.value;
      redactions += redacted.count;
    } catch (error) {
      return { state: 'withheld', reason: 'redaction-failed', message: `withheld: ${messageOf(error)}` };
    }
    if (isJson) {
      const checked = validate(item.kind as SchemaName, content);
      if (!checked.ok) {
        return { state: 'failed', reason: 'schema-mismatch', message: checked.errors.slice(0, 3).join('; ') };
      }
    }
    const bytes = isJson ? Buffer.from(`${JSON.stringify(content, null, 1)}\n`) : (content as Buffer);
    files.push({ path: pathOf(item.kind, item.target, at), bytes });
  }
  return { files, redactions };
};

const describe = (item: PlannedItem, outcome: Outcome, redactor: Redactor): Omit<ManifestItem, 'state' | 'paths'> => {
  const { startedAt, durationMs, grpcStatus, httpStatus } = outcome;
  return {
    id: item.id,
    probe: item.kind,
    kind: item.kind,
    target: item.target,
    ...(item.round === undefined ? {} : { round: item.round }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(durationMs === undefined ? {} : { durationMs }),
    source: redactor.text(outcome.source),
    ...(grpcStatus === undefined ? {} : { grpcStatus }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    mediaType: catalog[item.kind].mediaType,
    sensitivity: catalog[item.kind].sensitivity,
    cost: item.cost,
  };
};

/** The manifest entry of an item that left no file. */
export const gap = (item: PlannedItem, outcome: Outcome, redactor: Redactor): ManifestItem => ({
  ...describe(item, outcome, redactor),
  state: outcome.state,
  ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
  message: redactor.text(
    clip(outcome.message ?? (outcome.reason === undefined ? '' : explain(outcome.reason).happened)),
  ),
  paths: [],
  permission: outcome.permission ?? item.permission,
});

/** Slices of one file all tell the size of the file and of the same gap: equal figures are one figure. */
const sumDistinct = (values: readonly number[]): number => [...new Set(values)].reduce((sum, value) => sum + value, 0);

const truncationOf = (outcome: Outcome): Pick<ManifestItem, 'truncation'> => {
  const cuts = outcome.parts.flatMap(({ truncation }) => (truncation === undefined ? [] : [truncation]));
  if (cuts.length === 0) return {};
  const skipped = sumDistinct(cuts.map(({ skippedBytes }) => skippedBytes ?? 0));
  return {
    truncation: {
      ...(skipped > 0 ? { skippedBytes: skipped } : {}),
      description: [...new Set(cuts.map(({ description }) => description))].join('; '),
    },
  };
};

/**
 * The seam between probe and bundle: redacts, checks and stores what an item brought, and returns its manifest entry.
 * Nothing is stored unless all of it passes; `maxBytes` caps the whole bundle before compression.
 */
export const storeItem = async (
  item: PlannedItem,
  outcome: Outcome,
  { redactor, store, maxBytes }: { readonly redactor: Redactor; readonly store: Store; readonly maxBytes: number },
): Promise<ManifestItem> => {
  if (outcome.parts.length === 0) return gap(item, outcome, redactor);
  const refused = (refusal: Refusal): ManifestItem => gap(item, { ...outcome, ...refusal, parts: [] }, redactor);
  const prepared = prepare(item, outcome, redactor);
  if ('state' in prepared) return refused(prepared);
  const size = prepared.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (store.bytes() + size > maxBytes) {
    return refused({
      state: 'skipped-by-budget',
      reason: 'size-cap',
      message: `the bundle may hold ${maxBytes} bytes`,
    });
  }
  // The text that was searched for secrets is as large as the content itself.
  if (size >= largeBytes) releaseMemory();
  const stored = [];
  for (const { path, bytes } of prepared.files) stored.push(await store.add(path, bytes));
  const original = sumDistinct(outcome.parts.map(({ bytesOriginal }) => bytesOriginal ?? 0));
  return {
    ...describe(item, outcome, redactor),
    state: outcome.state,
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    ...(outcome.message === undefined ? {} : { message: redactor.text(clip(outcome.message)) }),
    paths: stored.map(({ path }) => path),
    ...(catalog[item.kind].mediaType === 'application/json' ? { schemaId: schemaIdOf(item.kind as SchemaName) } : {}),
    bytesOriginal: original > 0 ? original : size,
    bytesStored: size,
    ...truncationOf(outcome),
    sha256: Object.fromEntries(stored.map(({ path, sha256 }) => [path, sha256])),
    ...(prepared.redactions > 0 ? { redactions: prepared.redactions } : {}),
  };
};
