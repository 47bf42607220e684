import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { decodeReply, encodeRequest, type Reply } from '../../../support/etcd-client.js';

/** gRPC with as little as it takes, so that a load costs the machine far less than the cluster under it. */
export type RawClient = {
  /** Ask and understand the answer; throws a `GrpcError`. */
  readonly ask: (method: Method, request: object, deadlineMs?: number) => Promise<Reply>;
  /** Ask and throw the answer away as it comes. Resolves with the bytes received; throws a `GrpcError`. */
  readonly call: (request: RawRequest, deadlineMs?: number) => Promise<number>;
  readonly stream: (path: string, on?: RawEvents) => RawStream;
  readonly open: () => boolean;
  readonly close: () => void;
};
export type RawRequest = { readonly path: string; readonly frame: Buffer };
export type RawEvents = {
  /** Told of every message; its bytes are kept only with `keep`. */
  readonly message?: (bytes: Buffer) => void;
  readonly keep?: boolean;
  readonly end?: (error: GrpcError) => void;
};
export type RawStream = {
  readonly write: (frames: Buffer) => void;
  /** Read nothing more: what the server sends fills the windows, then waits there. */
  readonly pause: () => void;
  readonly cancel: () => void;
};

export type RawOptions = {
  /** Bytes the server may send before this side read them, per stream and per connection; default HTTP/2's 65535. */
  readonly window?: number;
  /** Address to come from. */
  readonly from?: string;
};

type Method = Parameters<typeof encodeRequest>[0];

/** A request that can be sent many times. */
export function prepare(method: Method, request: object): RawRequest {
  const { path, message } = encodeRequest(method, request);
  return { path, frame: frameOf(message) };
}

/** A request message without fields. */
export const emptyRequest = (path: string): RawRequest => ({ path, frame: frameOf(Buffer.alloc(0)) });

export class GrpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(`${code} ${message}`);
    this.code = code;
  }
}

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const CONNECT_MS = 5_000;
const DEFAULT_DEADLINE_MS = 5_000;
/** Bytes in front of every gRPC message: whether it is compressed, and its length. */
const HEAD = 5;
const NOTHING = Buffer.alloc(0);

/** Connect to a member; throws when it does not answer. With authentication it logs in. */
export async function connectRaw(cluster: Cluster, member: Member, options: RawOptions = {}): Promise<RawClient> {
  const session = await openSession(member, options);
  const headers: Record<string, string> = { 'content-type': 'application/grpc', te: 'trailers' };
  if (cluster.auth !== undefined) headers.token = await login(member, cluster.auth);

  const request = (path: string): ClientHttp2Stream =>
    session.request({ ...headers, [constants.HTTP2_HEADER_METHOD]: 'POST', [constants.HTTP2_HEADER_PATH]: path });

  const exchange = (
    { path, frame }: RawRequest,
    take: (data: Buffer) => void,
    deadlineMs = DEFAULT_DEADLINE_MS,
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      if (session.destroyed) return reject(new GrpcError(UNAVAILABLE, 'the connection is gone'));
      const stream = request(path);
      let received = 0;
      const timer = setTimeout(() => {
        stream.close(constants.NGHTTP2_CANCEL);
        reject(new GrpcError(DEADLINE_EXCEEDED, `no answer within ${deadlineMs} ms`));
      }, deadlineMs);
      stream.on('data', (data: Buffer) => {
        received += data.length;
        take(data);
      });
      onStatus(stream, (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve(received);
        else reject(error);
      });
      stream.end(frame);
    });

  return {
    open: () => !session.closed && !session.destroyed,
    // Not at once: destroyed from within the end of one of its streams, over TLS, node 20 resets streams for ever.
    close: () => void setImmediate(() => session.destroy()),
    call: (asked, deadlineMs) => exchange(asked, () => undefined, deadlineMs),
    ask: async (method, asked, deadlineMs) => {
      const parts: Buffer[] = [];
      await exchange(prepare(method, asked), (data) => parts.push(data), deadlineMs);
      return decodeReply(method, Buffer.concat(parts).subarray(HEAD));
    },
    stream: (path, on = {}) => {
      if (session.destroyed) throw new GrpcError(UNAVAILABLE, 'the connection is gone');
      const stream = request(path);
      stream.on('data', messageReader(on.keep ?? false, on.message ?? (() => undefined)));
      onStatus(stream, (error) => on.end?.(error ?? new GrpcError(0, 'the stream ended')));
      return {
        write: (frames) => {
          if (!stream.destroyed) stream.write(frames);
        },
        pause: () => stream.pause(),
        cancel: () => stream.close(constants.NGHTTP2_CANCEL),
      };
    },
  };
}

function frameOf(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Finds gRPC messages in a stream of bytes. */
function messageReader(keep: boolean, found: (bytes: Buffer) => void): (data: Buffer) => void {
  let head = NOTHING;
  let left = 0;
  let parts: Buffer[] = [];
  const complete = () => {
    found(keep ? Buffer.concat(parts) : NOTHING);
    head = NOTHING;
    parts = [];
  };
  return (data) => {
    let at = 0;
    while (at < data.length) {
      if (head.length < HEAD) {
        const taken = data.subarray(at, at + HEAD - head.length);
        head = Buffer.concat([head, taken]);
        at += taken.length;
        if (head.length < HEAD) return;
        left = head.readUInt32BE(1);
      } else {
        const taken = data.subarray(at, at + left);
        if (keep) parts.push(taken);
        left -= taken.length;
        at += taken.length;
      }
      if (left === 0) complete();
    }
  };
}

/** Tells once how a stream ended: undefined for gRPC's OK. */
function onStatus(stream: ClientHttp2Stream, told: (error?: GrpcError) => void): void {
  let status: GrpcError | undefined | 'open' = 'open';
  const see = (headers: Record<string, unknown>) => {
    const code = headers['grpc-status'];
    if (code !== undefined)
      status = code === '0' ? undefined : new GrpcError(Number(code), String(headers['grpc-message'] ?? ''));
  };
  stream.on('response', see);
  stream.on('trailers', see);
  stream.on('error', () => undefined);
  stream.on('close', () => told(status === 'open' ? new GrpcError(UNAVAILABLE, 'the stream broke off') : status));
}

function openSession(member: Member, { window, from }: RawOptions): Promise<ClientHttp2Session> {
  const { hostname: host, port, protocol, origin } = new URL(member.clientUrl);
  const own = from === undefined ? {} : { localAddress: from };
  const target = { host, port: Number(port), ...own };
  const tls = { ...member.credentials, rejectUnauthorized: false, servername: 'localhost', ALPNProtocols: ['h2'] };
  return new Promise((resolve, reject) => {
    const session = connect(origin, {
      createConnection: () => (protocol === 'https:' ? connectTls({ ...target, ...tls }) : connectTcp(target)),
      ...(window === undefined ? {} : { settings: { initialWindowSize: window } }),
    });
    const timer = setTimeout(() => session.destroy(), CONNECT_MS);
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      if (window !== undefined) session.setLocalWindowSize(window);
      resolve(session);
    });
    // Streams tell their callers themselves; a session without a listener would end the process.
    session.on('error', () => undefined);
    session.on('close', () => {
      clearTimeout(timer);
      reject(new GrpcError(UNAVAILABLE, `no connection to ${member.name}`));
    });
  });
}

async function login(member: Member, auth: { user: string; password: string }): Promise<string> {
  const client = await member.client();
  try {
    const { token } = await client.call('Authenticate', { name: auth.user, password: auth.password });
    return String(token);
  } finally {
    client.close();
  }
}
