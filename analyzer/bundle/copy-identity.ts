import type { SchemaTypes } from '../../schemas/index.js';
import type { MemberDraft } from './fold-seeds.js';
import type { LoadedBundle } from './loaded.js';

const NOBODY = /^0+$/;

const isUnknown = (id: string): boolean => id.startsWith('endpoint-');

/**
 * Member ids of seeds that nobody answered for, by target id: the files of a stopped member say whose they are. Without it the dead
 * members of several nodes, all of them dialled on loopback, would be taken for one.
 */
export const ownersOfData = (bundle: LoadedBundle): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const { kind, target, value } of bundle.artifacts) {
    if (kind !== 'datadir-wal' || !isUnknown(target.id)) continue;
    const id = (value as SchemaTypes['datadir-wal']).metadata?.nodeId;
    if (id !== undefined && !NOBODY.test(id)) owners.set(target.id, id);
  }
  return owners;
};

type Recorded = SchemaTypes['datadir-db']['members'];

/** Cluster and membership of every data dir of a bundle. */
const membershipsOf = (bundle: LoadedBundle) => {
  const clusters = new Map<string, string>();
  for (const { kind, target, value } of bundle.artifacts) {
    const cluster = kind === 'datadir-wal' ? (value as SchemaTypes['datadir-wal']).metadata?.clusterId : undefined;
    if (cluster !== undefined) clusters.set(target.id, cluster);
  }
  return bundle.artifacts.flatMap(({ kind, target, value }) => {
    if (kind !== 'datadir-db') return [];
    const { members, consistentIndex } = value as SchemaTypes['datadir-db'];
    const cluster = clusters.get(target.id);
    return cluster === undefined ? [] : [{ cluster, members, at: BigInt(consistentIndex ?? 0) }];
  });
};

/** The newest membership that the data dirs of the cluster with the most of them record. */
const newestMembership = (bundles: readonly LoadedBundle[]): Recorded => {
  const all = bundles.flatMap(membershipsOf).filter(({ members }) => members.length > 0);
  const size = (cluster: string): number => all.filter((each) => each.cluster === cluster).length;
  const most = Math.max(0, ...all.map(({ cluster }) => size(cluster)));
  const clusters = new Set(all.filter(({ cluster }) => size(cluster) === most).map(({ cluster }) => cluster));
  // Of two clusters of equal weight neither is known to be the one.
  if (clusters.size !== 1) return [];
  const [newest] = all.filter(({ cluster }) => clusters.has(cluster)).sort((a, b) => (b.at > a.at ? 1 : -1));
  return newest?.members ?? [];
};

/** Names and addresses as the data dirs record them; all members of theirs where no member gave a list. */
export const addRecordedMembers = (
  drafts: Map<string, MemberDraft>,
  bundles: readonly LoadedBundle[],
  draftOf: (id: string) => MemberDraft,
): void => {
  const listed = bundles.some(({ artifacts }) => artifacts.some(({ kind }) => kind === 'member-list'));
  for (const member of newestMembership(bundles)) {
    if (listed && !drafts.has(member.id)) continue;
    const known = drafts.has(member.id);
    const draft = draftOf(member.id);
    if (draft.name === '') draft.name = member.name ?? '';
    if (draft.clientUrls.length === 0 || !listed) draft.clientUrls = member.clientUrls;
    if (draft.peerUrls.length === 0) draft.peerUrls = member.peerUrls;
    if (!known) draft.isLearner = member.isLearner === true;
  }
};
