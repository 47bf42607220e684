import type { LoadedBundle } from './loaded.js';
import { clusterIdsOf, collectionOf } from './span.js';

/** What grouping needs to know of a bundle. */
export interface Extent {
  readonly bundleId: string;
  readonly clusterIds: readonly string[];
  /** Start and end of the collection, epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Host of the collector; undefined when the manifest is missing. */
  readonly vantage: string | undefined;
}

export const extentOf = (bundle: LoadedBundle): Extent => ({
  bundleId: bundle.header.bundleId,
  clusterIds: [...clusterIdsOf(bundle)],
  ...collectionOf(bundle),
  vantage: bundle.manifest?.vantage.host,
});

/** Collectors are started node by node: the longest pause that is still one round of the nodes. That of the rates over rounds (`facts/access.ts`). */
const MAX_PAUSE_MS = 10 * 60_000;

/**
 * Groups bundles into collections of one cluster at one time: a cluster id in common, and overlapping, or with at most ten minutes between
 * and from another node (a second bundle of a node is the next collection). The same bundle twice is one group; a bundle without a
 * cluster id stands alone. Groups and their members are in order of time.
 */
export const groupCases = <T>(items: readonly T[], extent: (item: T) => Extent): readonly (readonly [T, ...T[]])[] => {
  const groups: { items: [T, ...T[]]; extents: Extent[]; to: number }[] = [];
  const sorted = items
    .map((item) => ({ item, own: extent(item) }))
    .sort((a, b) => a.own.from - b.own.from || (a.own.bundleId < b.own.bundleId ? -1 : 1));
  for (const { item, own } of sorted) {
    const group = groups.findLast(({ extents, to }) => {
      if (extents.some(({ bundleId }) => bundleId === own.bundleId)) return true;
      if (!extents.some(({ clusterIds }) => clusterIds.some((id) => own.clusterIds.includes(id)))) return false;
      if (own.from <= to) return true;
      const sameNode = extents.some(({ vantage }) => vantage === undefined || vantage === own.vantage);
      return own.from - to <= MAX_PAUSE_MS && own.vantage !== undefined && !sameNode;
    });
    if (group === undefined) groups.push({ items: [item], extents: [own], to: own.to });
    else {
      group.items.push(item);
      group.extents.push(own);
      group.to = Math.max(group.to, own.to);
    }
  }
  return groups.map((group) => group.items);
};
