import { createHash } from 'node:crypto';
import { catalog, itemId, type Manifest, pathOf } from '../../schemas/index.js';
import type { Scheduled } from './rounds.js';
import type { Left, Piece } from './types.js';

export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export type Item = Manifest['items'][number];

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const iso = (at: number): string => new Date(at).toISOString();
export const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** Two artifacts of one kind, target and round would have one path: a counter tells instances apart, of others the last one counts. */
export const distinct = (items: readonly Scheduled[], left: Left[]): (Scheduled & { readonly instance?: string })[] => {
  const taken = new Map<string, number>();
  const found = new Map<string, Scheduled & { readonly instance?: string }>();
  for (const item of items) {
    const { piece, target, round } = item;
    const isLog = catalog[piece.kind].repeats === 'instances';
    const base = isLog ? (piece.instance ?? 'imported') : undefined;
    const at = (instance: string | undefined) => ({
      ...(round === undefined ? {} : { round }),
      ...(instance === undefined ? {} : { instance }),
    });
    const first = itemId(piece.kind, target, at(base));
    const count = taken.get(first) ?? 0;
    taken.set(first, count + 1);
    const instance = isLog && count > 0 ? `${base}-${count}` : base;
    const id = itemId(piece.kind, target, at(instance));
    const before = found.get(id);
    // An answer counts more than the word that there was none.
    if (before !== undefined && piece.value === undefined) continue;
    const [whole, wholeBefore] = [piece.lacks === undefined, before?.piece.lacks === undefined];
    if (before?.piece.value !== undefined && wholeBefore && !whole) continue;
    if (before?.piece.value !== undefined && wholeBefore === whole)
      left.push({ file: before.source, reason: `a later ${piece.kind} of the same member counts instead` });
    found.set(id, { ...item, ...(instance === undefined ? {} : { instance }) });
  }
  return [...found.values()];
};

const bytesOf = ({ kind, value }: Piece): Uint8Array =>
  value instanceof Uint8Array
    ? value
    : typeof value === 'string'
      ? Buffer.from(value)
      : catalog[kind].mediaType === 'application/json'
        ? json(value)
        : Buffer.from(String(value));

/** The manifest item of a piece, and its file; without one where nothing was read. `fallback`: epoch ms where no time is known. */
export const itemOf = (
  scheduled: Scheduled & { readonly instance?: string },
  fallback: number,
): { item: Item; file?: BundleFile } => {
  const { piece, target, source, round, instance } = scheduled;
  const { kind } = piece;
  const at = { ...(round === undefined ? {} : { round }), ...(instance === undefined ? {} : { instance }) };
  const base = {
    id: itemId(kind, target, at),
    probe: 'import',
    kind,
    target,
    ...(round === undefined ? {} : { round }),
    source,
    sensitivity: catalog[kind].sensitivity,
    cost: catalog[kind].cost,
  };
  if (piece.value === undefined)
    return {
      item: {
        ...base,
        ...(piece.failure ?? { state: 'failed', reason: 'no-value', message: 'nothing was read' }),
        paths: [],
      },
    };
  const bytes = bytesOf(piece);
  const path = pathOf(kind, target, at);
  const cut = (piece.skippedBytes ?? 0) > 0;
  const startedAt = piece.moment?.at ?? piece.span?.to ?? fallback;
  return {
    item: {
      ...base,
      state: piece.lacks === undefined && !cut ? 'ok' : 'partial',
      ...(piece.lacks === undefined ? {} : { reason: 'incomplete-form', message: piece.lacks }),
      startedAt: iso(Math.max(startedAt, piece.span?.to ?? startedAt)),
      durationMs: 0,
      paths: [path],
      mediaType: catalog[kind].mediaType,
      bytesStored: bytes.length,
      ...(cut
        ? {
            truncation: {
              skippedBytes: piece.skippedBytes ?? 0,
              description: 'the beginning was left out: the file is too large',
            },
          }
        : {}),
      sha256: { [path]: sha256(bytes) },
      redactions: 0,
    },
    file: { path, bytes },
  };
};
