import { type CallOptions, Metadata } from '@grpc/grpc-js';
import type { AlarmListArtifact, MemberListArtifact } from '../../../schemas/index.js';
import { hexId } from './answers.js';
import type { EtcdChannel } from './channel.js';
import { type OwnMethod, ownMethod, type RangeReply } from './descriptor.js';
import type { DeadlineMeaning } from './errors.js';

/** Key of the latency reads; it need not exist and only a count is asked for. */
const ABSENT_KEY = Buffer.from('etcd-evidence/no-such-key');
const AFTER_KEY = Buffer.concat([ABSENT_KEY, Buffer.from([0])]);

export const PLAIN: DeadlineMeaning = { needsQuorum: false, longWork: false };
export const QUORUM: DeadlineMeaning = { needsQuorum: true, longWork: false };
export const LONG: DeadlineMeaning = { needsQuorum: false, longWork: true };

/** `never`: anonymous. `always`: log in first. `if-refused`: anonymous first, log in only when the server asks for it. */
type Login = 'never' | 'always' | 'if-refused';

/** One RPC, by whichever of the two clients speaks it. */
export interface Rpc<T> {
  readonly name: string;
  readonly meaning: DeadlineMeaning;
  readonly login: Login;
  readonly send: (channel: EtcdChannel, options: CallOptions) => Promise<T>;
}

export const MEMBER_LIST: Rpc<Awaited<ReturnType<EtcdChannel['etcd3']['cluster']['memberList']>>> = {
  name: 'Cluster/MemberList',
  meaning: PLAIN,
  login: 'if-refused',
  send: ({ etcd3 }, options) => etcd3.cluster.memberList({ linearizable: false }, options),
};

export const ALARMS: Rpc<AlarmListArtifact['alarms']> = {
  name: 'Maintenance/Alarm',
  meaning: QUORUM,
  login: 'if-refused',
  send: async ({ etcd3 }, options) => {
    const { alarms } = await etcd3.maintenance.alarm({ action: 'Get' }, options);
    return (alarms ?? []).map(({ memberID, alarm }) => ({
      memberId: hexId(memberID),
      alarm: String(alarm ?? 0).toUpperCase(),
    }));
  },
};

/** Count-only read of one absent key. */
export const countRead = (serializable: boolean, login: Login): Rpc<unknown> => ({
  name: `KV/Range (count only, ${serializable ? 'serializable' : 'linearizable'})`,
  meaning: serializable ? PLAIN : QUORUM,
  login,
  send: ({ etcd3 }, options) => {
    // etcd3's single-key builder cannot count; the smallest range that holds the key can.
    const range = etcd3.getAll().inRange({ start: ABSENT_KEY, end: AFTER_KEY });
    return range.serializable(serializable).options(options).count();
  },
});

/** First key behind all keys that begin with the prefix; `\0` stands for the end of the store. */
export const endOfPrefix = (prefix: Buffer): Buffer => {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return Buffer.from([0]);
  const end = Buffer.from(prefix.subarray(0, length));
  end[length - 1] = (end[length - 1] ?? 0) + 1;
  return end;
};

/** Count of all keys below a prefix, or of the whole store, from the local state of the member. */
export const countRange = (prefix: string | undefined): Rpc<RangeReply> => {
  const start = prefix === undefined || prefix === '' ? undefined : Buffer.from(prefix);
  const key = start ?? Buffer.from([0]);
  const range_end = start === undefined ? Buffer.from([0]) : endOfPrefix(start);
  return ownRpc('KV/Range', { key, range_end, serializable: true, count_only: true }, LONG, 'if-refused');
};

/** An RPC of the own descriptor. */
export const ownRpc = <T extends object>(
  name: OwnMethod,
  request: object,
  meaning: DeadlineMeaning,
  login: Login,
): Rpc<T> => ({
  name,
  meaning,
  login,
  send: ({ own }, options) =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = ownMethod(name);
      const decode = (bytes: Buffer) => responseDeserialize(bytes) as T;
      own.makeUnaryRequest<object, T>(
        path,
        requestSerialize,
        decode,
        request,
        new Metadata(),
        options,
        (error, reply) => {
          if (error !== null) reject(error);
          else if (reply === undefined) reject(new Error('no message in the answer'));
          else resolve(reply);
        },
      );
    }),
});

/** MemberList as an artifact; the id is all zero when the header lacks it. */
export const memberListArtifact = (
  reply: Awaited<ReturnType<EtcdChannel['etcd3']['cluster']['memberList']>>,
  elapsedMs: number,
): MemberListArtifact => ({
  memberId: hexId(reply.header?.member_id),
  clusterId: hexId(reply.header?.cluster_id),
  raftTerm: String(reply.header?.raft_term ?? '0'),
  linearizable: false,
  members: (reply.members ?? []).map((member) => ({
    id: hexId(member.ID),
    name: member.name ?? '',
    peerURLs: [...(member.peerURLs ?? [])],
    clientURLs: [...(member.clientURLs ?? [])],
    isLearner: member.isLearner ?? false,
  })),
  elapsedMs,
});
