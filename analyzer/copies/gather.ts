import type { ArtifactKind } from '../../schemas/index.js';
import type { Case, CaseItem, LoadedArtifact } from '../bundle/case.js';

const kinds = ['datadir-wal', 'datadir-snap', 'datadir-db'] as const;
type Kind = (typeof kinds)[number];

/** One part of a data dir: what was read of it, or why nothing was. */
export interface Part<K extends Kind> {
  readonly artifact: LoadedArtifact<K> | undefined;
  readonly item: CaseItem | undefined;
}

/** The parts of one data dir, as one collector read it for one target. */
export interface RawCopy {
  readonly key: string;
  readonly bundle: string;
  /** Member of the case it was read for. */
  readonly target: string;
  readonly wal: Part<'datadir-wal'>;
  readonly snap: Part<'datadir-snap'>;
  readonly db: Part<'datadir-db'>;
  /** Of the whole dir. */
  readonly listing: LoadedArtifact<'datadir-listing'> | undefined;
}

const isKind = (kind: string): kind is Kind => (kinds as readonly string[]).includes(kind);

/** Something was learnt of it: content, or that there is none. */
const told = (item: CaseItem): boolean => item.paths.length > 0 || item.state === 'empty';

/** All data dirs of a case that were looked into, by bundle and target; one whose every part stayed unread is no copy. */
export const gatherCopies = (input: Case): readonly RawCopy[] => {
  const groups = new Map<string, CaseItem[]>();
  for (const item of input.items) {
    if (!isKind(item.kind)) continue;
    const key = `${item.bundleId}/${item.target.id}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].flatMap(([key, items]): RawCopy[] => {
    const [first] = items;
    if (first === undefined || !items.some(told)) return [];
    const artifact = <K extends ArtifactKind>(kind: K, paths: readonly string[]): LoadedArtifact<K> | undefined =>
      input
        .artifacts(kind, first.targetId)
        .find(({ bundleId, path }) => bundleId === first.bundleId && paths.includes(path));
    const part = <K extends Kind>(kind: K): Part<K> => {
      const item = items.find((each) => each.kind === kind);
      return { item, artifact: item === undefined ? undefined : artifact(kind, item.paths) };
    };
    const listed = input.items.find(
      (item) =>
        item.kind === 'datadir-listing' && item.bundleId === first.bundleId && item.target.id === first.target.id,
    );
    return [
      {
        key,
        bundle: first.bundleId,
        target: first.targetId,
        wal: part('datadir-wal'),
        snap: part('datadir-snap'),
        db: part('datadir-db'),
        listing: listed === undefined ? undefined : artifact('datadir-listing', listed.paths),
      },
    ];
  });
};
