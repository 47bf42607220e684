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

interface Membership {
  readonly cluster: string;
  /** Member whose data dir it stands in. */
  readonly owner: string;
  readonly members: Recorded;
  /** Raft index that was applied to it. */
  readonly at: bigint;
}

/** What every data dir of a bundle records. */
const membershipsOf = (bundle: LoadedBundle): readonly Membership[] => {
  const owners = new Map<string, { readonly clusterId: string; readonly nodeId: string }>();
  for (const { kind, target, value } of bundle.artifacts) {
    const metadata = kind === 'datadir-wal' ? (value as SchemaTypes['datadir-wal']).metadata : undefined;
    if (metadata !== undefined) owners.set(target.id, metadata);
  }
  return bundle.artifacts.flatMap(({ kind, target, value }) => {
    const own = owners.get(target.id);
    if (kind !== 'datadir-db' || own === undefined) return [];
    const { members, consistentIndex } = value as SchemaTypes['datadir-db'];
    if (members.length === 0) return [];
    return [{ cluster: own.clusterId, owner: own.nodeId, members, at: BigInt(consistentIndex ?? 0) }];
  });
};

/**
 * The memberships of the cluster with the most data dirs; first those that know most of their owners (one that went on alone knows only
 * itself), of these the newest.
 */
const memberships = (bundles: readonly LoadedBundle[]): readonly Membership[] => {
  const all = bundles.flatMap(membershipsOf);
  const size = (cluster: string): number => all.filter((each) => each.cluster === cluster).length;
  const most = Math.max(0, ...all.map(({ cluster }) => size(cluster)));
  const found = all.filter(({ cluster }) => size(cluster) === most);
  // Of two clusters of equal weight neither is known to be the one.
  if (new Set(found.map(({ cluster }) => cluster)).size !== 1) return [];
  const owners = [...new Set(found.map(({ owner }) => owner))];
  const knows = ({ members }: Membership): number =>
    owners.filter((owner) => members.some(({ id }) => id === owner)).length;
  return [...found].sort((a, b) => knows(b) - knows(a) || (b.at > a.at ? 1 : -1));
};

/** Names and addresses as the data dirs record them; all members of theirs where no member gave a list. */
export const addRecordedMembers = (
  drafts: Map<string, MemberDraft>,
  bundles: readonly LoadedBundle[],
  draftOf: (id: string) => MemberDraft,
): void => {
  const listed = bundles.some(({ artifacts }) => artifacts.some(({ kind }) => kind === 'member-list'));
  for (const member of memberships(bundles)[0]?.members ?? []) {
    if (listed && !drafts.has(member.id)) continue;
    const known = drafts.has(member.id);
    const draft = draftOf(member.id);
    if (draft.name === '') draft.name = member.name ?? '';
    if (draft.clientUrls.length === 0 || !listed) draft.clientUrls = member.clientUrls;
    if (draft.peerUrls.length === 0) draft.peerUrls = member.peerUrls;
    if (!known) draft.isLearner = member.isLearner === true;
  }
};
