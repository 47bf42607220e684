import type { ArtifactKind } from '../../schemas/index.js';
import type { Case, LoadedArtifact } from '../bundle/case.js';
import { absent, type Missing, type Observed, observed, type Source } from '../fact.js';

/** Name of a member or host for prose; its id when it has none. */
export const nameOf = (input: Case, id: string): string => {
  const subject = input.members.find((member) => member.id === id) ?? input.hosts.find((host) => host.id === id);
  return subject === undefined || subject.name === '' ? id : subject.name;
};

/** Why no artifact of this kind is there for the target, from the manifest. */
export const missingOf = (input: Case, kind: ArtifactKind, targetId: string): Missing => {
  const subject = targetId === 'cluster' ? 'the cluster' : nameOf(input, targetId);
  const items = input.items.filter((item) => item.kind === kind && item.targetId === targetId);
  // A stored item that could not be used says more than one that was never read.
  const item =
    items.find((each) => each.damage !== undefined) ??
    items.find((each) => each.state !== 'skipped-by-user') ??
    items[0];
  if (item === undefined) return { kind, reason: `${kind} of ${subject}: not collected` };
  if (item.damage !== undefined)
    return { kind, reason: `${kind} of ${subject}: damaged (${item.damage.join('; ')})`, state: item.state };
  const why = item.reason === undefined ? '' : ` (${item.reason})`;
  return { kind, reason: `${kind} of ${subject}: ${item.state}${why}`, state: item.state };
};

export type NonEmpty<T> = readonly [T, ...T[]];

export const isNonEmpty = <T>(list: readonly T[]): list is NonEmpty<T> => list.length > 0;

export const sourceOf = (artifact: LoadedArtifact, pointer?: string): Source => ({
  artifact: artifact.kind,
  path: artifact.path,
  bundle: artifact.bundleId,
  ...(pointer === undefined ? {} : { pointer }),
});

/** All artifacts of a kind for one target, oldest first; `missing` when there is none. */
export const readAll = <K extends ArtifactKind>(
  input: Case,
  kind: K,
  targetId: string,
): Observed<NonEmpty<LoadedArtifact<K>>> => {
  const list = input.artifacts(kind, targetId);
  if (!isNonEmpty(list)) return { ok: false, missing: missingOf(input, kind, targetId) };
  return observed<NonEmpty<LoadedArtifact<K>>>(
    list,
    ends(list).map((artifact) => sourceOf(artifact as unknown as LoadedArtifact)),
  );
};

/** First and last of a list, once when they are the same. */
export const ends = <T>(list: NonEmpty<T>): NonEmpty<T> => {
  const last = list.at(-1) as T;
  return list.length === 1 ? [list[0]] : [list[0], last];
};

/** Rounds farther apart than this belong to different collections: a rate over the pause would hide what happened in it. */
const maxPauseMs = 10 * 60_000;

/** The latest run of samples without a long pause between them. */
export const lastRun = <T>(
  list: NonEmpty<T>,
  at: (item: T) => number,
  same: (before: T, after: T) => boolean = () => true,
): NonEmpty<T> => {
  let from = list.length - 1;
  for (; from > 0; from -= 1) {
    const before = list[from - 1] as T;
    const after = list[from] as T;
    if (at(after) - at(before) > maxPauseMs || !same(before, after)) break;
  }
  return list.slice(from) as unknown as NonEmpty<T>;
};

/** First and last of the latest run of per-round artifacts, and the seconds between; null with fewer than two. */
export const spanOf = <K extends ArtifactKind>(
  list: NonEmpty<LoadedArtifact<K>>,
  same?: (before: LoadedArtifact<K>, after: LoadedArtifact<K>) => boolean,
): { first: LoadedArtifact<K>; last: LoadedArtifact<K>; seconds: number; all: NonEmpty<LoadedArtifact<K>> } | null => {
  // Host counters of one host may come from several bundles at once; each bundle's own rounds are its own series.
  const bundle = (list.at(-1) as LoadedArtifact<K>).bundleId;
  const own = list.filter((artifact) => artifact.bundleId === bundle);
  if (!isNonEmpty(own)) return null;
  const run = lastRun(own, (artifact) => artifact.startedAt, same);
  const first = run[0];
  const last = run.at(-1) as LoadedArtifact<K>;
  const seconds = (last.startedAt - first.startedAt) / 1000;
  return seconds > 0 ? { first, last, seconds, all: run } : null;
};

/** Member id as 16 lower-case hex digits; null for anything else (metrics print ids without leading zeros). */
export const memberIdOf = (text: string | undefined): string | null =>
  text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? text.toLowerCase().padStart(16, '0') : null;

/** A decimal 64-bit value; null when the text is none. */
export const big = (text: string | undefined | null): bigint | null =>
  text !== undefined && text !== null && /^-?[0-9]{1,40}$/.test(text) ? BigInt(text) : null;

/** `a - b` of two growing 64-bit counters as a number; null when one is absent or it went down. */
export const growth = (a: string | undefined | null, b: string | undefined | null): number | null => {
  const x = big(a);
  const y = big(b);
  return x === null || y === null || x < y ? null : Number(x - y);
};

/** `{ ok: false }` of another fact, for a fact that cannot be derived without it. */
export const because = (other: Observed<unknown>): { readonly ok: false; readonly missing: Missing } =>
  other.ok ? absent('fact', 'nothing to derive') : other;

export const valueIn = <T>(fact: Observed<T>): T | null => (fact.ok ? fact.value : null);

/** Uniform order of ids and names, whatever the locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const unique = (list: Iterable<string>): string[] => [...new Set(list)].sort(byText);

/** The largest of non-negative values; 0 for none. */
export const largest = (list: readonly bigint[]): bigint => {
  let most = 0n;
  for (const value of list) if (value > most) most = value;
  return most;
};
