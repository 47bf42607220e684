import { copyOf } from '../../copies/copy.js';
import { gatherCopies } from '../../copies/gather.js';
import { rankCopies } from '../../copies/rank.js';
import type { Said } from '../../copies/standing.js';
import { absent, defineFact, type FactContext, observed } from '../../fact.js';
import { big, nameOf, valueIn } from '../access.js';

/** The commit index of every member in every round in which it answered. */
const saidOf = (ctx: FactContext): readonly Said[] =>
  ctx.case.members.flatMap(({ id }) =>
    (valueIn(ctx.facts.member(id, 'status'))?.series ?? []).flatMap(({ at, value }): Said[] => {
      const commit = big(value.raftIndex);
      return commit === null ? [] : [{ member: id, commit, revision: big(value.revision), at }];
    }),
  );

export default defineFact({
  scope: 'cluster',
  id: 'copies',
  title: 'Copies of the data, ranked by the raft log they hold',
  artifacts: ['datadir-wal', 'datadir-snap', 'datadir-db', 'datadir-listing', 'member-list', 'endpoint-status'],
  derive: (ctx) => {
    const copies = gatherCopies(ctx.case).map((raw) => copyOf(ctx.case, raw));
    if (copies.length === 0) return absent('datadir-wal', 'no data dir was read');
    const membership = valueIn(ctx.facts.cluster('membership'));
    const names = new Map(
      copies.flatMap(({ membership: own }) => (own?.members ?? []).map(({ id, name }) => [id, name] as const)),
    );
    const value = rankCopies({
      copies,
      clusterIds: ctx.case.clusterIds,
      memberList: membership,
      answering: ctx.case.members
        .filter(({ id }) => valueIn(ctx.facts.member(id, 'reachability'))?.answered === true)
        .map(({ id }) => id),
      hasQuorum: valueIn(ctx.facts.cluster('quorum'))?.hasQuorum ?? null,
      said: saidOf(ctx),
      nameOf: (id) => {
        const known = nameOf(ctx.case, id);
        return known === id ? names.get(id) || id : known;
      },
    });
    return observed(
      value,
      value.ranked.flatMap(({ copy }) => copy.source),
    );
  },
});
