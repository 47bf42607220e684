import type { Manifest } from '../../schemas/index.js';
import type { CollectOutcome } from '../collect.js';
import { explain, isReasonCode } from '../messages.js';
import { byName } from '../names.js';

// Texts come from the cluster: nothing that a terminal would act on may pass.
export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

/** Left-aligned columns, two spaces apart. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

type Target = Manifest['targets'][number];

const got = new Set(['ok', 'partial', 'empty']);
/** Order of the rows. */
const kinds: readonly Target['kind'][] = ['cluster', 'member', 'host', 'collection', 'endpoint'];
const quiet = new Set(['not-applicable', 'unsupported']);

const nameOf = ({ kind, id, name }: Target): string =>
  kind === 'member' && name !== undefined && name !== ''
    ? `${name} (${id})`
    : kind === 'cluster'
      ? kind
      : `${kind} ${id}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const reasonsOf = (items: Manifest['items']): string[] => {
  const counts = new Map<string, number>();
  for (const { state, reason } of items) {
    const key = reason ?? state;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
};

const elsewhere = ({ targets }: Manifest): string[] => {
  const remote = targets.filter(({ kind, host }) => kind === 'member' && host === undefined);
  if (remote.length === 0) return [];
  return [
    `Configuration, logs and host of ${remote.length === 1 ? 'one member' : `${remote.length} members`} are not in it: run etcd-collect on their hosts too, and give all bundles to etcd-analyze.`,
  ];
};

/** What was got for each target, what not and why, and the next command; for stderr. */
export const summary = ({ manifest, path }: CollectOutcome): string => {
  const rows = manifest.targets
    .filter(({ kind }) => kind !== 'endpoint')
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || byName(nameOf(a), nameOf(b)))
    .map((target) => {
      const own = manifest.items.filter((item) => item.target.kind === target.kind && item.target.id === target.id);
      const asked = own.filter(({ state }) => !quiet.has(state));
      const missing = asked.filter(({ state }) => !got.has(state));
      const read = `${asked.length - missing.length} of ${asked.length}`;
      return [
        `  ${nameOf(target)}`,
        read,
        missing.length === 0 ? 'complete' : `missing: ${reasonsOf(missing).join(', ')}`,
      ];
    });
  const endpointItems = manifest.items.filter(({ target, state }) => target.kind === 'endpoint' && !quiet.has(state));
  if (endpointItems.length > 0) {
    const missing = endpointItems.filter(({ state }) => !got.has(state));
    const read = `${endpointItems.length - missing.length} of ${endpointItems.length}`;
    rows.push(['  vantage', read, missing.length === 0 ? 'complete' : `missing: ${reasonsOf(missing).join(', ')}`]);
  }
  const reasons = new Set(
    manifest.items.filter(({ state }) => !got.has(state) && !quiet.has(state)).flatMap(({ reason }) => reason ?? []),
  );
  const help = [...reasons].filter(isReasonCode).map((reason) => {
    const { happened, means, next } = explain(reason);
    return `  ${reason}: ${happened}. ${capital(means)}. Next: ${next}.`;
  });
  const seconds = (manifest.times.elapsedMs / 1000).toFixed(1);
  const end = manifest.endReason === 'finished' ? '' : `, cut short (${manifest.endReason})`;
  const lines = [
    `Collected in ${seconds} s${end}:`,
    columns(rows),
    ...(help.length > 0 ? ['', 'What is missing:', ...help.map(printable)] : []),
    '',
    ...elsewhere(manifest),
    `Next: etcd-analyze ${path ?? 'FILE'}`,
  ];
  return `${lines.join('\n')}\n`;
};
