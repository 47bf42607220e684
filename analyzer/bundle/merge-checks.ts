import type { SchemaTypes } from '../../schemas/index.js';
import type { CaseMember } from './case.js';
import type { LoadedBundle } from './loaded.js';
import { clusterIdsOf, collectionOf } from './span.js';

/** What the names in a bundle are: those of the place, or tokens of one series key. */
export const namingOf = ({ manifest }: LoadedBundle): string | undefined =>
  manifest === undefined
    ? undefined
    : manifest.redaction.mode === 'standard'
      ? `the series key ${manifest.redaction.keyFingerprint ?? 'of an unknown fingerprint'}`
      : 'no key: real names';

const seconds = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

const namingConflict = (bundles: readonly LoadedBundle[]): readonly string[] => {
  const files = new Map<string, string>();
  for (const bundle of bundles) {
    const naming = namingOf(bundle);
    if (naming !== undefined && !files.has(naming)) files.set(naming, bundle.file);
  }
  if (files.size < 2) return [];
  const keys = [...files].map(([naming, file]) => `${file}: ${naming}`).join('; ');
  return [
    `The bundles name hosts, members and addresses by different keys (${keys}), so that what one says of another’s address cannot be joined. Collect with one --series-key on all nodes, or with --redact secrets-only.`,
  ];
};

/** Date headers have a resolution of 1 s, and a request takes its time: less is no proof of anything. */
const CLOCK_MS = 2000;

/** Clock of the host of the second collector minus that of the first, ms, as far as servers that both asked for the time prove it; 0 when nothing is proven. */
const clockBetween = (a: LoadedBundle, b: LoadedBundle): number => {
  const offsets = (bundle: LoadedBundle): Map<string, { readonly min: number; readonly max: number }> =>
    new Map(
      bundle.artifacts.flatMap(({ kind, target, value }) => {
        const offset = kind === 'clock-offset' ? (value as SchemaTypes['clock-offset']).offsetMs : null;
        // A loopback address is another server on each host.
        return offset === null || /^(?:127\.|localhost|::1)/.test(target.id) ? [] : [[target.id, offset] as const];
      }),
    );
  const there = offsets(b);
  let [min, max] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [id, here] of offsets(a)) {
    const other = there.get(id);
    if (other === undefined) continue;
    min = Math.max(min, here.min - other.max);
    max = Math.min(max, here.max - other.min);
  }
  if (min > max) return 0;
  return min >= CLOCK_MS && Number.isFinite(min) ? min : max <= -CLOCK_MS && Number.isFinite(max) ? max : 0;
};

/** Members that the lists in a bundle name, by id; empty when it has no list. */
const listedIn = (bundle: LoadedBundle): Map<string, string> =>
  new Map(
    bundle.artifacts.flatMap(({ kind, value }) =>
      kind === 'member-list'
        ? (value as SchemaTypes['member-list']).members.map(({ id, name }) => [id, name === '' ? id : name] as const)
        : [],
    ),
  );

const onlyIn = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string =>
  [...a].flatMap(([id, name]) => (b.has(id) ? [] : [name])).join(', ');

/** What two bundles say against each other. */
const between = (a: LoadedBundle, b: LoadedBundle): string[] => {
  const found: string[] = [];
  const [here, there] = [clusterIdsOf(a), clusterIdsOf(b)];
  const strangers = here.size > 0 && there.size > 0 && ![...there].some((id) => here.has(id));
  if (strangers)
    found.push(
      `${a.file} and ${b.file} are of different clusters (${[...here].join(', ')} and ${[...there].join(', ')}).`,
    );
  const clock = clockBetween(a, b);
  if (clock !== 0)
    found.push(
      `The clock of the host of ${b.file} is at least ${seconds(Math.abs(clock))} ${clock > 0 ? 'ahead of' : 'behind'} that of ${a.file}: times of the two differ by that much.`,
    );
  const [span, other] = [collectionOf(b), collectionOf(a)];
  const apart = Math.max(span.from - clock - other.to, other.from - (span.to - clock));
  if (apart > 0)
    found.push(`${a.file} and ${b.file} were not taken at the same time: ${seconds(apart)} lie between them.`);
  const [host, hostOf] = [a.manifest?.vantage.host, b.manifest?.vantage.host];
  if (host !== undefined && host === hostOf)
    found.push(
      `${a.file} and ${b.file} are two runs on one node (${host}): counters are those of both, rates of the later.`,
    );
  const [list, others] = [listedIn(a), listedIn(b)];
  if (!strangers && list.size > 0 && others.size > 0) {
    const [left, right] = [onlyIn(list, others), onlyIn(others, list)];
    if (left !== '' || right !== '')
      found.push(
        `${a.file} and ${b.file} list different members:${left === '' ? '' : ` ${left} only in the first`}${left !== '' && right !== '' ? ',' : ''}${right === '' ? '' : ` ${right} only in the second`}.`,
      );
  }
  return found;
};

/** Members whose node no bundle is from, once bundles of nodes were meant to be put together. */
const holesIn = (bundles: readonly LoadedBundle[], members: readonly CaseMember[]): string[] => {
  const missing = members.filter(({ host }) => host === undefined);
  if (bundles.length < 2 || missing.length === 0 || missing.length === members.length) return [];
  const names = missing.map(({ id, name }) => (name === '' ? id : name)).join(', ');
  return [
    `No bundle is from the node of ${names}: disk, CPU, files and log there were not looked at. Collect there too: sudo etcd-collect`,
  ];
};

/** What does not fit together or is missing, in words. */
export const conflictsOf = (bundles: readonly LoadedBundle[], members: readonly CaseMember[]): string[] => [
  ...namingConflict(bundles),
  ...bundles.flatMap((bundle, i) => bundles.slice(0, i).flatMap((before) => between(before, bundle))),
  ...holesIn(bundles, members),
];
