import type { ArtifactValue, Case } from '../../../../analyzer/bundle/index.js';

type Status = ArtifactValue<'endpoint-status'>;

export interface Difference {
  readonly name: string;
  readonly members: readonly string[];
  readonly text: string;
}

/** Status answers of one round of one bundle, by member id. */
type Round = ReadonlyMap<string, { readonly at: number; readonly value: Status }>;

const roundsOf = (input: Case): Round[] => {
  const rounds = new Map<string, Map<string, { at: number; value: Status }>>();
  for (const { id } of input.members) {
    for (const { bundleId, round, startedAt, value } of input.artifacts('endpoint-status', id)) {
      const key = `${bundleId} ${round ?? 0}`;
      const own = rounds.get(key) ?? new Map();
      own.set(id, { at: startedAt, value });
      rounds.set(key, own);
    }
  }
  return [...rounds.values()];
};

/** Members whose value is not that of most; all when there is no such thing. */
const odd = (round: Round, pick: (status: Status) => string | undefined): string[] => {
  const values = [...round].flatMap(([id, { value }]) => {
    const picked = pick(value);
    return picked === undefined ? [] : [{ id, picked }];
  });
  const counts = new Map<string, number>();
  for (const { picked } of values) counts.set(picked, (counts.get(picked) ?? 0) + 1);
  if (counts.size < 2) return [];
  const ranked = [...counts].sort((a, b) => b[1] - a[1]);
  const usual = ranked[0]?.[1] === ranked[1]?.[1] ? undefined : ranked[0]?.[0];
  return values.filter(({ picked }) => picked !== usual).map(({ id }) => id);
};

const integer = (text = ''): bigint => (/^\d{1,20}$/.test(text) ? BigInt(text) : 0n);

const entriesPerSecond = (rounds: readonly Round[]): number | null => {
  const points = rounds.flatMap((round) => {
    const answers = [...round.values()].sort((a, b) =>
      integer(a.value.raftIndex) < integer(b.value.raftIndex) ? 1 : -1,
    );
    const [top] = answers;
    return top === undefined ? [] : [{ at: top.at, index: integer(top.value.raftIndex) }];
  });
  points.sort((a, b) => a.at - b.at);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return Number(last.index - first.index) / ((last.at - first.at) / 1000);
};

/** Members further behind the foremost than `bound` entries, by raft index or by what they applied. */
const behind = (round: Round, bound: bigint): string[] => {
  const indexes = [...round.values()].map(({ value }) => integer(value.raftIndex));
  const top = indexes.reduce((most, index) => (index > most ? index : most), 0n);
  return [...round]
    .filter(([, { value }]) => {
      // 3.4 before 3.4.4 and empty answers have no applied index.
      const applied = integer(value.raftAppliedIndex);
      return top - integer(value.raftIndex) > bound || (applied > 0n && top - applied > bound);
    })
    .map(([id]) => id);
};

/** Ids that `pick` gives in every round that at least two members answered; empty without such a round. */
const inEvery = (rounds: readonly Round[], pick: (round: Round) => readonly string[]): string[] => {
  const [head, ...rest] = rounds.filter((round) => round.size >= 2).map((round) => new Set(pick(round)));
  return head === undefined ? [] : [...head].filter((id) => rest.every((ids) => ids.has(id)));
};

/** What differs between the status answers of the members in every round, as if asked again and again. */
export const comparisons = (
  input: Case,
  limits: { readonly skewSeconds: number; readonly skewEntries: number },
): Difference[] => {
  const rounds = roundsOf(input);
  const rate = entriesPerSecond(rounds);
  const bound = BigInt(Math.max(limits.skewEntries, Math.ceil((rate ?? 1000) * limits.skewSeconds)));
  const differing = (name: string, pick: (round: Round) => readonly string[], text: string): Difference[] => {
    const members = inEvery(rounds, pick);
    return members.length === 0 ? [] : [{ name, members, text }];
  };
  const sameIndex = (round: Round): string[] => {
    const groups = new Map<string, Map<string, { at: number; value: Status }>>();
    for (const [id, answer] of round) {
      const index = answer.value.raftAppliedIndex ?? '';
      groups.set(index, (groups.get(index) ?? new Map()).set(id, answer));
    }
    return [...groups].flatMap(([index, group]) =>
      integer(index) === 0n ? [] : odd(group, ({ revision }) => revision),
    );
  };
  return [
    ...differing('cluster-id-differs', (round) => odd(round, ({ clusterId }) => clusterId), 'cluster ids differ'),
    ...differing('version-differs', (round) => odd(round, ({ version }) => version), 'versions differ'),
    ...differing(
      'storage-version-differs',
      (round) => odd(round, ({ storageVersion }) => storageVersion),
      'storage versions differ',
    ),
    ...differing(
      'leader-or-term-differs',
      (round) => odd(round, ({ leader, raftTerm }) => `${leader} ${raftTerm}`),
      'leaders or terms differ',
    ),
    ...differing('revision-differs-at-equal-index', sameIndex, 'revisions differ at the same applied index'),
    ...differing('indexes-differ', (round) => behind(round, bound), `more than ${bound} entries behind`),
  ];
};
