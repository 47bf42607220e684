import { OutputError } from '../errors.js';
import { createInspector } from '../redact/gate.js';
import type { FileCounts } from '../redact/mask-store.js';
import { buildManifest, type IsRemote, type RunEnd, type RunFacts } from '../manifest.js';
import type { Run } from '../run.js';
import type { ManifestItem } from '../store-item.js';
import { assemble } from './assemble.js';
import { destinationOf } from './output.js';
import type { Store } from './store.js';
import { writeBundle } from './write.js';

/** What is given up, step by step, when the disk has no room for the whole bundle. */
const noSpaceSteps: readonly ((item: ManifestItem) => boolean)[] = [
  (item) => item.kind === 'server-log' || item.kind === 'kernel-log',
  (item) => (item.bytesStored ?? 0) > 16 * 1024,
  (item) => item.target.kind !== 'collection' && item.kind !== 'endpoint-status' && item.kind !== 'alarm-list',
];

const giveUp = (item: ManifestItem, store: Store): ManifestItem => {
  for (const path of item.paths) store.remove(path);
  const { schemaId: _s, bytesStored: _b, sha256: _h, truncation: _t, redactions: _r, ...rest } = item;
  const message = 'left out: there was no room to write it';
  return { ...rest, state: 'skipped-by-budget', reason: 'size-cap', message, paths: [] };
};

/**
 * Writes the bundle; when there is no space, a smaller one. Throws `OutputError` when not even the smallest fits, `QuarantineError`
 * when the search of the finished bundle stops it.
 */
export const seal = async (
  run: Run,
  facts: RunFacts,
  end: RunEnd,
  name: string,
  isRemote: IsRemote,
  counts: FileCounts = new Map(),
) => {
  const { options, io, store, redactor, encryption } = run;
  const destination = await destinationOf(options.output, encryption !== undefined);
  const protection = {
    ...(encryption === undefined ? {} : { encryption }),
    ...(options.signer === undefined ? {} : { signer: options.signer }),
  };
  const inspect = createInspector(options.redact, redactor.identities);
  const label =
    options.label === undefined ? undefined : (redactor.identities?.maskText(options.label) ?? options.label);
  let { items, endReason } = end;
  for (let step = 0; ; step += 1) {
    const manifest = buildManifest(facts, { ...end, items, endReason }, redactor, isRemote);
    const files = assemble(manifest, store.files(), label, counts, redactor.identities?.maskText);
    try {
      const path = await writeBundle(
        { root: name, files, createdAt: facts.startedAt, inspect, ...protection },
        destination,
        io.stdout,
      );
      return { path, manifest };
    } catch (error) {
      const drop = noSpaceSteps[step];
      const full =
        error instanceof OutputError && (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG');
      if (!full || drop === undefined || destination.kind === 'stream') throw error;
      io.emit({ event: 'note', text: `no space at ${error.path}: trying a smaller bundle` });
      items = items.map((item) => (item.paths.length > 0 && drop(item) ? giveUp(item, store) : item));
      endReason = 'no-space';
    }
  }
};
