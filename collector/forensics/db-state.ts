import { readMessage, varintOf } from './protobuf.js';
import { type ConfState, confStateOf, idText } from './raft-records.js';
import { idOfHex, parseMember, type StoredMember, versionText } from './v2-membership.js';

/** A revision as it stands in a key of the bucket `key`. */
export interface Revision {
  readonly main: string;
  readonly sub: string;
  readonly tombstone: boolean;
}

/** What etcd keeps about itself in its database; what is not there is absent. */
export interface DbState {
  consistentIndex?: string;
  /** Raft term of the consistent index (3.5 and later). */
  term?: string;
  confState?: ConfState;
  scheduledCompactRevision?: string;
  finishedCompactRevision?: string;
  /** From 3.6. */
  storageVersion?: string;
  clusterVersion?: string;
  downgrade?: { enabled: boolean; targetVersion?: string };
  readonly members: StoredMember[];
  readonly removedMembers: string[];
  readonly alarms: { memberId: string; alarm: string }[];
  auth?: { enabled?: boolean; revision?: string };
  lowestRevision?: Revision;
  highestRevision?: Revision;
  /** Values that are there and could not be understood, by bucket and key of etcd's own. */
  readonly malformed: string[];
}

const MAX_MEMBERS = 64;
const MAX_REMOVED = 100;
const MAX_ALARMS = 64;
const REVISION_BYTES = 17;
const UNDERSCORE = 0x5f;

export const emptyState = (): DbState => ({ members: [], removedMembers: [], alarms: [], malformed: [] });

/** Main revision, '_', sub revision, and 't' for a deletion. */
export const revisionOf = (key: Buffer): Revision | undefined =>
  isRevision(key, 0, key.length)
    ? {
        main: key.readBigInt64BE(0).toString(),
        sub: key.readBigInt64BE(9).toString(),
        tombstone: isTombstone(key, 0, key.length),
      }
    : undefined;

export const isRevision = (bytes: Buffer, from: number, to: number): boolean =>
  (to - from === REVISION_BYTES || to - from === REVISION_BYTES + 1) && bytes[from + 8] === UNDERSCORE;
export const isTombstone = (bytes: Buffer, from: number, to: number): boolean =>
  to - from === REVISION_BYTES + 1 && bytes[to - 1] === 0x74;

const malformed = (state: DbState, what: string): void => {
  if (state.malformed.length < 20) state.malformed.push(what);
};

const parseObject = (bytes: Buffer): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** The JSON that etcd makes of raftpb.ConfState has 64-bit numbers, which JSON.parse would round: they are made strings first. */
const confStateOfJson = (bytes: Buffer): ConfState | undefined => {
  const quoted = bytes.toString('utf8').replace(/([[,:]\s*)(\d+)/g, '$1"$2"');
  const parsed = parseObject(Buffer.from(quoted));
  if (parsed === undefined) return undefined;
  const ids = (name: string): bigint[] => {
    const list = parsed[name];
    return Array.isArray(list)
      ? list.flatMap((id) => (typeof id === 'string' && /^\d{1,20}$/.test(id) ? [BigInt(id)] : []))
      : [];
  };
  return confStateOf(ids('voters'), ids('learners'), ids('voters_outgoing'));
};

const alarmNames = ['NONE', 'NOSPACE', 'CORRUPT'];

const metaTakers: Readonly<Record<string, (state: DbState, value: Buffer) => boolean>> = {
  consistent_index: (state, value) => {
    if (value.length !== 8) return false;
    state.consistentIndex = value.readBigUInt64BE(0).toString();
    return true;
  },
  term: (state, value) => {
    if (value.length !== 8) return false;
    state.term = value.readBigUInt64BE(0).toString();
    return true;
  },
  confState: (state, value) => {
    const found = confStateOfJson(value);
    if (found === undefined) return false;
    state.confState = found;
    return true;
  },
  scheduledCompactRev: (state, value) => {
    const found = revisionOf(value);
    if (found === undefined) return false;
    state.scheduledCompactRevision = found.main;
    return true;
  },
  finishedCompactRev: (state, value) => {
    const found = revisionOf(value);
    if (found === undefined) return false;
    state.finishedCompactRevision = found.main;
    return true;
  },
  storageVersion: (state, value) => {
    const found = versionText(value.toString('latin1', 0, 64));
    if (found === undefined) return false;
    state.storageVersion = found;
    return true;
  },
};

/** What is taken of the small buckets; of all others only figures are. */
export const takers: Readonly<Record<string, (state: DbState, key: Buffer, value: Buffer) => void>> = {
  meta: (state, key, value) => {
    const name = key.toString('latin1', 0, 64);
    if (Object.hasOwn(metaTakers, name) && metaTakers[name]?.(state, value) === false) malformed(state, `meta/${name}`);
  },
  members: (state, key, value) => {
    const id = idOfHex(key.toString('latin1', 0, 32));
    const member = id === undefined ? undefined : parseMember(id, value);
    if (member === undefined) malformed(state, 'members');
    else if (state.members.length < MAX_MEMBERS) state.members.push(member);
  },
  members_removed: (state, key) => {
    const id = idOfHex(key.toString('latin1', 0, 32));
    if (id === undefined) malformed(state, 'members_removed');
    else if (state.removedMembers.length < MAX_REMOVED) state.removedMembers.push(id);
  },
  cluster: (state, key, value) => {
    const name = key.toString('latin1', 0, 64);
    if (name === 'clusterVersion') {
      const version = versionText(value.toString('latin1', 0, 64));
      if (version === undefined) malformed(state, 'cluster/clusterVersion');
      else state.clusterVersion = version;
    }
    if (name === 'downgrade') {
      const parsed = parseObject(value);
      const target = versionText(String(parsed?.['target-version'] ?? ''));
      if (parsed === undefined) malformed(state, 'cluster/downgrade');
      else
        state.downgrade = {
          enabled: parsed.enabled === true,
          ...(target === undefined ? {} : { targetVersion: target }),
        };
    }
  },
  alarm: (state, key) => {
    const fields = readMessage(key);
    if (fields === undefined) return malformed(state, 'alarm');
    const alarm = varintOf(fields, 2);
    if (state.alarms.length < MAX_ALARMS)
      state.alarms.push({
        memberId: idText(varintOf(fields, 1)),
        alarm: alarmNames[Number(alarm)] ?? `UNKNOWN_${alarm}`,
      });
  },
  auth: (state, key, value) => {
    const name = key.toString('latin1', 0, 64);
    if (name === 'authEnabled') state.auth = { ...state.auth, enabled: value.length === 1 && value[0] === 1 };
    if (name === 'authRevision' && value.length === 8)
      state.auth = { ...state.auth, revision: value.readBigUInt64BE(0).toString() };
  },
};
