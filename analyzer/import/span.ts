import { catalog } from '../../schemas/index.js';
import type { Piece } from './types.js';

/** Without two rounds of samples, what the end of the evidence shows counts as now: as long as samples may lie apart. */
export const NOW_MS = 10 * 60_000;

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly notes: readonly string[];
}

const duration = (ms: number): string =>
  ms < 120 * 60_000
    ? `${Math.round(ms / 60_000)} minutes`
    : ms < 72 * 3_600_000
      ? `${Math.round(ms / 3_600_000)} hours`
      : `${Math.round(ms / 86_400_000)} days`;

/** Moments of samples; else of what is read once, e.g. a member list, whose file may have been written at any time. */
const readAt = (pieces: readonly Piece[]): number[] => {
  const timed = pieces.flatMap(({ moment, kind }) =>
    moment === undefined || kind === 'server-log' ? [] : [{ kind, at: Math.round(moment.at) }],
  );
  const sampled = timed.filter(({ kind }) => catalog[kind].repeats === 'per-round');
  return (sampled.length > 0 ? sampled : timed).map(({ at }) => at);
};

/**
 * First and last moment of the evidence, epoch ms: the window in which something counts as happening now. With two rounds or
 * more it begins with the first; else it is the end of the evidence. What lies elsewhere is told.
 */
export const spanOf = (pieces: readonly Piece[], barriers: readonly number[], now: number): Span => {
  const logs = pieces.flatMap(({ span, about }) =>
    span === undefined
      ? []
      : [{ to: Math.ceil(span.to), label: typeof about === 'object' && 'label' in about ? about.label : 'a log' }],
  );
  const logged = logs.map(({ to }) => to);
  const sampled = pieces.some(({ kind, moment }) => moment !== undefined && catalog[kind].repeats === 'per-round');
  const read = readAt(pieces);
  const known = sampled || logged.length === 0 ? read : logged;
  if (known.length === 0)
    return {
      from: now,
      to: now,
      notes: ['When any of it was read is not known: it counts as of the time of the import.'],
    };
  const last = Math.max(...known);
  // Logs are often fetched after the samples.
  const end = Math.max(last, ...logged.filter((at) => at - last <= NOW_MS));
  const notes = logs
    .filter(({ to }) => Math.abs(end - to) > NOW_MS)
    .map(
      ({ to, label }) =>
        `${label} ends ${duration(Math.abs(end - to))} ${to < end ? 'before' : 'after'} the other evidence: what it says is not of the same time.`,
    );
  const [first] = barriers;
  return barriers.length > 1 && first !== undefined
    ? { from: first, to: end, notes }
    : { from: end - NOW_MS, to: end, notes };
};
