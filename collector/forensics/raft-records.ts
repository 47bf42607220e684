import { bytesFieldOf, readMessage, varintOf, varintsOf } from './protobuf.js';

/** raftpb.ConfState: who votes, as member ids in hex. */
export interface ConfState {
  readonly voters: string[];
  readonly learners: string[];
  /** Voters of the outgoing half of a joint configuration. */
  readonly votersOutgoing?: string[];
}

/** Most members kept of one configuration. */
const MAX_MEMBERS = 64;

/** A member or cluster id as etcd prints it, padded: 16 lower-case hex digits. */
export const idText = (id: bigint): string => BigInt.asUintN(64, id).toString(16).padStart(16, '0');

const idTexts = (ids: readonly bigint[]): string[] => ids.slice(0, MAX_MEMBERS).map(idText);

/** A configuration from three lists of ids. */
export const confStateOf = (
  voters: readonly bigint[],
  learners: readonly bigint[],
  outgoing: readonly bigint[],
): ConfState => ({
  voters: idTexts(voters),
  learners: idTexts(learners),
  ...(outgoing.length === 0 ? {} : { votersOutgoing: idTexts(outgoing) }),
});

/** raftpb.ConfState on the wire; 3.4 calls the voters `nodes`, with the same number. */
export const readConfState = (bytes: Buffer): ConfState | undefined => {
  const fields = readMessage(bytes);
  if (fields === undefined) return undefined;
  const lists = [varintsOf(fields, 1), varintsOf(fields, 2), varintsOf(fields, 3)];
  const [voters, learners, outgoing] = lists;
  if (voters === undefined || learners === undefined || outgoing === undefined) return undefined;
  return confStateOf(voters, learners, outgoing);
};

export interface HardState {
  readonly term: string;
  /** Member voted for in that term; absent when none. */
  readonly vote?: string;
  readonly commit: string;
}

/** raftpb.HardState. */
export const readHardState = (bytes: Buffer): HardState | undefined => {
  const fields = readMessage(bytes);
  if (fields === undefined) return undefined;
  const vote = varintOf(fields, 2);
  return {
    term: varintOf(fields, 1).toString(),
    ...(vote === 0n ? {} : { vote: idText(vote) }),
    commit: varintOf(fields, 3).toString(),
  };
};

/** etcdserverpb.Metadata, the head of every WAL segment. */
export const readMetadata = (bytes: Buffer): { nodeId: string; clusterId: string } | undefined => {
  const fields = readMessage(bytes);
  return fields === undefined
    ? undefined
    : { nodeId: idText(varintOf(fields, 1)), clusterId: idText(varintOf(fields, 2)) };
};

export interface WalSnapshot {
  readonly index: string;
  readonly term: string;
  /** From 3.5. */
  readonly confState?: ConfState;
}

/** walpb.Snapshot. */
export const readWalSnapshot = (bytes: Buffer): WalSnapshot | undefined => {
  const fields = readMessage(bytes);
  if (fields === undefined) return undefined;
  const raw = bytesFieldOf(fields, 3);
  const confState = raw === undefined ? undefined : readConfState(raw);
  return {
    index: varintOf(fields, 1).toString(),
    term: varintOf(fields, 2).toString(),
    ...(confState === undefined ? {} : { confState }),
  };
};

export type ConfChangeType = 'add-node' | 'remove-node' | 'update-node' | 'add-learner' | 'unknown';

export interface ConfChange {
  readonly type: ConfChangeType;
  readonly memberId: string;
}

const changeTypes: readonly ConfChangeType[] = ['add-node', 'remove-node', 'update-node', 'add-learner'];

const changeOf = (type: bigint, node: bigint): ConfChange => ({
  type: type < 4n ? (changeTypes[Number(type)] ?? 'unknown') : 'unknown',
  memberId: idText(node),
});

/** raftpb.ConfChange: its type and member; the context (names and URLs) is left alone. */
export const readConfChange = (bytes: Buffer): readonly ConfChange[] | undefined => {
  const fields = readMessage(bytes);
  return fields === undefined ? undefined : [changeOf(varintOf(fields, 2), varintOf(fields, 3))];
};

/** raftpb.ConfChangeV2. */
export const readConfChangeV2 = (bytes: Buffer): readonly ConfChange[] | undefined => {
  const fields = readMessage(bytes);
  if (fields === undefined) return undefined;
  const changes: ConfChange[] = [];
  for (const { number, bytes: single } of fields) {
    if (number !== 2 || single === undefined || changes.length >= MAX_MEMBERS) continue;
    const inner = readMessage(single);
    if (inner === undefined) return undefined;
    changes.push(changeOf(varintOf(inner, 1), varintOf(inner, 2)));
  }
  return changes;
};
