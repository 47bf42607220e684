import {
  type Bundle,
  catalog,
  ERROR_SUFFIX,
  itemId,
  pathOf,
  type SchemaTypes,
  type State,
  type Target,
  validate,
} from '../../schemas/index.js';
import type { TakenFile } from './intake.js';
import type { ItemRecord } from './loaded.js';
import { type PathParts, parsePath } from './parse-path.js';

/** States an error file may claim; an item with content is `ok`. */
const failedStates: readonly State[] = [
  'partial',
  'empty',
  'failed',
  'timeout',
  'denied',
  'unreachable',
  'unsupported',
  'not-applicable',
  'skipped-by-user',
  'skipped-by-budget',
  'withheld',
];

const at = (parts: PathParts): { round?: number; instance?: string } => ({
  ...(parts.round === undefined ? {} : { round: parts.round }),
  ...(parts.instance === undefined ? {} : { instance: parts.instance }),
});

const itemOf = (parts: PathParts, more: Partial<ItemRecord>): ItemRecord => ({
  id: itemId(parts.kind, parts.target, at(parts)),
  probe: parts.kind,
  kind: parts.kind,
  target: parts.target,
  state: 'ok',
  paths: [],
  sensitivity: catalog[parts.kind].sensitivity,
  cost: catalog[parts.kind].cost,
  ...(parts.round === undefined ? {} : { round: parts.round }),
  ...more,
});

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 1000) : undefined);

/** State and reason from the file that holds the place of an item that failed. */
const fromErrorFile = (parts: PathParts, path: string, value: unknown): ItemRecord => {
  const content = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const state = failedStates.find((known) => known === content.state) ?? 'failed';
  const reason = text(content.reason) ?? text(content.class);
  const message = text(content.message);
  return itemOf(parts, {
    state,
    paths: [path],
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  });
};

const planOf = (files: ReadonlyMap<string, TakenFile>): SchemaTypes['plan'] | undefined => {
  const target: Target = { kind: 'collection', id: 'collection' };
  const checked = validate('plan', files.get(pathOf('plan', target))?.value);
  return checked.ok ? checked.value : undefined;
};

/**
 * Items of a bundle without manifest: one per file whose path names a kind, one per error file, and, where the plan
 * survived, one `failed` item (`archive-truncated`) for every planned read that left nothing behind.
 */
export const reconstructItems = (files: ReadonlyMap<string, TakenFile>, header: Bundle): ItemRecord[] => {
  const items = new Map<string, ItemRecord>();
  for (const { path, whole, value } of files.values()) {
    const failed = path.endsWith(ERROR_SUFFIX);
    const parts = parsePath(failed ? path.slice(0, -ERROR_SUFFIX.length) : path);
    if (parts === undefined) continue;
    const item = failed
      ? fromErrorFile(parts, path, value)
      : itemOf(parts, { state: whole ? 'ok' : 'partial', paths: [path], startedAt: header.createdAt });
    items.set(item.id, item);
  }
  for (const planned of planOf(files)?.items ?? []) {
    const { id, target, round } = planned;
    if (items.has(id) || !Object.hasOwn(catalog, planned.probe)) continue;
    const parts: PathParts = {
      kind: planned.probe as PathParts['kind'],
      target,
      ...(round === undefined ? {} : { round }),
    };
    // Several slices under one plan id, or the reverse: what is there under any id is not lost.
    const found = [...items.values()].some(
      (item) => item.kind === parts.kind && item.target.id === target.id && item.round === round,
    );
    if (found) continue;
    items.set(id, { ...itemOf(parts, { state: 'failed', reason: 'archive-truncated' }), id });
  }
  return [...items.values()];
};
