import type { HashGroup, Hashes, Versions } from '../../facts/values/cluster.js';
import type { StatusSeries } from '../../facts/values/member.js';
import { keepsTombstone } from './etcd-version.js';

export interface Difference {
  readonly group: HashGroup;
  /** Members outside the majority; all that were compared when there is none. */
  readonly odd: readonly string[];
  readonly majority: boolean;
}

/** Members whose value is not that of more than half. */
export const oddOnes = (
  values: ReadonlyMap<string, string>,
): { readonly odd: readonly string[]; readonly majority: boolean } => {
  const sets = new Map<string, string[]>();
  for (const [member, value] of values) sets.set(value, [...(sets.get(value) ?? []), member]);
  const largest = [...sets.values()].reduce<string[]>((a, b) => (b.length > a.length ? b : a), []);
  const majority = largest.length * 2 > values.size;
  return { odd: [...values.keys()].filter((member) => !majority || !largest.includes(member)), majority };
};

/** Comparable hash differences, told apart: of the data, and of server versions that hash a compacted store differently. */
export const hashDifferences = (
  hashes: Hashes,
  versions: Versions | undefined,
): { readonly real: readonly Difference[]; readonly byVersion: readonly HashGroup[] } => {
  const classOf = (member: string): boolean | null =>
    keepsTombstone(versions?.members.find((each) => each.member === member)?.server);
  const real: Difference[] = [];
  const byVersion: HashGroup[] = [];
  for (const group of hashes.mismatches) {
    const classes = new Map<boolean | null, string[]>();
    for (const { member, hash } of group.hashes) {
      const kind = classOf(member);
      classes.set(kind, [...(classes.get(kind) ?? []), hash]);
    }
    const neverCompacted = BigInt(group.compactRevision) <= 0n;
    const within = [...classes.values()].some((list) => new Set(list).size > 1);
    if (within || neverCompacted || !(classes.has(true) && classes.has(false))) {
      real.push({ group, ...oddOnes(new Map(group.hashes.map(({ member, hash }) => [member, hash]))) });
    } else byVersion.push(group);
  }
  return { real, byVersion };
};

export interface RevisionSplit {
  readonly appliedIndex: string;
  readonly revisions: ReadonlyMap<string, string>;
  readonly odd: readonly string[];
  readonly majority: boolean;
}

/**
 * Members that applied the same raft entries and stand at different revisions. Only members at rest count: applied index and revision
 * equal in their last two rounds, since Status reads the two one after the other. `undefined` = fewer than two such members.
 */
export const revisionSplit = (statuses: ReadonlyMap<string, StatusSeries>): RevisionSplit | null | undefined => {
  const byIndex = new Map<string, Map<string, string>>();
  for (const [member, { series }] of statuses) {
    const [before, last] = series.slice(-2).map((round) => round.value);
    if (before === undefined || last === undefined) continue;
    if (before.raftAppliedIndex !== last.raftAppliedIndex || before.revision !== last.revision) continue;
    if (last.raftAppliedIndex === undefined || last.raftAppliedIndex === '0' || last.revision === undefined) continue;
    byIndex.set(
      last.raftAppliedIndex,
      (byIndex.get(last.raftAppliedIndex) ?? new Map<string, string>()).set(member, last.revision),
    );
  }
  const comparable = [...byIndex].filter(([, revisions]) => revisions.size > 1);
  if (comparable.length === 0) return undefined;
  const split = comparable.find(([, revisions]) => new Set(revisions.values()).size > 1);
  return split === undefined ? null : { appliedIndex: split[0], revisions: split[1], ...oddOnes(split[1]) };
};
