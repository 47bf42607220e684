import {
  alarmPiece,
  type HashRow,
  type HealthRow,
  hashPieces,
  healthPieces,
  memberListPiece,
  statusPiece,
} from '../etcdctl-pieces.js';
import type { Hint, Piece, Recognised } from '../types.js';
import { idOfDecimal, integer } from '../values.js';
import { alarmTexts } from './etcdctl-rows.js';

const FIELD = /^"([A-Za-z]+)" : ?(.*)$/;

export const isFieldLine = (line: string): boolean => FIELD.test(line);

type Field = readonly [name: string, value: string];

const unquoted = (value: string): string => /^"(.*)"$/.exec(value)?.[1] ?? value;

const fieldsOf = (lines: readonly string[]): Field[] =>
  lines.flatMap((line): Field[] => {
    const match = FIELD.exec(line);
    return match === null ? [] : [[match[1] ?? '', unquoted((match[2] ?? '').trim())]];
  });

/** Cuts before every field of this name, so that each part is one record; what stands before the first one is its own. */
const cutAt = (fields: readonly Field[], name: string): { head: Field[]; parts: Field[][] } => {
  const head: Field[] = [];
  const parts: Field[][] = [];
  for (const field of fields) {
    if (field[0] === name) parts.push([field]);
    else (parts.at(-1) ?? head).push(field);
  }
  return { head, parts };
};

const get = (fields: readonly Field[], name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
const list = (fields: readonly Field[], name: string): string[] =>
  fields.filter(([key]) => key === name).map(([, value]) => value);

const status = (fields: readonly Field[], hint: Hint): Piece | undefined => {
  const errors = get(fields, 'Errors') ?? '';
  const alarms = alarmTexts(errors);
  return statusPiece(
    {
      endpoint: get(fields, 'Endpoint'),
      id: idOfDecimal(get(fields, 'MemberID')),
      clusterId: idOfDecimal(get(fields, 'ClusterID')),
      revision: get(fields, 'Revision'),
      version: get(fields, 'Version'),
      dbSize: integer(get(fields, 'DBSize')),
      dbSizeInUse: integer(get(fields, 'DBSizeInUse')),
      quota: integer(get(fields, 'DBSizeQuota')),
      leader: idOfDecimal(get(fields, 'Leader')),
      isLearner: get(fields, 'IsLearner') === 'true',
      raftTerm: get(fields, 'RaftTerm'),
      raftIndex: get(fields, 'RaftIndex'),
      raftAppliedIndex: get(fields, 'RaftAppliedIndex'),
      errors: alarms.length > 0 ? alarms : errors === '[]' || errors === '' ? [] : [errors.slice(1, -1)],
      storageVersion: get(fields, 'StorageVersion'),
      downgradeTarget: get(fields, 'DowngradeTargetVersion'),
      downgradeEnabled:
        get(fields, 'DowngradeEnabled') === undefined ? undefined : get(fields, 'DowngradeEnabled') === 'true',
    },
    hint,
  );
};

const hash = (fields: readonly Field[]): HashRow => ({
  endpoint: get(fields, 'Endpoint') ?? '',
  id: idOfDecimal(get(fields, 'MemberID')),
  revision: get(fields, 'Revision'),
  hash: get(fields, 'Hash') ?? '',
  hashRevision: get(fields, 'HashRevision'),
});

/** Lines `"Name" : value` of one etcdctl command, told apart by the fields that only it has. */
export const recogniseFields = (lines: readonly string[], hint: Hint): Recognised | undefined => {
  const fields = fieldsOf(lines);
  const has = (name: string): boolean => fields.some(([key]) => key === name);
  const form = (command: string): string => `etcdctl ${command} (fields)`;
  if (has('Health')) {
    const rows = cutAt(fields, 'Endpoint').parts.map(
      (part): HealthRow => ({
        endpoint: get(part, 'Endpoint') ?? '',
        healthy: get(part, 'Health') === 'true',
        took: get(part, 'Took'),
        error: get(part, 'Error') === '<nil>' ? undefined : get(part, 'Error'),
      }),
    );
    return { form: form('endpoint health'), pieces: healthPieces(rows, hint) };
  }
  const { parts } = cutAt(fields, 'ClusterID');
  if (has('DBSize')) {
    const pieces = parts.map((part) => status(part, hint)).filter((piece) => piece !== undefined);
    return pieces.length === 0 ? undefined : { form: form('endpoint status'), pieces };
  }
  if (has('Hash') && has('Endpoint')) return { form: form('endpoint hashkv'), ...hashPieces(parts.map(hash), hint) };
  if (has('PeerURL')) {
    const { head, parts: members } = cutAt(fields, 'ID');
    const rows = members.flatMap((part) => {
      const id = idOfDecimal(get(part, 'ID'));
      return id === undefined
        ? []
        : [
            {
              id,
              name: get(part, 'Name') ?? '',
              peerURLs: list(part, 'PeerURL'),
              clientURLs: list(part, 'ClientURL'),
              isLearner: get(part, 'IsLearner') === 'true',
            },
          ];
    });
    const header = {
      member: idOfDecimal(get(head, 'MemberID')),
      clusterId: idOfDecimal(get(head, 'ClusterID')),
      raftTerm: get(head, 'RaftTerm'),
    };
    return { form: form('member list'), pieces: [memberListPiece(rows, hint, header)] };
  }
  // An alarm list without alarms is a bare header; so are other answers, and it says nothing of alarms.
  if (!has('AlarmType')) return undefined;
  const { head, parts: named } = cutAt(fields.slice(2), 'MemberID');
  const alarms = named.flatMap((part) => {
    const memberId = idOfDecimal(get(part, 'MemberID'));
    const alarm = get(part, 'AlarmType');
    return memberId === undefined || alarm === undefined ? [] : [{ memberId, alarm }];
  });
  return {
    form: form('alarm list'),
    pieces: [
      alarmPiece({ asked: idOfDecimal(get(fields.slice(0, 2), 'MemberID') ?? get(head, 'MemberID')), alarms }, hint),
    ],
  };
};
