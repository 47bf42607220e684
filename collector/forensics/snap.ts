import type { ByteSource } from './bytes.js';
import { crc32c, crcText } from './crc32c.js';
import { bytesFieldOf, readMessage, varintOf } from './protobuf.js';
import { type ConfState, readConfState } from './raft-records.js';
import { type StoredMember, readV2Membership, type V2Membership } from './v2-membership.js';

export type { StoredMember };

/** Why etcd would set a snapshot file aside (it renames it to `.broken`): its own reasons, and a name that does not tell the truth. */
export type SnapProblemKind = 'empty' | 'malformed' | 'crc-mismatch' | 'read-error' | 'too-large' | 'name-mismatch';

export interface SnapFile {
  readonly term?: string;
  readonly index?: string;
  readonly confState?: ConfState;
  /** Bytes of the state machine inside. */
  readonly dataBytes?: number;
  readonly membership?: V2Membership;
  readonly problem?: {
    readonly kind: SnapProblemKind;
    readonly recordedCrc?: string;
    readonly computedCrc?: string;
  };
}

/** Larger ones are not read: etcd's own are some kB, unless the v2 API holds data. */
const MAX_SNAP_BYTES = 64 * 1024 * 1024;
/** Larger v2 stores are not parsed for their membership. */
const MAX_V2_BYTES = 8 * 1024 * 1024;

/** `<term>-<index>.snap` in hex. */
export const parseSnapName = (name: string): { readonly term: bigint; readonly index: bigint } | undefined => {
  const match = /^([0-9a-f]{16})-([0-9a-f]{16})\.snap(?:\.broken)?$/.exec(name);
  return match === null ? undefined : { term: BigInt(`0x${match[1]}`), index: BigInt(`0x${match[2]}`) };
};

/** `<index>.snap.db` in hex: a database received from the leader. */
export const parseSnapDbName = (name: string): bigint | undefined => {
  const match = /^([0-9a-f]{16})\.snap\.db$/.exec(name);
  return match === null ? undefined : BigInt(`0x${match[1]}`);
};

/** Reads one `.snap` file (snappb.Snapshot around raftpb.Snapshot). Rejects only when a budget is spent. */
export const readSnap = async (source: ByteSource, name: string): Promise<SnapFile> => {
  if (source.size === 0) return { problem: { kind: 'empty' } };
  if (source.size > MAX_SNAP_BYTES) return { problem: { kind: 'too-large' } };
  return parseSnap(await source.read(0, source.size), name);
};

export const parseSnap = (bytes: Buffer, name: string): SnapFile => {
  if (bytes.length === 0) return { problem: { kind: 'empty' } };
  const outer = readMessage(bytes);
  if (outer === undefined) return { problem: { kind: 'malformed' } };
  const data = bytesFieldOf(outer, 2);
  const recorded = varintOf(outer, 1);
  // etcd takes a missing checksum for an empty file, too.
  if (data === undefined || data.length === 0 || recorded === 0n) return { problem: { kind: 'empty' } };
  const computed = crc32c(0, data);
  const recordedCrc = crcText(Number(BigInt.asUintN(32, recorded)));
  if (recordedCrc !== crcText(computed))
    return { problem: { kind: 'crc-mismatch', recordedCrc, computedCrc: crcText(computed) } };
  const snapshot = readMessage(data);
  const rawMetadata = snapshot === undefined ? undefined : bytesFieldOf(snapshot, 2);
  const metadata = rawMetadata === undefined ? undefined : readMessage(rawMetadata);
  if (snapshot === undefined || metadata === undefined) return { problem: { kind: 'malformed' } };
  const rawConfState = bytesFieldOf(metadata, 1);
  const confState = rawConfState === undefined ? undefined : readConfState(rawConfState);
  const index = varintOf(metadata, 2);
  const term = varintOf(metadata, 3);
  const store = bytesFieldOf(snapshot, 1);
  const membership = store === undefined || store.length > MAX_V2_BYTES ? undefined : readV2Membership(store);
  const named = parseSnapName(name);
  const honest = named === undefined || (named.term === term && named.index === index);
  return {
    term: term.toString(),
    index: index.toString(),
    ...(confState === undefined ? {} : { confState }),
    dataBytes: store?.length ?? 0,
    ...(membership === undefined ? {} : { membership }),
    ...(honest ? {} : { problem: { kind: 'name-mismatch' } }),
  };
};
