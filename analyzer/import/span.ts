import type { Piece } from './types.js';

/** Without two rounds of samples, what the end of the evidence shows counts as now: as long as samples may lie apart. */
export const NOW_MS = 10 * 60_000;

/**
 * First and last moment of the evidence, epoch ms: the window in which something counts as happening now. With two rounds or
 * more it begins with the first; else it is the end of the evidence.
 */
export const spanOf = (
  pieces: readonly Piece[],
  barriers: readonly number[],
  now: number,
): { readonly from: number; readonly to: number } => {
  const read = pieces.flatMap(({ moment, kind }) =>
    moment === undefined || kind === 'server-log' ? [] : [Math.round(moment.at)],
  );
  const logged = pieces.flatMap(({ span }) => (span === undefined ? [] : [Math.ceil(span.to)]));
  const known = read.length > 0 ? read : logged;
  if (known.length === 0) return { from: now, to: now };
  const last = Math.max(...known);
  // Logs are often fetched after the samples.
  const end = Math.max(last, ...logged.filter((at) => at - last <= NOW_MS));
  const [first] = barriers;
  return barriers.length > 1 && first !== undefined ? { from: first, to: end } : { from: end - NOW_MS, to: end };
};
