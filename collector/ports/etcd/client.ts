import { type CallOptions, status as grpcStatus, type StatusObject } from '@grpc/grpc-js';
import type { CollectOptions } from '../../options.js';
import { type MemberTarget, ProbeError } from '../../probe.js';
import type { EtcdCall, EtcdPort } from '../etcd.js';
import { splitHostPort } from '../host-port.js';
import { createRequestCounter } from '../requests.js';
import { loadTlsMaterial, type TlsMaterial } from '../tls.js';
import { hashKVAnswer, statusArtifact } from './answers.js';
import { type EtcdChannel, openChannel } from './channel.js';
import type { HashKVReply, StatusReply } from './descriptor.js';
import { opensTcp, schemeFault, speaksTls, tlsFault } from './diagnose.js';
import { clean, fromStatus, isVague } from './errors.js';
import type { CallNotes } from './read-list.js';
import {
  ALARMS,
  countRange,
  countRead,
  LONG,
  MEMBER_LIST,
  memberListArtifact,
  ownRpc,
  PLAIN,
  QUORUM,
  type Rpc,
} from './rpcs.js';

/** Bound of the request that asks a failed connection for its reason, ms. */
const WHY_MS = 400;

interface Connection {
  readonly channel: EtcdChannel;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  token?: string;
  /** Final answer of the login, so that a wrong password is tried once per endpoint. */
  loginRefused?: ProbeError;
  serverHasNoAuth?: boolean;
  /** Fault found below gRPC; a look is taken once. */
  fault?: Promise<ProbeError | undefined>;
}

/**
 * The only door to etcd's gRPC. etcd3 asks MemberList, Alarm and Range; Status (with the fields of 3.6), HashKV and the
 * login go through an own descriptor, because etcd3 1.1.2 lacks the fields and its hashKV call is broken. Both share one
 * guarded channel per endpoint. Throws ProbeError `file-missing` / `file-access` when a TLS file cannot be read.
 */
export const createEtcdPort = (options: Pick<CollectOptions, 'tls' | 'auth'>): EtcdPort => {
  const material = loadTlsMaterial(options.tls);
  const connections = new Map<string, Connection>();
  const counter = createRequestCounter();

  const keyOf = ({ tls, endpoint }: MemberTarget): string => `${tls ? 'https' : 'http'}://${endpoint}`;

  const connectionOf = (member: MemberTarget): Connection => {
    if (member.endpoint === '') {
      throw new ProbeError(
        'unreachable',
        'target-unreachable',
        'the member has no client URL: it was added but never started',
      );
    }
    const key = keyOf(member);
    const known = connections.get(key);
    if (known !== undefined) return known;
    const made = {
      ...splitHostPort(member.endpoint),
      tls: member.tls,
      channel: openChannel(member.endpoint, member.tls, material),
    };
    connections.set(key, made);
    return made;
  };

  const loginTo = async (connection: Connection, member: MemberTarget, call: EtcdCall): Promise<string | undefined> => {
    const { auth } = options;
    if (auth === undefined || connection.serverHasNoAuth === true) return undefined;
    if (connection.token !== undefined) return connection.token;
    if (connection.loginRefused !== undefined) throw connection.loginRefused;
    const request = { name: auth.user, password: auth.password };
    try {
      const rpc = ownRpc<{ token: string }>('Auth/Authenticate', request, QUORUM, 'never');
      connection.token = (await exchange(connection, member, rpc, call, undefined)).token;
      return connection.token;
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      if (/authentication is not enabled/.test(error.message)) {
        connection.serverHasNoAuth = true;
        return undefined;
      }
      if (error.state === 'denied') connection.loginRefused = error;
      throw error;
    }
  };

  /** One request on the wire. */
  const exchange = async <T>(
    connection: Connection,
    member: MemberTarget,
    rpc: Rpc<T>,
    call: EtcdCall,
    token: string | undefined,
  ): Promise<T> => {
    if (call.signal.aborted) throw gaveUp(rpc.name);
    let received: StatusObject | undefined;
    const timeoutMs = beforeAbort(call.timeoutMs);
    const notes: CallNotes = {
      signal: call.signal,
      ...(token === undefined ? {} : { token }),
      onSend: () => counter.count(member.id, call.round),
      onStatus: (status) => {
        received = status;
      },
    };
    const callOptions: CallOptions & { notes: CallNotes } = { deadline: Date.now() + timeoutMs, notes };
    // Looked at before the deadline, so that a silent endpoint costs one timeout and no more.
    let tcp: Promise<boolean> | undefined;
    const look = setTimeout(() => {
      if (!connection.channel.isReady()) tcp = opensTcp(connection.host, connection.port, timeoutMs / 3);
    }, timeoutMs / 2);
    try {
      return await rpc.send(connection.channel, callOptions);
    } catch (error) {
      if (error instanceof ProbeError) throw error;
      if (received === undefined) throw new ProbeError('failed', 'unexpected', `${rpc.name}: ${clean(String(error))}`);
      if (call.signal.aborted && received.code === grpcStatus.CANCELLED) throw gaveUp(rpc.name);
      const fault = isVague(received) ? await faultBelow(connection, material) : undefined;
      if (fault !== undefined)
        throw new ProbeError(fault.state, fault.reason, fault.message, { grpcStatus: 'UNAVAILABLE' });
      const failure = fromStatus(received, rpc.name, rpc.meaning);
      if (failure.reason === 'not-answering' && tcp !== undefined && !(await tcp)) {
        throw new ProbeError('timeout', 'connection-timeout', `${failure.message}; TCP did not open`, failure.detail);
      }
      throw failure;
    } finally {
      clearTimeout(look);
    }
  };

  const ask = async <T>(
    member: MemberTarget,
    rpc: Rpc<T>,
    call: EtcdCall,
  ): Promise<{ reply: T; elapsedMs: number }> => {
    const connection = connectionOf(member);
    const timed = async (token: string | undefined) => {
      const startedAt = performance.now();
      const reply = await exchange(connection, member, rpc, call, token);
      return { reply, elapsedMs: performance.now() - startedAt };
    };
    if (rpc.login === 'never') return timed(undefined);
    const token = rpc.login === 'always' ? await loginTo(connection, member, call) : connection.token;
    try {
      return await timed(token);
    } catch (error) {
      // Either nobody logged in yet, or the token ran out (simple tokens live 5 minutes, --auth-token-ttl).
      if (!(error instanceof ProbeError) || error.reason !== 'auth-required' || options.auth === undefined) throw error;
      delete connection.token;
      return timed(await loginTo(connection, member, call));
    }
  };

  const port: EtcdPort = {
    status: async (member, call) => {
      const rpc = ownRpc<StatusReply>('Maintenance/Status', {}, PLAIN, 'if-refused');
      const { reply, elapsedMs } = await ask(member, rpc, call);
      return statusArtifact(reply, elapsedMs);
    },
    memberList: async (member, call) => {
      const { reply, elapsedMs } = await ask(member, MEMBER_LIST, call);
      return memberListArtifact(reply, elapsedMs);
    },
    hashKV: async (member, revision, call) => {
      const rpc = ownRpc<HashKVReply>('Maintenance/HashKV', { revision }, LONG, 'always');
      const { reply, elapsedMs } = await ask(member, rpc, call);
      return hashKVAnswer(reply, elapsedMs);
    },
    alarms: async (member, call) => (await ask(member, ALARMS, call)).reply,
    countRead: async (member, { serializable, anonymous }, call) => {
      const rpc = countRead(serializable, anonymous ? 'never' : 'always');
      const { elapsedMs } = await ask(member, rpc, call);
      return { elapsedMs };
    },
    countRange: async (member, prefix, call) => {
      const { reply, elapsedMs } = await ask(member, countRange(prefix), call);
      return { count: reply.count, revision: reply.header?.revision ?? '0', elapsedMs };
    },
    connect: async (member, call) => {
      const { channel } = connectionOf(member);
      const ready = channel.waitReady(Date.now() + beforeAbort(call.timeoutMs));
      const came = await untilAbort(ready, call.signal).catch(() => false);
      // A channel does not say why it cannot connect; a request does.
      if (!came) await port.status(member, { ...call, timeoutMs: Math.min(call.timeoutMs, WHY_MS) });
      return channel.connectMs() ?? 0;
    },
    requests: counter.requests,
    leave: (member) => {
      const key = keyOf(member);
      connections.get(key)?.channel.close();
      connections.delete(key);
    },
    close: () => {
      for (const { channel } of connections.values()) channel.close();
      connections.clear();
    },
  };
  return port;
};

/** Below the item's own limit, so that grpc-js can still say why it was silent. */
const beforeAbort = (timeoutMs: number): number => Math.max(timeoutMs * 0.95 - 20, 20);

const gaveUp = (rpc: string): ProbeError =>
  new ProbeError('timeout', 'item-timeout', `${rpc}: no answer within the item's time`);

const faultBelow = (connection: Connection, material: TlsMaterial): Promise<ProbeError | undefined> => {
  const { host, port, tls } = connection;
  connection.fault ??= tls
    ? tlsFault(host, port, material)
    : speaksTls(host, port).then((yes) => (yes ? schemeFault(host, port, false) : undefined));
  return connection.fault;
};

const untilAbort = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(gaveUp('connect'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
