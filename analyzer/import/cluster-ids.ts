import type { Source } from './types.js';

const clusterIdOf = (value: unknown): string | undefined => (value as { clusterId?: string } | undefined)?.clusterId;
const isNone = (id: string | undefined): boolean => id === undefined || /^0+$/.test(id);

/** Ids of the clusters that the evidence names. */
export const clustersIn = (sources: readonly Source[]): string[] => [
  ...new Set(
    sources
      .flatMap(({ pieces }) => pieces.map(({ value }) => clusterIdOf(value)))
      .filter((id): id is string => id !== undefined && !isNone(id)),
  ),
];

/** A list or status that names no cluster is of the one that is named, when there is only one. */
export const withClusterId = (sources: readonly Source[], clusters: readonly string[]): readonly Source[] => {
  const [id, other] = clusters;
  if (id === undefined || other !== undefined) return sources;
  return sources.map((source) => ({
    ...source,
    pieces: source.pieces.map((piece) =>
      (piece.kind === 'member-list' || piece.kind === 'endpoint-status') &&
      piece.value !== undefined &&
      isNone(clusterIdOf(piece.value))
        ? { ...piece, value: { ...(piece.value as object), clusterId: id } }
        : piece,
    ),
  }));
};
