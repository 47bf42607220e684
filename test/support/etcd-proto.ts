/** The part of etcd's public API the tests speak; field numbers are those of etcd's rpc.proto and kv.proto. */

type Field = { type: string; id: number; rule?: string };
type Message = { fields: Record<string, Field> };

const repeated = (type: string, id: number): Field => ({ rule: 'repeated', type, id });
const field = (type: string, id: number): Field => ({ type, id });
const message = (fields: Record<string, Field>): Message => ({ fields });
const header = field('ResponseHeader', 1);

export const METHODS = [
  { service: 'KV', name: 'Range', request: 'RangeRequest', response: 'RangeResponse' },
  { service: 'KV', name: 'Put', request: 'PutRequest', response: 'PutResponse' },
  { service: 'KV', name: 'DeleteRange', request: 'DeleteRangeRequest', response: 'DeleteRangeResponse' },
  { service: 'KV', name: 'Txn', request: 'TxnRequest', response: 'TxnResponse' },
  { service: 'KV', name: 'Compact', request: 'CompactionRequest', response: 'CompactionResponse' },
  { service: 'Lease', name: 'LeaseGrant', request: 'LeaseGrantRequest', response: 'LeaseGrantResponse' },
  { service: 'Lease', name: 'LeaseRevoke', request: 'LeaseRevokeRequest', response: 'LeaseRevokeResponse' },
  { service: 'Lease', name: 'LeaseKeepAlive', request: 'LeaseKeepAliveRequest', response: 'LeaseKeepAliveResponse' },
  { service: 'Watch', name: 'Watch', request: 'WatchRequest', response: 'WatchResponse' },
  { service: 'Maintenance', name: 'Status', request: 'StatusRequest', response: 'StatusResponse' },
  { service: 'Maintenance', name: 'Defragment', request: 'DefragmentRequest', response: 'DefragmentResponse' },
  { service: 'Maintenance', name: 'HashKV', request: 'HashKVRequest', response: 'HashKVResponse' },
  { service: 'Maintenance', name: 'Alarm', request: 'AlarmRequest', response: 'AlarmResponse' },
  { service: 'Maintenance', name: 'MoveLeader', request: 'MoveLeaderRequest', response: 'MoveLeaderResponse' },
  { service: 'Cluster', name: 'MemberList', request: 'MemberListRequest', response: 'MemberListResponse' },
  { service: 'Auth', name: 'Authenticate', request: 'AuthenticateRequest', response: 'AuthenticateResponse' },
] as const;

export type MethodName = (typeof METHODS)[number]['name'];

export const MESSAGES: Record<string, Message | { values: Record<string, number> }> = {
  ResponseHeader: message({
    clusterId: field('uint64', 1),
    memberId: field('uint64', 2),
    revision: field('int64', 3),
    raftTerm: field('uint64', 4),
  }),
  KeyValue: message({
    key: field('bytes', 1),
    createRevision: field('int64', 2),
    modRevision: field('int64', 3),
    version: field('int64', 4),
    value: field('bytes', 5),
    lease: field('int64', 6),
  }),
  RangeRequest: message({
    key: field('bytes', 1),
    rangeEnd: field('bytes', 2),
    limit: field('int64', 3),
    revision: field('int64', 4),
    serializable: field('bool', 7),
    keysOnly: field('bool', 8),
    countOnly: field('bool', 9),
  }),
  RangeResponse: message({ header, kvs: repeated('KeyValue', 2), more: field('bool', 3), count: field('int64', 4) }),
  PutRequest: message({ key: field('bytes', 1), value: field('bytes', 2), lease: field('int64', 3) }),
  PutResponse: message({ header }),
  DeleteRangeRequest: message({ key: field('bytes', 1), rangeEnd: field('bytes', 2) }),
  DeleteRangeResponse: message({ header, deleted: field('int64', 2) }),
  CompareResult: { values: { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } },
  CompareTarget: { values: { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } },
  Compare: message({
    result: field('CompareResult', 1),
    target: field('CompareTarget', 2),
    key: field('bytes', 3),
    modRevision: field('int64', 6),
  }),
  RequestOp: message({
    requestRange: field('RangeRequest', 1),
    requestPut: field('PutRequest', 2),
    requestDeleteRange: field('DeleteRangeRequest', 3),
  }),
  TxnRequest: message({
    compare: repeated('Compare', 1),
    success: repeated('RequestOp', 2),
    failure: repeated('RequestOp', 3),
  }),
  ResponseOp: message({ responseRange: field('RangeResponse', 1) }),
  TxnResponse: message({ header, succeeded: field('bool', 2), responses: repeated('ResponseOp', 3) }),
  CompactionRequest: message({ revision: field('int64', 1), physical: field('bool', 2) }),
  CompactionResponse: message({ header }),
  LeaseGrantRequest: message({ ttl: field('int64', 1), id: field('int64', 2) }),
  LeaseGrantResponse: message({ header, id: field('int64', 2), ttl: field('int64', 3) }),
  LeaseRevokeRequest: message({ id: field('int64', 1) }),
  LeaseRevokeResponse: message({ header }),
  LeaseKeepAliveRequest: message({ id: field('int64', 1) }),
  LeaseKeepAliveResponse: message({ header, id: field('int64', 2), ttl: field('int64', 3) }),
  WatchRequest: message({ createRequest: field('WatchCreateRequest', 1) }),
  WatchCreateRequest: message({
    key: field('bytes', 1),
    rangeEnd: field('bytes', 2),
    startRevision: field('int64', 3),
    prevKv: field('bool', 6),
  }),
  WatchResponse: message({
    header,
    watchId: field('int64', 2),
    created: field('bool', 3),
    canceled: field('bool', 4),
    compactRevision: field('int64', 5),
  }),
  StatusRequest: message({}),
  StatusResponse: message({
    header,
    version: field('string', 2),
    dbSize: field('int64', 3),
    leader: field('uint64', 4),
    raftIndex: field('uint64', 5),
    raftTerm: field('uint64', 6),
    raftAppliedIndex: field('uint64', 7),
    errors: repeated('string', 8),
    dbSizeInUse: field('int64', 9),
    isLearner: field('bool', 10),
  }),
  DefragmentRequest: message({}),
  DefragmentResponse: message({ header }),
  HashKVRequest: message({ revision: field('int64', 1) }),
  HashKVResponse: message({ header, hash: field('uint32', 2), compactRevision: field('int64', 3) }),
  AlarmAction: { values: { GET: 0, ACTIVATE: 1, DEACTIVATE: 2 } },
  AlarmType: { values: { NONE: 0, NOSPACE: 1, CORRUPT: 2 } },
  AlarmRequest: message({
    action: field('AlarmAction', 1),
    memberId: field('uint64', 2),
    alarm: field('AlarmType', 3),
  }),
  AlarmMember: message({ memberId: field('uint64', 1), alarm: field('AlarmType', 2) }),
  AlarmResponse: message({ header, alarms: repeated('AlarmMember', 2) }),
  MoveLeaderRequest: message({ targetId: field('uint64', 1) }),
  MoveLeaderResponse: message({ header }),
  MemberListRequest: message({ linearizable: field('bool', 1) }),
  MemberListResponse: message({ header, members: repeated('Member', 2) }),
  Member: message({
    id: field('uint64', 1),
    name: field('string', 2),
    peerUrls: repeated('string', 3),
    clientUrls: repeated('string', 4),
    isLearner: field('bool', 5),
  }),
  AuthenticateRequest: message({ name: field('string', 1), password: field('string', 2) }),
  AuthenticateResponse: message({ header, token: field('string', 2) }),
};
