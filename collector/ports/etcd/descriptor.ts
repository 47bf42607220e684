import { fromJSON, type MethodDefinition } from '@grpc/proto-loader';

/**
 * The part of etcd's public gRPC API that this port speaks itself; field numbers are those of etcd's rpc.proto
 * (release 3.6). Only read RPCs are here, so nothing else can be called through it. Names keep the proto's spelling.
 */
const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated' as const, type, id });
const message = (fields: Record<string, { type: string; id: number; rule?: 'repeated' }>) => ({ fields });
const rpc = (requestType: string, responseType: string) => ({ requestType, responseType });

const descriptor = {
  nested: {
    etcdserverpb: {
      nested: {
        ResponseHeader: message({
          cluster_id: field('uint64', 1),
          member_id: field('uint64', 2),
          revision: field('int64', 3),
          raft_term: field('uint64', 4),
        }),
        StatusRequest: message({}),
        DowngradeInfo: message({ enabled: field('bool', 1), targetVersion: field('string', 2) }),
        StatusResponse: message({
          header: field('ResponseHeader', 1),
          version: field('string', 2),
          dbSize: field('int64', 3),
          leader: field('uint64', 4),
          raftIndex: field('uint64', 5),
          raftTerm: field('uint64', 6),
          raftAppliedIndex: field('uint64', 7),
          errors: repeated('string', 8),
          dbSizeInUse: field('int64', 9),
          isLearner: field('bool', 10),
          storageVersion: field('string', 11),
          dbSizeQuota: field('int64', 12),
          downgradeInfo: field('DowngradeInfo', 13),
        }),
        HashKVRequest: message({ revision: field('int64', 1) }),
        HashKVResponse: message({
          header: field('ResponseHeader', 1),
          hash: field('uint32', 2),
          compact_revision: field('int64', 3),
          hash_revision: field('int64', 4),
        }),
        AuthenticateRequest: message({ name: field('string', 1), password: field('string', 2) }),
        AuthenticateResponse: message({ header: field('ResponseHeader', 1), token: field('string', 2) }),
        // Decoded by the read list, to look at what another client is about to send.
        AlarmRequest: message({ action: field('uint32', 1) }),
        AlarmResponse: message({}),
        RangeRequest: message({
          key: field('bytes', 1),
          range_end: field('bytes', 2),
          serializable: field('bool', 7),
          count_only: field('bool', 9),
        }),
        // Without the field of the keys and values: even an answer that holds some is not decoded.
        RangeResponse: message({ header: field('ResponseHeader', 1), count: field('int64', 4) }),
        Maintenance: {
          methods: {
            Status: rpc('StatusRequest', 'StatusResponse'),
            HashKV: rpc('HashKVRequest', 'HashKVResponse'),
            Alarm: rpc('AlarmRequest', 'AlarmResponse'),
          },
        },
        KV: { methods: { Range: rpc('RangeRequest', 'RangeResponse') } },
        Auth: { methods: { Authenticate: rpc('AuthenticateRequest', 'AuthenticateResponse') } },
      },
    },
  },
};

// The loader's own type wants reflection classes; this is their plain JSON form.
const definition = fromJSON(descriptor as unknown as Parameters<typeof fromJSON>[0], {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});

export type OwnMethod =
  | 'Maintenance/Status'
  | 'Maintenance/HashKV'
  | 'Maintenance/Alarm'
  | 'KV/Range'
  | 'Auth/Authenticate';

/** Path and codecs of one RPC of the descriptor. */
export const ownMethod = (name: OwnMethod): MethodDefinition<object, object> => {
  const [service = '', method = ''] = name.split('/');
  const entry = (
    definition[`etcdserverpb.${service}`] as Record<string, MethodDefinition<object, object>> | undefined
  )?.[method];
  if (entry === undefined) throw new Error(`no RPC ${name} in the descriptor`);
  return entry;
};

export interface Header {
  readonly cluster_id: string;
  readonly member_id: string;
  readonly revision: string;
  readonly raft_term: string;
}

/** 64-bit numbers are decimal strings; fields the server does not know read as their zero value. */
export interface StatusReply {
  readonly header: Header | null;
  readonly version: string;
  readonly dbSize: string;
  readonly leader: string;
  readonly raftIndex: string;
  readonly raftTerm: string;
  readonly raftAppliedIndex: string;
  readonly errors: readonly string[];
  readonly dbSizeInUse: string;
  readonly isLearner: boolean;
  readonly storageVersion: string;
  readonly dbSizeQuota: string;
  readonly downgradeInfo: { readonly enabled: boolean; readonly targetVersion: string } | null;
}

export interface HashKVReply {
  readonly header: Header | null;
  readonly hash: number;
  readonly compact_revision: string;
  readonly hash_revision: string;
}

export interface RangeReply {
  readonly header: Header | null;
  readonly count: string;
}
