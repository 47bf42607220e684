import { absent, defineFact, observed, type Source } from '../../fact.js';
import { big, missingOf, nameOf, sourceOf } from '../access.js';
import type { HashGroup, Hashes } from '../values/index.js';

type Entry = HashGroup['hashes'][number];

/** Members outside the largest set of equal hashes; all of them when no set holds more than half. */
const oddOnes = (hashes: readonly Entry[]): string[] => {
  const sets = new Map<string, string[]>();
  for (const { hash, member } of hashes) sets.set(hash, [...(sets.get(hash) ?? []), member]);
  if (sets.size < 2) return [];
  const largest = [...sets.values()].reduce((a, b) => (b.length > a.length ? b : a));
  const majority = largest.length * 2 > hashes.length ? largest : [];
  return hashes.map(({ member }) => member).filter((member) => !majority.includes(member));
};

const groupOf = (revision: string, compactRevision: string, hashes: readonly Entry[]): HashGroup => {
  const comparable = hashes.length > 1;
  return {
    revision,
    compactRevision,
    hashes,
    comparable,
    equal: comparable ? new Set(hashes.map(({ hash }) => hash)).size === 1 : null,
    odd: oddOnes(hashes),
  };
};

const descending = (a: string, b: string): number => {
  const [x, y] = [big(a) ?? 0n, big(b) ?? 0n];
  return x === y ? 0 : x > y ? -1 : 1;
};

export default defineFact({
  scope: 'cluster',
  id: 'hashes',
  title: 'Hashes of the key-value store, compared at equal revision and equal compact revision',
  artifacts: ['hashkv'],
  derive: (ctx) => {
    const artifacts = ctx.case.artifacts('hashkv');
    const groups = new Map<string, { revision: string; compactRevision: string; byMember: Map<string, Entry> }>();
    const source: Source[] = [];
    for (const artifact of artifacts) {
      source.push(sourceOf(artifact));
      for (const sample of artifact.value.samples) {
        // Revision 0 asks for the latest: only the header says which one that was.
        const revision =
          sample.hashRevision !== undefined && sample.hashRevision !== '0'
            ? sample.hashRevision
            : sample.requestedRevision === '0'
              ? sample.headerRevision
              : sample.requestedRevision;
        const key = `${revision} ${sample.compactRevision}`;
        const group = groups.get(key) ?? {
          revision,
          compactRevision: sample.compactRevision,
          byMember: new Map<string, Entry>(),
        };
        group.byMember.set(artifact.targetId, {
          member: artifact.targetId,
          hash: sample.hash,
          at: sample.at,
          path: artifact.path,
        });
        groups.set(key, group);
      }
    }
    if (groups.size === 0) {
      const first = ctx.case.members[0];
      return first === undefined
        ? absent('hashkv', 'hashkv: no member is known')
        : { ok: false, missing: missingOf(ctx.case, 'hashkv', first.id) };
    }
    const list = [...groups.values()]
      .map((group) =>
        groupOf(
          group.revision,
          group.compactRevision,
          [...group.byMember.values()].sort((a, b) => (a.member < b.member ? -1 : 1)),
        ),
      )
      .sort((a, b) => descending(a.revision, b.revision) || descending(a.compactRevision, b.compactRevision));
    const comparable = list.filter((group) => group.comparable);
    const compared = new Set(comparable.flatMap((group) => group.hashes.map(({ member }) => member)));
    const notCompared = ctx.case.members
      .filter(({ id }) => !compared.has(id))
      .map(({ id }): Hashes['notCompared'][number] => {
        const own = list.find((group) => group.hashes.some(({ member }) => member === id));
        const reason =
          own === undefined
            ? missingOf(ctx.case, 'hashkv', id).reason
            : `${nameOf(ctx.case, id)} was hashed at revision ${own.revision} with compact revision ${own.compactRevision}, no other member was`;
        return { member: id, reason };
      });
    const value: Hashes = {
      groups: list,
      comparable: comparable.length > 0,
      equal: comparable.length === 0 ? null : comparable.every((group) => group.equal === true),
      mismatches: comparable.filter((group) => group.equal === false),
      notCompared,
    };
    return observed(value, source);
  },
});
