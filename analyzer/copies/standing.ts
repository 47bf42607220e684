import type { CopyStanding, DataCopy } from '../facts/values/copies.js';
import { comparePoints } from './copy.js';

/** What a member said of its own commit index while it ran. */
export interface Said {
  readonly member: string;
  readonly commit: bigint;
  readonly revision: bigint | null;
  /** Epoch ms. */
  readonly at: number;
}

export interface Standing {
  readonly standing: CopyStanding;
  readonly text: string;
}

/** Of copies of one place only the one read last is the place as it is; the others tell what it was. */
export const atPlaces = (copies: readonly DataCopy[]): { now: readonly DataCopy[]; before: readonly DataCopy[] } => {
  const latest = new Map<string, DataCopy>();
  for (const copy of copies) {
    const place =
      copy.member === null || copy.dir === null || copy.vantage === null
        ? copy.key
        : `${copy.member} ${copy.cluster} ${copy.vantage} ${copy.dir}`;
    const known = latest.get(place);
    if (known === undefined || known.readAt < copy.readAt) latest.set(place, copy);
  }
  const now = [...latest.values()];
  return { now, before: copies.filter((copy) => !now.includes(copy)) };
};

/** The cluster the case is about: that of the members that answer, else the one most members have copies of; null when that is open. */
export const mainCluster = (copies: readonly DataCopy[], answered: readonly string[]): string | null => {
  const [only, second] = answered;
  if (only !== undefined && second === undefined) return only;
  const members = new Map<string, Set<string>>();
  for (const { cluster, member, key } of copies) {
    if (cluster !== null) members.set(cluster, (members.get(cluster) ?? new Set()).add(member ?? key));
  }
  const [first, next] = [...members].sort(([, a], [, b]) => b.size - a.size);
  if (first === undefined || first[1].size === next?.[1].size) return null;
  return first[0];
};

const votersOf = (copy: DataCopy): readonly string[] => copy.membership?.voters ?? [];

/**
 * It went on without a majority of the voters that others list, and none of those removals reached another copy: what
 * --force-new-cluster does (a removal by the cluster itself is on a majority before it counts).
 */
export const isDetached = (copy: DataCopy, all: readonly DataCopy[]): boolean => {
  const own = votersOf(copy);
  if (copy.member === null || !own.includes(copy.member)) return false;
  const others = all.filter(
    (other) =>
      other.member !== copy.member && other.cluster === copy.cluster && votersOf(other).includes(copy.member as string),
  );
  return others.some((other) => {
    const dropped = votersOf(other).filter((id) => !own.includes(id));
    return (
      dropped.length >= Math.floor(votersOf(other).length / 2) + 1 &&
      others.every(
        ({ removals, membership }) =>
          !dropped.some((id) => removals.includes(id) || membership?.removed.includes(id) === true),
      )
    );
  });
};

/** Proof that its member has had entries which this copy lacks. */
const supersededBy = (
  copy: DataCopy,
  all: readonly DataCopy[],
  said: readonly Said[],
  nameOf: (id: string) => string,
): string | undefined => {
  if (copy.member === null) return undefined;
  const name = nameOf(copy.member);
  const newer = all.find(
    (other) =>
      other !== copy &&
      other.member === copy.member &&
      other.cluster === copy.cluster &&
      other.last !== null &&
      copy.last !== null &&
      comparePoints(other.last, copy.last) > 0,
  );
  if (newer?.last != null && copy.last !== null)
    return `${name} has had entry ${newer.last.index} of term ${newer.last.term} (another copy of its data), and this copy ends at ${copy.last.index} of term ${copy.last.term}`;
  // A running member goes on between the answer and the reading.
  const answer = said.find(
    ({ member, commit, at }) =>
      member === copy.member &&
      copy.inUse !== true &&
      at < copy.readAt &&
      copy.last !== null &&
      commit > copy.last.index,
  );
  return answer === undefined || copy.last === null
    ? undefined
    : `${name} answered with commit index ${answer.commit} before, and this copy ends at entry ${copy.last.index}`;
};

export interface StandingInput {
  readonly copies: readonly DataCopy[];
  /** Earlier readings of the same places. */
  readonly before: readonly DataCopy[];
  readonly cluster: string | null;
  readonly clusters: readonly string[];
  readonly detached: ReadonlySet<DataCopy>;
  readonly voters: readonly string[] | null;
  readonly learners: readonly string[];
  readonly said: readonly Said[];
  readonly nameOf: (id: string) => string;
}

/** What a copy is to the cluster, and why. */
export const standingOf = (copy: DataCopy, input: StandingInput): Standing => {
  const { cluster, clusters, voters, learners } = input;
  if (cluster === null && clusters.length > 1)
    return {
      standing: 'unidentified',
      text: `the copies name ${clusters.length} clusters (${clusters.join(', ')}), and nothing tells which is meant`,
    };
  if (cluster !== null && copy.cluster !== null && copy.cluster !== cluster)
    return { standing: 'foreign', text: `it belongs to cluster ${copy.cluster}, the others to ${cluster}` };
  if (input.detached.has(copy))
    return {
      standing: 'detached',
      text: 'it dropped a majority of the other members, and none of their copies knows of that: as after --force-new-cluster',
    };
  if (copy.member === null) return { standing: 'unidentified', text: 'its WAL does not say whose it is' };
  if (voters !== null && learners.includes(copy.member)) return { standing: 'learner', text: 'a learner has no vote' };
  if (voters !== null && !voters.includes(copy.member))
    return {
      standing: 'removed',
      text: `${input.nameOf(copy.member)} is not among the members of the cluster any more`,
    };
  const superseded = supersededBy(copy, [...input.copies, ...input.before], input.said, input.nameOf);
  return superseded === undefined ? { standing: 'current', text: '' } : { standing: 'superseded', text: superseded };
};
