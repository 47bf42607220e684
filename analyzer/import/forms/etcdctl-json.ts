import {
  alarmPiece,
  type HashRow,
  type HealthRow,
  hashPieces,
  healthPieces,
  type ListRow,
  memberListPiece,
  statusPiece,
} from '../etcdctl-pieces.js';
import type { Hint, Piece, Recognised } from '../types.js';
import { idOfDecimal, integer, isRecord, records, textOf, texts } from '../values.js';

type Json = Readonly<Record<string, unknown>>;

/** A field by its name in Go's JSON or, from 3.7 on, in protobuf's. */
const pick = (record: Json | undefined, ...names: readonly string[]): unknown =>
  names.map((name) => record?.[name]).find((value) => value !== undefined);

const number = (record: Json | undefined, ...names: readonly string[]): string | undefined =>
  integer(textOf(pick(record, ...names)));

const id = (record: Json | undefined, ...names: readonly string[]): string | undefined =>
  idOfDecimal(textOf(pick(record, ...names)));

const headerOf = (record: Json): Json | undefined => {
  const header = record['header'];
  return isRecord(header) ? header : undefined;
};

/** The answer to Maintenance.Status as Go prints it: fields that are 0 or false are left out. */
export const statusOf = (answer: Json, endpoint: string | undefined, hint: Hint): Piece | undefined => {
  const header = headerOf(answer);
  const downgrade = pick(answer, 'downgradeInfo', 'downgrade_info');
  const leader = id(answer, 'leader') ?? idOfDecimal('0');
  return statusPiece(
    {
      endpoint,
      id: id(header, 'member_id', 'memberId'),
      clusterId: id(header, 'cluster_id', 'clusterId'),
      revision: number(header, 'revision') ?? '0',
      version: textOf(pick(answer, 'version')),
      dbSize: number(answer, 'dbSize', 'db_size') ?? '0',
      dbSizeInUse: number(answer, 'dbSizeInUse', 'db_size_in_use'),
      quota: number(answer, 'dbSizeQuota', 'db_size_quota'),
      leader,
      isLearner: pick(answer, 'isLearner', 'is_learner') === true,
      raftTerm: number(answer, 'raftTerm', 'raft_term') ?? '0',
      raftIndex: number(answer, 'raftIndex', 'raft_index') ?? '0',
      raftAppliedIndex: number(answer, 'raftAppliedIndex', 'raft_applied_index'),
      errors: texts(answer['errors']),
      storageVersion: textOf(pick(answer, 'storageVersion', 'storage_version')),
      downgradeTarget: isRecord(downgrade) ? textOf(pick(downgrade, 'targetVersion', 'target_version')) : undefined,
      downgradeEnabled: isRecord(downgrade) ? downgrade['enabled'] === true : undefined,
    },
    hint,
  );
};

/** The answer to Cluster.MemberList as Go prints it. */
export const memberListOf = (answer: Json, hint: Hint): Piece | undefined => {
  const header = headerOf(answer);
  const rows = records(answer['members']).flatMap((member): ListRow[] => {
    const memberId = id(member, 'ID', 'id');
    return memberId === undefined
      ? []
      : [
          {
            id: memberId,
            name: textOf(member['name']) ?? '',
            peerURLs: texts(pick(member, 'peerURLs', 'peerUrls')),
            clientURLs: texts(pick(member, 'clientURLs', 'clientUrls')),
            isLearner: pick(member, 'isLearner', 'is_learner') === true,
          },
        ];
  });
  return rows.length === 0
    ? undefined
    : memberListPiece(rows, hint, {
        member: id(header, 'member_id', 'memberId'),
        clusterId: id(header, 'cluster_id', 'clusterId'),
        raftTerm: number(header, 'raft_term', 'raftTerm'),
      });
};

const alarmNames = ['NONE', 'NOSPACE', 'CORRUPT'];

const alarmsOf = (answer: Json, hint: Hint): Piece => {
  const alarms = records(answer['alarms']).map((entry) => {
    const alarm = textOf(entry['alarm']) ?? '0';
    return {
      memberId: id(entry, 'memberID', 'memberId', 'member_id') ?? '0'.repeat(16),
      alarm: alarmNames[Number(alarm)] ?? alarm,
    };
  });
  return alarmPiece({ asked: id(headerOf(answer), 'member_id', 'memberId'), alarms }, hint);
};

const hashOf = (entry: Json): HashRow => {
  const inner = entry['HashKV'];
  const answer = isRecord(inner) ? inner : {};
  const header = headerOf(answer);
  return {
    endpoint: textOf(entry['Endpoint']) ?? '',
    id: id(header, 'member_id', 'memberId'),
    revision: number(header, 'revision'),
    hash: textOf(answer['hash']) ?? '0',
    hashRevision: number(answer, 'hash_revision', 'hashRevision'),
    compactRevision: number(answer, 'compact_revision', 'compactRevision') ?? '0',
  };
};

const healthOf = (entry: Json): HealthRow => ({
  endpoint: textOf(entry['endpoint']) ?? '',
  healthy: entry['health'] === true,
  took: textOf(entry['took']),
  error: textOf(entry['error']),
});

/** JSON of an etcdctl command, told apart by its shape; undefined for any other JSON. */
export const recogniseEtcdctlJson = (value: unknown, hint: Hint): Recognised | undefined => {
  const form = (command: string): string => `etcdctl ${command} (json)`;
  const entries = records(value);
  if (Array.isArray(value) && entries.length > 0 && entries.length === value.length) {
    if (entries.every((entry) => isRecord(entry['Status']))) {
      const pieces = entries
        .map((entry) => statusOf(entry['Status'] as Json, textOf(entry['Endpoint']), hint))
        .filter((piece) => piece !== undefined);
      return pieces.length === 0 ? undefined : { form: form('endpoint status'), pieces };
    }
    if (entries.every((entry) => isRecord(entry['HashKV'])))
      return { form: form('endpoint hashkv'), ...hashPieces(entries.map(hashOf), hint) };
    if (entries.every((entry) => typeof entry['endpoint'] === 'string' && typeof entry['health'] === 'boolean'))
      return { form: form('endpoint health'), pieces: healthPieces(entries.map(healthOf), hint) };
  }
  if (!isRecord(value)) return undefined;
  // 3.4 prints alarms without a header.
  const alarms = records(value['alarms']);
  if (alarms.length > 0 && alarms.every((entry) => entry['memberID'] !== undefined && entry['alarm'] !== undefined))
    return { form: form('alarm list'), pieces: [alarmsOf(value, hint)] };
  if (Object.keys(value).length === 0 && /alarm/i.test(hint.who.label))
    return { form: form('alarm list'), pieces: [alarmsOf(value, hint)] };
  if (headerOf(value) === undefined) return undefined;
  const header = headerOf(value);
  if (id(header, 'cluster_id', 'clusterId') === undefined) return undefined;
  if (Array.isArray(value['members'])) {
    const piece = memberListOf(value, hint);
    return piece && { form: form('member list'), pieces: [piece] };
  }
  // Without alarms the answer is a bare header, and so are others: only where the place says so is it an alarm list.
  if (Array.isArray(value['alarms']) || (Object.keys(value).length === 1 && /alarm/i.test(hint.who.label)))
    return { form: form('alarm list'), pieces: [alarmsOf(value, hint)] };
  if (value['dbSize'] !== undefined && value['version'] !== undefined) {
    const piece = statusOf(value, undefined, hint);
    return piece && { form: form('endpoint status'), pieces: [piece] };
  }
  return undefined;
};
