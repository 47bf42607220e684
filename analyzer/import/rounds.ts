import { catalog } from '../../schemas/index.js';
import type { Piece } from './types.js';

/** A piece with the member, host or `cluster` it is of. */
export interface Placed {
  readonly piece: Piece;
  readonly target: { readonly kind: 'member' | 'host' | 'cluster' | 'collection'; readonly id: string };
  readonly source: string;
}

export interface Scheduled extends Placed {
  readonly round?: number;
}

export interface Schedule {
  readonly items: readonly Scheduled[];
  readonly barriers: readonly {
    readonly round: number;
    readonly at: number;
    readonly skewMs: Readonly<Record<string, number>>;
  }[];
  /** Pieces that could not be put in an order, with the reason. */
  readonly left: readonly { readonly item: Placed; readonly reason: string }[];
  readonly notes: readonly string[];
}

/** What is read within so much time of the first belongs to one round: commands that are typed one after another. */
const ROUND_MS = 120_000;
/** An estimated time may be two minutes early: below this distance a rate would be off by more than half. */
const ESTIMATE_APART_MS = 240_000;
const ESTIMATE_ERROR = 'give files that keep their time, or with the time in their name (m1-20260102T030405Z.prom)';

const keyOf = ({ target, piece }: Placed): string => `${piece.kind}@${target.kind}@${target.id}`;

const isPerRound = ({ piece }: Placed): boolean =>
  catalog[piece.kind].repeats === 'per-round' && piece.value !== undefined;

/** The readings of one target that can be put in an order; of those that cannot, only the last. */
const ordered = (list: readonly Placed[], left: { item: Placed; reason: string }[]): Placed[] => {
  if (list.length < 2) return [...list];
  const times = list.map(({ piece }) => piece.moment?.at);
  const drop = (reason: string): Placed[] => {
    for (const item of list.slice(0, -1)) left.push({ item, reason });
    return list.slice(-1);
  };
  if (times.some((at) => at === undefined))
    return drop(`one of several of which it is not known when they were read: only the last counts; ${ESTIMATE_ERROR}`);
  const sorted = [...list].sort((a, b) => (a.piece.moment?.at ?? 0) - (b.piece.moment?.at ?? 0));
  const kept: Placed[] = [];
  for (const item of sorted.reverse()) {
    const [later, own] = [kept.at(-1)?.piece.moment, item.piece.moment];
    const apart = later === undefined || own === undefined ? Number.POSITIVE_INFINITY : later.at - own.at;
    const guessed = later?.by === 'estimate' || own?.by === 'estimate';
    if (apart >= (guessed ? ESTIMATE_APART_MS : 1)) kept.push(item);
    else
      left.push({
        item,
        reason: guessed
          ? `its time is known to two minutes only (from the last garbage collection), too little for a rate: only the last counts; ${ESTIMATE_ERROR}`
          : `it has the same time as another one: only one of them counts; ${ESTIMATE_ERROR}`,
      });
  }
  return kept.reverse();
};

/** Puts what was read at several times into rounds: by time, each target at most once in a round. */
export const schedule = (placed: readonly Placed[]): Schedule => {
  const left: { item: Placed; reason: string }[] = [];
  const series = new Map<string, Placed[]>();
  for (const item of placed.filter(isPerRound)) series.set(keyOf(item), [...(series.get(keyOf(item)) ?? []), item]);
  const usable = [...series.values()].flatMap((list) => ordered(list, left));
  const timed = usable
    .filter(({ piece }) => piece.moment !== undefined)
    .sort((a, b) => (a.piece.moment?.at ?? 0) - (b.piece.moment?.at ?? 0));
  const rounds: Placed[][] = [];
  let [start, seen] = [Number.NEGATIVE_INFINITY, new Set<string>()];
  for (const item of timed) {
    const at = item.piece.moment?.at ?? 0;
    if (rounds.length === 0 || at - start > ROUND_MS || seen.has(keyOf(item))) {
      rounds.push([]);
      [start, seen] = [at, new Set()];
    }
    seen.add(keyOf(item));
    rounds.at(-1)?.push(item);
  }
  const untimed = usable.filter(({ piece }) => piece.moment === undefined);
  if (untimed.length > 0) {
    if (rounds.length === 0) rounds.push([]);
    rounds.at(-1)?.push(...untimed);
  }
  const roundOf = new Map(rounds.flatMap((items, round) => items.map((item) => [item, round] as const)));
  const guessed = usable.filter(({ piece }) => piece.moment?.by === 'estimate');
  const notes =
    guessed.length === 0
      ? []
      : [
          `The times of ${guessed.length} scrapes are estimates (the last garbage collection, up to two minutes early): rates per second are rough, and logs may be counted into the wrong window.`,
        ];
  if (untimed.length > 0) notes.push(`When ${untimed.map(({ source }) => source).join(', ')} was read is not known.`);
  const leftItems = new Set(left.map(({ item }) => item));
  return {
    items: placed
      .filter((item) => !leftItems.has(item))
      .map((item) => {
        const round = roundOf.get(item);
        return round === undefined ? item : { ...item, round };
      }),
    barriers: rounds.flatMap((items, round) => {
      const times = items.flatMap(({ piece }) => (piece.moment === undefined ? [] : [piece.moment.at]));
      if (times.length === 0) return [];
      const at = Math.min(...times);
      const skews = items.flatMap(({ piece, target }) =>
        piece.moment === undefined || target.kind !== 'member' ? [] : [[target.id, piece.moment.at - at] as const],
      );
      return [{ round, at, skewMs: Object.fromEntries(skews) }];
    }),
    left,
    notes,
  };
};
